"""The effective theory of two-point training, against trained networks."""
