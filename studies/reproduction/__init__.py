"""The experiments of the paper by one command: networks trained, compared, drawn."""

from __future__ import annotations

REPRODUCTION_FILES = ("reproduction.json", "similarity.png", "sizes.png", "training.png", "tables.md")
"""What a run writes into its folder, at its end."""
