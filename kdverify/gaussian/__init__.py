"""The theory of Gaussian rows: equation (2) and what follows from it (sections 1 to 8)."""
