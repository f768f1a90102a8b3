"""Activations of any torch model's layers: which modules, what is fed to them, which tensor, which axes."""
