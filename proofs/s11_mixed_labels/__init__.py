"""Claims of section 11: labels of several kinds in one training set."""
