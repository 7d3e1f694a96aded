"""Claims of section 16: kernels on known domains."""
