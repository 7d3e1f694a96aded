"""Claims of section 12: Random features."""
