"""The public functions: known answers, containers and dtypes, orders, radii and completeness."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

import spanmatch
from spanmatch import Match, Neuron, exact
from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import rounds
from spanmatch.algorithms.results import MatchRadii
from spanmatch.synthetic.strategies.activations import Case, activation_cases
from spanmatch.theory import TableCover, brute_force
from spanmatch.theory.errors import InvalidOption

# Tiny examples have hardly more inputs than neurons.
pytestmark = pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")

generated = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Columns of X: cosines .8 and .6 with e1, then e3. Columns of Y: e1, e3, e4. (x0, y0) at .6, (x1, y0) at .8.
X = np.array([[4, 3, 0, 0], [3, 0, 0, 0], [0, 4, 0, 0], [0, 0, 2, 0]])
Y = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 5, 0]])
X = np.vstack([X, [0, 0, 0, 0]])
Y = np.vstack([Y, [0, 0, 7]])


class TestKnownAnswers:
    def test_t8(self) -> None:
        """Both minimal matches of x, each by its order of removal; the union is no simple match."""
        x = np.array([[3.0], [4.0], [0.0]])
        both = np.hstack([2 * x, -x])
        assert spanmatch.max_match(x, both, 0.0) == Match([0], [0, 1])
        assert spanmatch.min_match(x, both, 0.0, ("x", 0), order=[("y", 0)]) == Match([0], [1])
        assert spanmatch.min_match(x, both, 0.0, ("x", 0), order=[("y", 1)]) == Match([0], [0])
        found = spanmatch.simple_matches(x, both, 0.0)
        assert set(found) == {Match([0], [0]), Match([0], [1])}
        assert not spanmatch.is_match(x, both, 0.0, ([0], []))

    def test_by_hand(self) -> None:
        """X* at .7 is x0, x2; the dead x3 matches anything. r(y0 | x0, x1) is below r(y0 | x0) = .6."""
        assert spanmatch.max_match(X, Y, 0.7) == Match([0, 2, 3], [0, 1])
        assert spanmatch.max_match(X, Y, 0.5) == Match([2, 3], [1])
        assert spanmatch.max_match(X, Y, 0.9) == Match([0, 1, 2, 3], [0, 1])
        assert spanmatch.similarity(X, Y, 0.7) == 5 / 7
        assert spanmatch.is_match(X, Y, 0.7, Match([0], [0]))
        assert not spanmatch.is_match(X, Y, 0.7, Match([0, 1], [0]))
        assert not spanmatch.is_match(X, Y, 0.7, Match([0], [0, 1]))
        assert spanmatch.is_match(X, Y, 0.0, Match())
        assert spanmatch.min_match(X, Y, 0.7, ("x", 0)) == Match([0], [0])
        assert spanmatch.min_match(X, Y, 0.7, ("x", 1)) is None
        assert spanmatch.min_match(X, Y, 0.7, ("x", 3)) == Match([3], [])

    def test_residuals(self) -> None:
        """In index order, against the pair's own other side; dead ones have 0."""
        rx, ry = spanmatch.residuals(X, Y, ({3, 1, 0}, {0, 2}))
        assert rx == pytest.approx([0.6, 0.8, 0.0], abs=1e-14)
        # e1 against span((4,3,0), (3,0,4)): the normal is (12, -16, -9) / sqrt(481).
        assert ry == pytest.approx([12 / math.sqrt(481), 1.0], abs=1e-14)
        rx, ry = spanmatch.residuals(X, Y, Match())
        assert (rx.shape, ry.shape) == ((0,), (0,))

    def test_radii(self) -> None:
        """y0 stays while x0 does, and r(y0 | x0) = .6; x1 goes at .8, and nothing else hangs on it."""
        radii = spanmatch.match_radii(X, Y)
        assert radii.x == pytest.approx([0.6, 0.8, 0.0, 0.0], abs=1e-12)
        assert radii.y == pytest.approx([0.6, 0.0, 1.0], abs=1e-12)
        squares = exact.match_radii(X, Y)
        assert squares.x == (Fraction(9, 25), Fraction(16, 25), 0, 0)
        assert squares.y == (Fraction(9, 25), 0, 1)
        assert squares.max_match(Fraction(3, 5)) == Match([0, 2, 3], [0, 1])
        assert squares.max_match(Fraction(3, 5) - Fraction(1, 10**20)) == Match([2, 3], [1])

    def test_exact_decides_equality(self) -> None:
        """r = 3/5 exactly: within Fraction(3, 5); the float .6 lies just below 3/5."""
        assert ("x", 0) in exact.max_match(X, Y, Fraction(3, 5))
        assert Fraction(0.6) < Fraction(3, 5)
        assert ("x", 0) not in exact.max_match(X, Y, 0.6)
        assert exact.residuals_squared(X, Y, ([0, 1], [0])) == (
            (Fraction(9, 25), Fraction(16, 25)),
            (Fraction(144, 481),),
        )
        assert exact.similarity(X, Y, Fraction(3, 5)) == Fraction(5, 7)
        assert exact.is_match(X, Y, Fraction(3, 5), ([0], [0]))
        assert exact.min_match(X, Y, Fraction(3, 5), ("y", 0)) == Match([0], [0])
        assert set(exact.simple_matches(X, Y, Fraction(3, 5))) == {
            Match([3], []),
            Match([0], [0]),
            Match([2], [1]),
        }

    def test_exact_takes_fractions_and_scalars_of_numpy(self) -> None:
        third = np.array([[Fraction(1, 3), np.int64(2**62)], [Fraction(2, 3), np.float32(0.5)]], dtype=object)
        whole = np.array([[1, 2**63], [2, 1]], dtype=object)
        assert exact.max_match(third, whole, 0) == Match([0, 1], [0, 1])
        assert exact.residuals_squared(third, whole, ([0], [0])) == ((0,), (0,))
        huge = np.array([[10**400], [1]], dtype=object)
        assert exact.max_match(huge, huge * 3, 0) == Match([0], [0])
        assert exact.max_match(huge, huge * 3 + 1, 0) == Match()


def each_dtype() -> dict[str, Callable[[np.ndarray], Any]]:
    """Containers and dtypes that hold small integers exactly."""

    class HasArray:
        def __init__(self, values: np.ndarray) -> None:
            self.values = values

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
            return np.array(self.values, dtype=dtype)

    def strided(Z: np.ndarray) -> np.ndarray:
        wide = np.full((3 * len(Z), 2 * Z.shape[1]), np.nan)
        wide[::3, ::2] = Z
        return wide[::3, ::2]

    integers = [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
    names = ("float16", "float32", "float64", *integers)
    dtypes: dict[str, Callable[[np.ndarray], Any]] = {
        name: lambda Z, name=name: np.asarray(Z).astype(name) for name in names  # type: ignore[misc]
    }
    tensors: dict[str, Callable[[np.ndarray], Any]] = {
        f"torch {dtype}": lambda Z, dtype=dtype: torch.tensor(Z).to(dtype)  # type: ignore[misc]
        for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32, torch.uint8)
    }
    return {
        **dtypes,
        **tensors,
        "big-endian": lambda Z: Z.astype(">f8"),
        "requires grad": lambda Z: torch.tensor(Z, dtype=torch.float64, requires_grad=True),
        "parameter": lambda Z: torch.nn.Parameter(torch.tensor(Z, dtype=torch.float32)),
        "Fortran order": np.asfortranarray,
        "strided view": strided,
        "reversed view": lambda Z: Z[::-1][::-1],
        "transposed tensor": lambda Z: torch.tensor(np.ascontiguousarray(Z.T)).T,
        "list": lambda Z: Z.tolist(),
        "tuple of tuples": lambda Z: tuple(map(tuple, Z.tolist())),
        "__array__": HasArray,
        "read-only": lambda Z: np.broadcast_to(Z, (1, *Z.shape))[0],
    }


@pytest.mark.parametrize("container", each_dtype())
def test_every_container_gives_the_answer_of_float64(container: str) -> None:
    make = each_dtype()[container]
    A, B = make(X), make(Y)
    expected = spanmatch.match_radii(X.astype(np.float64), Y.astype(np.float64))
    found = spanmatch.match_radii(A, B)
    assert np.abs(found.x - expected.x).max() < 1e-12
    assert np.abs(found.y - expected.y).max() < 1e-12
    assert spanmatch.max_match(A, B, 0.7) == Match([0, 2, 3], [0, 1])
    assert spanmatch.max_match(make(X), Y, 0.7) == Match([0, 2, 3], [0, 1])
    assert exact.match_radii(A, B) == exact.match_radii(X, Y)


def test_the_coarser_dtype_sets_the_rank_tolerance() -> None:
    tau = {d: spanmatch.compress(X.astype(d), Y.astype(d)).tau for d in ("float16", "float32", "float64", "int8")}
    assert tau["float16"] > tau["float32"] > tau["float64"] == tau["int8"]
    assert spanmatch.compress(X.astype("float32"), Y.astype("float64")).tau == tau["float32"]
    assert spanmatch.compress(torch.tensor(X).bfloat16(), Y).dtypes == ("bfloat16", "int64")
    assert spanmatch.compress(torch.tensor(X).bfloat16(), Y).tau > tau["float16"]


class TestOrders:
    def test_every_order_gives_a_minimal_match(self) -> None:
        """y0 + y1, y0, y1, y0 - y1 against both: many minimal matches, all reached by some order."""
        A = np.array([[1, 1, 0, 1], [1, 0, 1, -1], [0, 0, 0, 0], [0, 0, 0, 0]])
        B = np.array([[1, 0, 1], [0, 1, 2], [0, 0, 0], [0, 0, 0]])
        truth = brute_force(ExactGeometry(A, B).at(0))
        v = Neuron("x", 0)
        others = [u for u in truth.maximum if u != v]
        compressed = spanmatch.compress(A, B)
        found = {compressed.min_match(0.0, v, order=order) for order in permutations(others, 6)}
        assert found == set(truth.minimal[v])
        assert len(found) > 5
        assert {exact.min_match(A, B, 0, v, order=others[k:]) for k in range(6)} <= found

    @settings(generated, max_examples=60)
    @given(activation_cases())
    def test_minimal_match_or_none(self, case: Case) -> None:
        """At epsilon 0, where integers leave floats no doubt: any order, by brute force; None outside the maximum."""
        truth = brute_force(ExactGeometry(case.X, case.Y).at(0))
        compressed = spanmatch.compress(case.X, case.Y, rank_tol=1e-9)
        everything = Match.everything(compressed.m, compressed.n).neurons
        for v in everything:
            for order in (None, [], everything, everything[::-1], [v], [everything[-1]] * 2):
                found = compressed.min_match(0.0, v, order=order)
                assert found in truth.minimal.get(v, (None,))  # type: ignore[comparison-overlap]


class TestSimpleMatches:
    @settings(generated, max_examples=120)
    @given(activation_cases())
    def test_completeness_is_never_claimed_wrongly(self, case: Case) -> None:
        truth = brute_force(ExactGeometry(case.X, case.Y).at(0))
        for found in (spanmatch.simple_matches(case.X, case.Y, 0.0), exact.simple_matches(case.X, case.Y, 0)):
            assert set(found) <= set(truth.simple)
            assert len(found) == len(set(found)) == len(found.matches)
            assert list(found) == sorted(found, key=lambda match: (len(match), sorted(match.x), sorted(match.y)))
            if found.complete:
                assert set(found) == set(truth.simple)

    def test_complete_where_proved(self) -> None:
        e1, e2 = np.eye(3)[:, :1], np.eye(3)[:, 1:2]
        assert spanmatch.simple_matches(e1, e2, 0.5) == spanmatch.SimpleMatches((), complete=True)
        dead = spanmatch.simple_matches(np.zeros((3, 2)), e2, 0.5)
        assert (dead.matches, dead.complete) == ((Match([0], []), Match([1], [])), True)
        # Their residual is 0 without any error: decided at epsilon 0 too.
        for e in (0.0, 0.5):
            dead = spanmatch.simple_matches(np.zeros((3, 1)), np.zeros((3, 1)), e)
            assert (dead.matches, dead.complete) == ((Match([], [0]), Match([0], [])), True)
        thrice = spanmatch.simple_matches(e1, np.hstack([e1, e1, e1]), 0.5)
        assert set(thrice) == {Match([0], [j]) for j in range(3)}


class TestRadii:
    radii = MatchRadii(np.array([0.25, 1.0, 0.0]), np.array([0.25]), error=1e-3)

    def test_similarity_is_a_step_function(self) -> None:
        assert self.radii.similarity(0.25) == 0.75
        assert self.radii.similarity(0.2499) == 0.25
        assert isinstance(self.radii.similarity(0), float)
        assert isinstance(self.radii.similarity(np.array(0.5)), float)
        assert isinstance(self.radii.similarity(np.float32(0.5)), float)
        assert self.radii.similarity([0.0, 0.3]).tolist() == [0.25, 0.75]
        assert self.radii.similarity(np.array([[0.0], [0.3]])).tolist() == [[0.25], [0.75]]
        assert self.radii.similarity((0.0,)).shape == (1,)  # type: ignore[call-overload]
        assert self.radii.similarity(np.zeros((2, 0))).shape == (2, 0)
        assert self.radii.similarity([]).dtype == np.float64

    def test_breakpoints_and_area(self) -> None:
        assert self.radii.breakpoints.tolist() == [0.0, 0.25]
        assert self.radii.area == pytest.approx(1 - 1.5 / 4)

    def test_margin_and_undecided(self) -> None:
        assert self.radii.margin(0.5) == 0.25
        assert self.radii.margin(0.9) == pytest.approx(0.1)
        assert self.radii.undecided(0.2505) == Match([0], [0])
        assert self.radii.undecided(0.252) == Match()
        assert self.radii.max_match(0.25) == Match([0, 2], [0])

    def test_area_is_the_integral_of_similarity(self) -> None:
        rng = np.random.default_rng(0)
        for policy in ("match", "unmatched", "drop"):
            A, B = (rng.standard_normal((40, 3)) @ rng.standard_normal((3, 5)) for _ in range(2))
            A, B = A + 0.2 * rng.standard_normal(A.shape), B + 0.5 * A
            A[:, 2] = B[:, 0] = B[:, 4] = 0
            radii = spanmatch.match_radii(A, B, dead_neurons=policy)  # type: ignore[arg-type]
            steps = np.concatenate([[0.0], radii.breakpoints, [1.0]])
            middles = (steps[1:] + steps[:-1]) / 2
            heights = radii.similarity(middles)
            assert radii.area == pytest.approx(float(np.diff(steps) @ heights))
            assert 0.02 < radii.area < 0.98
            assert radii.similarity(middles) == pytest.approx(
                [spanmatch.similarity(A, B, e, dead_neurons=policy) for e in middles]  # type: ignore[call-overload]
            )
            assert [radii.max_match(e) for e in middles] == [
                spanmatch.max_match(A, B, e, dead_neurons=policy) for e in middles  # type: ignore[arg-type]
            ]

    def test_repr(self) -> None:
        assert repr(self.radii) == "MatchRadii(3 + 1 neurons, 0 dead, area 0.6250, 2 breakpoints, error <= 1.0e-03)"
        assert repr(spanmatch.compress(X, Y)).startswith(
            "Compressed(4 + 3 neurons, 5 inputs, ranks 3 + 3, 1 dead, int64/int64, tau "
        )


def test_compressed_answers_as_the_functions_do() -> None:
    compressed = spanmatch.compress(X, Y)
    assert (compressed.inputs, compressed.m, compressed.n) == (5, 4, 3)
    assert (compressed.ranks, compressed.dead, compressed.dtypes) == ((3, 3), Match([3], []), ("int64", "int64"))
    for epsilon in (0.0, 0.5, 0.7, 0.9):
        assert compressed.max_match(epsilon) == spanmatch.max_match(X, Y, epsilon)
        assert compressed.similarity(epsilon) == spanmatch.similarity(X, Y, epsilon)
        assert compressed.simple_matches(epsilon) == spanmatch.simple_matches(X, Y, epsilon)
        assert compressed.is_match(epsilon, ([0], [0])) == spanmatch.is_match(X, Y, epsilon, ([0], [0]))
        minimal = compressed.min_match(epsilon, ("x", 2))
        assert minimal == spanmatch.min_match(X, Y, epsilon, ("x", 2)) == Match([2], [1])
    assert np.array_equal(compressed.match_radii().x, spanmatch.match_radii(X, Y).x)
    assert np.array_equal(compressed.residuals(([1], [0]))[0], spanmatch.residuals(X, Y, ([1], [0]))[0])


def test_rounds_that_remove_nothing_are_not_counted() -> None:
    """Nothing to remove; all at once; and first y1, which nothing covers, then all that needed it."""
    e = np.eye(4)
    for X, Y, expected in ((e[:, :2], e[:, :2], 0), (e[:, :2], e[:, 2:], 1)):
        assert rounds(ExactGeometry(X, Y).at(0)) == expected
    chain = TableCover.of(x=[[{0, 1}], [{1}]], y=[[{1}], []])
    assert rounds(chain) == 2


def test_few_rounds_at_epsilon_zero() -> None:
    """A3: each half-round lowers the rank, so at most (min(rank) + 3)/2 rounds; of this chain of rank 3 that many."""
    e = np.eye(4, dtype=int)
    chain = ExactGeometry(np.c_[e[0], e[1] + e[2], e[2]], np.c_[e[0] + e[1], e[1], e[2] + e[3], e[3]])
    rng = np.random.default_rng(0)
    layers = [chain]
    for _ in range(100):
        inputs, *neurons = (int(count) for count in rng.integers(2, 6, 3))
        shapes = [(inputs, count) for count in neurons]
        layers.append(ExactGeometry(*(rng.integers(-1, 2, shape) * rng.integers(0, 2, shape) for shape in shapes)))
    spare = [(min(one.rank("x"), one.rank("y")) + 3) // 2 - rounds(one.at(0)) for one in layers]
    assert min(spare) == spare[0] == 0


def test_smallest_epsilon_is_where_a_match_of_that_size_begins() -> None:
    E = np.eye(5)
    X, Y = E[:, :3], np.column_stack([E[0], 0.8 * E[1] + 0.6 * E[3], 0.6 * E[2] + 0.8 * E[4]])
    radii = spanmatch.match_radii(X, Y)
    assert [radii.smallest_epsilon(k) for k in range(7)] == pytest.approx([0, 0, 0, 0.6, 0.6, 0.8, 0.8])
    rx, ry = spanmatch.residuals(X, Y, Match.everything(3, 3))
    assert radii.smallest_epsilon() == pytest.approx(max(*rx, *ry))
    with pytest.raises(InvalidOption, match="neurons: got 7"):
        radii.smallest_epsilon(7)
