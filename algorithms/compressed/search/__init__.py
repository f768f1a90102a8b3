"""Searches for minimal and simple matches on compressed activations."""
