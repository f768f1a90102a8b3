"""What is true: definitions as literal code, brute force on tiny sets, validation, and the ledger of theorems."""

from .brute_force import BruteForce, brute_force
from .covers import Cover, TableCover
from .matches import Match, Neuron

__all__ = ["BruteForce", "Cover", "Match", "Neuron", "TableCover", "brute_force"]
