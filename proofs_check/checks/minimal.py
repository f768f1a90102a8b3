"""T7, T9, T10, T15: all simple matches and all minimal eviction sets, against brute force and against the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

import numpy as np
from hypothesis import assume

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import batch_peel
from ...synthetic.strategies.activations import activation_cases, table_covers
from ...synthetic.strategies.independent import independent_cases
from ...synthetic.strategies.small import Case, Integers
from ...theory.brute_force import BruteForce, brute_force, minimal_evictions
from ...theory.covers import TableCover
from ...theory.graph import coefficient_edges, reachable
from ...theory.matches import Match, Neuron, sort_key
from ..harness.implementations import Implementation
from ..harness.margins import CLEAR, MarginRecorder, match_of
from ..harness.registry import Budget, Counterexample, check, for_all
from .covers import truth_of

evictions_of = lru_cache(maxsize=10_000)(lambda cover: minimal_evictions(truth_of(cover)))


def listed(matches: Iterable[Match]) -> list[Match]:
    return sorted(matches, key=sort_key)


@check("T15-duality-on-covers", "T7 T15", "all simple matches, and for each neuron all minimal eviction sets; each "
       "family consists of the minimal sets that meet every set of the other", "cover_all_simple_matches")
def duality_on_covers(implementation: Implementation, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
        truth, evictions = truth_of(cover), evictions_of(cover)
        _dual(truth, evictions)
        found = implementation.cover_all_simple_matches(cover)
        if listed(found.matches) != list(truth.simple) or not found.complete:
            claim = "all" if found.complete else "not all"
            raise Counterexample(f"{listed(found.matches)} is called {claim} of the simple matches {truth.simple}")
        for v in truth.maximum:
            sets = listed(found.evictions.get(v, ()))
            if sets != list(evictions[v]):
                raise Counterexample(f"the minimal eviction sets of {tuple(v)} are {evictions[v]}, not {sets}")

    return for_all(table_covers(), examine, cases=budget.cases, seed=budget.seed)


def _dual(truth: BruteForce, evictions: dict[Neuron, tuple[Match, ...]]) -> None:
    """T15 itself, from both definitions."""
    for v, sets in evictions.items():
        for family, other in ((truth.minimal[v], sets), (sets, truth.minimal[v])):
            if list(_transversals(other, truth.maximum)) != list(family):
                raise Counterexample(f"T15 fails for {tuple(v)}: minimal matches {truth.minimal[v]}, evictions {sets}")


def _transversals(sets: Sequence[Match], within: Match) -> list[Match]:
    """The minimal parts of ``within`` that meet every one of the sets, smallest first."""
    found: list[Match] = []
    for size in range(len(within) + 1):
        for chosen in map(Match.of, combinations(within, size)):
            if all(chosen & one for one in sets) and not any(smaller <= chosen for smaller in found):
                found.append(chosen)
    return listed(found)


@check("T7-all-simple-by-definition", "T7", "what is said to be all simple matches of activations is what brute force "
       "finds", "all_simple_matches")
def all_simple_by_definition(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        # Copies on both sides: a neuron then has several minimal matches.
        X, Y = (np.hstack([Z, Z[:, :1]]) for Z in (case.X, case.Y))
        doubled = Case(X, Y, case.epsilon)
        for one in (case, doubled) if sum(Z.shape[1] for Z in (doubled.X, doubled.Y)) <= 9 else (case,):
            recorder = MarginRecorder(ExactGeometry(one.X, one.Y), one.epsilon)
            truth = brute_force(recorder.at(one.epsilon))
            assume(recorder.margin > CLEAR)
            _same(implementation, one, truth.simple)

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)


def _same(implementation: Implementation, case: Case, simple: Iterable[Match]) -> None:
    answers = implementation.all_simple_matches(case.X, case.Y, float(case.epsilon))
    found = listed(match_of(answer) for answer in answers)
    if found != listed(simple):
        raise Counterexample(f"all simple matches are said to be {found}, but should be {listed(simple)}")


@check("T7-copies", "T7", "a minimal match never contains a neuron and a copy of it, and each of the two has one",
       "min_match")
def copies(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        m = case.X.shape[1]
        assume(m + 1 + case.Y.shape[1] <= implementation.most_neurons)
        recorder = MarginRecorder(ExactGeometry(case.X, case.Y), case.epsilon)
        maximum = batch_peel(recorder.at(case.epsilon))
        assume(recorder.margin > CLEAR)
        for i in range(m):
            # Twice as long: a copy up to scale, which T12 allows.
            X = np.hstack([case.X, 2 * case.X[:, [i]]])
            for one, other in ((i, m), (m, i)):
                answer = implementation.min_match(X, case.Y, float(case.epsilon), "x", one)
                found = None if answer is None else match_of(answer)
                if (found is not None) != (i in maximum.x):
                    raise Counterexample(f"with x{other} a copy of x{one}, min_match of x{one} is {found}")
                if found and (one not in found.x or other in found.x):
                    raise Counterexample(f"min_match of x{one} is {found}, but x{other} is a copy of it")

    return for_all(activation_cases(), examine, cases=max(1, budget.cases // 2), seed=budget.seed)


@check("T9-lattice", "T9", "exact and independent: the minimal match of each member of a minimal match lies in it, "
       "both sides have the same size, intersections are unions of minimal matches", "min_match")
def lattice(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        assume(sum(Z.shape[1] for Z in (case.X, case.Y)) <= implementation.most_neurons)
        minimal = {}
        for v in batch_peel(ExactGeometry(case.X, case.Y).at(case.epsilon)):
            answer = implementation.min_match(case.X, case.Y, 0.0, v.side, v.index)
            if answer is None:
                raise Counterexample(f"min_match of {tuple(v)} is None, but it is in the maximum match")
            minimal[v] = match_of(answer)
        for v, match in minimal.items():
            if len(match.x) != len(match.y):
                raise Counterexample(f"min_match of {tuple(v)} is {match}, but should have as many x as y")
            for other in minimal.values():
                for u in match & other:
                    if not minimal[u] <= match & other:
                        wrong = f"contains {tuple(u)}, but not its minimal match {minimal[u]}"
                        raise Counterexample(f"the intersection of {match} and {other} {wrong}")
        if len(set(minimal.values())) > len(minimal) // 2:
            raise Counterexample(f"more simple matches than x neurons in the maximum match: {set(minimal.values())}")

    return for_all(independent_cases(), examine, cases=budget.cases, seed=budget.seed)


@check("T10-reachable-sets", "T10 T9", "exact and independent: the simple matches are the sets reachable in the graph "
       "of Z_Y = Z_X C and its inverse", "all_simple_matches")
def reachable_sets(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        assume(sum(Z.shape[1] for Z in (case.X, case.Y)) <= implementation.most_neurons)
        cover = ExactGeometry(case.X, case.Y).at(case.epsilon)
        simple = _reachable(case, batch_peel(cover))
        if listed(simple) != list(brute_force(cover).simple):
            raise Counterexample(f"T10 fails: reachable sets {simple}, simple matches {brute_force(cover).simple}")
        _same(implementation, case, simple)

    return for_all(independent_cases(), examine, cases=budget.cases, seed=budget.seed)


def _reachable(case: Case, maximum: Match) -> list[Match]:
    """The sets reachable from one neuron each in the graph of T10, by rational elimination."""
    C = _solve(case.X[:, sorted(maximum.x)], case.Y[:, sorted(maximum.y)])
    inverse = _solve(case.Y[:, sorted(maximum.y)], case.X[:, sorted(maximum.x)])
    return [Match.of(reach) for reach in set(reachable(maximum, coefficient_edges(maximum, C, inverse)).values())]


def _solve(basis: Integers, vectors: Integers) -> list[list[Fraction]]:
    """The coefficients of vectors in the span of independent columns, by Gauss-Jordan elimination."""
    rank = basis.shape[1]
    rows = [[Fraction(int(entry)) for entry in row] for row in np.hstack([basis, vectors])]
    for column in range(rank):
        pivot = next(r for r in range(column, len(rows)) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for r, row in enumerate(rows):
            if r != column and row[column]:
                rows[r] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    return [row[rank:] for row in rows[:rank]]
