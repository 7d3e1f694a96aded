"""Claims of section 14: small exact facts."""
