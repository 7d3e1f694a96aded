"""Claims of section 1: The fixed point."""
