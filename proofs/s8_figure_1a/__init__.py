"""Claims of section 8: The numbers of figure 1a."""
