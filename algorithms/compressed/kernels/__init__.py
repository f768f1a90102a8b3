"""Linear algebra of the compressed problem: products, triangles, and how many threads they take."""
