"""Claims of section 7: Concentration and universality."""
