"""Claims of section 10: two students that share data."""
