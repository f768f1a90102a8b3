"""Layers that are never held as a whole: they come batch by batch, or in blocks that a Dask cluster takes in."""
