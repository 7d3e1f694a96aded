"""Claims of section 5: The scaling law."""
