"""What the claims share: symbols, sums, words, matrices of balls, settings of simulations."""
