"""Claims of section 15: how far off the equivalents are at finite n."""
