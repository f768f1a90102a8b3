"""Hypothesis strategies over activations, covers and planted sets."""
