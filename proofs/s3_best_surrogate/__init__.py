"""Claims of section 3: The best surrogate."""
