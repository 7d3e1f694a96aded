"""Claims of section 6: Two stages."""
