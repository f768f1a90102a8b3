"""Simple matches as the minimal matches of all neurons (T7)."""

from __future__ import annotations

from functools import partial

from ..theory.covers import Cover
from . import reference
from .peeling import batch_peel
from .results import SimpleMatches


def minimal_of_each(cover: Cover) -> SimpleMatches:
    """One minimal match (A2 over A3) for every neuron of the maximum match, each listed once.

    Every one of them is simple (T7). They are proved to be all only where there is nothing to find: an empty maximum
    match, or one whose neurons all have a minimal match of their own alone (then any match is a union of these).
    """
    matches = reference.simple_matches(cover, min_match=partial(reference.min_match, max_match=batch_peel))
    return SimpleMatches(matches, complete=all(len(match) == 1 for match in matches))
