"""Claims of section 2: Model shift: the risk for a given surrogate."""
