"""Torch models compared while they run: the same batches to all, and nothing kept but what the comparison needs."""
