"""Claims of section 13: Labels that one does not have."""
