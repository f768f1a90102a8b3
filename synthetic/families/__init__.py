"""Planted activation sets, a family a module: each knows its answer and the reason for it."""
