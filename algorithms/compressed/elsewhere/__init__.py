"""Activations that other array libraries hold: products where they lie, and blocks that are not computed yet."""
