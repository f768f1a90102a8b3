"""Reading and writing of activations, certificates and results: writes are atomic, and loading never runs code."""
