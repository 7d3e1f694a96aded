"""Claims of section 4: The best mask."""
