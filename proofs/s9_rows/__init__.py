"""Claims of section 9: Rows as they are: real features."""
