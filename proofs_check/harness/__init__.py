"""How one asks: implementations, generated cases, questions about them, and the registry of the checks."""
