"""Layers, certificates and results in and out of files: whole or not at all, and nothing that can run code."""
