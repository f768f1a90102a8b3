"""Figures and the page that people look at. Knows results only."""
