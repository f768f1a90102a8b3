"""Symbolic proofs about spans: T1's Pythagoras step, A4's downdates, T9 to T11, the steps of T19.

Everything is written in Gram matrices of symbols, so the dimension of the space is general; the numbers of neurons are
small. Normal equations are solved by naming their solution: with an invertible Gram matrix G of T, every column of
inner products with T is G c for exactly one c, the coefficients of the best approximation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sympy as sp

from .proof import SymbolicProof, gram_matrix, vector, without

SIZES = (1, 2, 3)


def _pythagoras(square: Callable[[Any, Any], Any]) -> Iterator[Any]:
    for size in SIZES:
        G, c, a, norm = gram_matrix(size), vector("c", size), vector("a", size), sp.Symbol("z")
        nearest = norm - (c.T * G * c)[0]
        other = norm - 2 * (a.T * G * c)[0] + (a.T * G * a)[0]
        yield other - square(nearest, ((a - c).T * G * (a - c))[0])


def _bases() -> Iterator[tuple[Any, Any, Any, Any]]:
    """A basis B by its Gram matrix, the inverse H of that, coefficients t of a vector's projection, its square norm."""
    for size in SIZES:
        G = gram_matrix(size)
        yield G, G.inv(), vector("t", size), sp.Symbol("v")


def _distance_without_first(G: Any, t: Any, norm: Any) -> Any:
    """The squared distance, from its definition, to the span of a basis without its first neuron."""
    products = (G * t)[1:, :]
    if not products.rows:
        return norm
    return norm - (products.T * without(G, 0).inv() * products)[0]


def _shrinking(growth: Callable[[Any, Any], Any]) -> Iterator[Any]:
    for G, H, t, norm in _bases():
        before = norm - (t.T * G * t)[0]
        yield _distance_without_first(G, t, norm) - before - growth(t[0], H[0, 0])


def _tableau(update: Callable[..., Any]) -> Iterator[Any]:
    for G, H, t, _ in _bases():
        rest = range(1, G.rows)
        smaller = without(G, 0)
        new = sp.Matrix([update(t[i], H[i, 0], t[0], H[0, 0]) for i in rest])
        inverse = sp.Matrix(len(rest), len(rest), lambda i, j, H=H: update(
            H[i + 1, j + 1], H[i + 1, 0], H[0, j + 1], H[0, 0]))  # fmt: skip
        if rest:
            yield from smaller * new - (G * t)[1:, :]
            yield from smaller * inverse - sp.eye(len(rest))


def _pivot(update: Callable[..., Any]) -> Iterator[Any]:
    for G, _, t, norm in _bases():
        size = G.rows
        s = vector("s", size)
        # The columns of ``change`` are the new basis in the old one: u = B s takes the place of the first neuron.
        change = sp.eye(size)
        change[:, 0] = s
        new = sp.Matrix([t[0] / s[0], *(update(t[i], s[i], t[0], s[0]) for i in range(1, size))])
        yield from change * new - t
        changed = change.T * G * change
        yield from changed * new - change.T * G * t
        yield (norm - (new.T * changed * new)[0]) - (norm - (t.T * G * t)[0])


def _edges(distance: Callable[..., Any]) -> Iterator[Any]:
    for G, H, c, _ in _bases():
        yield _distance_without_first(G, c, (c.T * G * c)[0]) - distance(c[0], H[0, 0], G[0, 0])


def _closed_blocks(block: Callable[[Any, int], Any]) -> Iterator[Any]:
    for inside, outside in ((1, 1), (1, 2), (2, 1)):
        size = inside + outside
        C = sp.Matrix(size, size, lambda i, j, k=inside: 0 if i >= k > j else sp.Symbol(f"c{i}{j}"))
        yield from block(C.inv(), inside)


def _sizes(sizes: Sequence[tuple[int, int, int]]) -> Iterator[Any]:
    for size, x, y in sizes:
        yield sp.Matrix(size, size, lambda i, j, x=x, y=y: 0 if i >= x and j < y else sp.Symbol(f"c{i}{j}")).det()


def _balanced(square: Callable[..., Any]) -> Iterable[Any]:
    """C has two rows and three columns: three neurons predicted by two."""
    C, E, b = (sp.Matrix(2, 3, lambda i, j, n=n: sp.Symbol(f"{n}{i}{j}")) for n in ("c", "e", "b"))
    kernel = C[0, :].cross(C[1, :]).T
    # Z_A = Z_B C + E with two inputs: along the kernel of C only the error E is left.
    Z_B = b[:, :2]
    yield from (Z_B * C + E) * kernel - E * kernel
    a = vector("a", 3)
    frobenius, length = sum(e**2 for e in E), sum(one**2 for one in a)
    image = E * a
    squares = sum(square(E[r, i], E[r, j], a[i], a[j]) for r in range(2) for i in range(3) for j in range(i + 1, 3))
    yield frobenius * length - sum(one**2 for one in image) - squares


def _kept_part(square: Callable[[Any, Any], Any]) -> Iterator[Any]:
    """z - p is orthogonal to A, so p = q + a with q, a in span A leaves |z - q|^2 = |z - p|^2 + |a|^2."""
    for G, _, t, norm in _bases():
        for kept in range(G.rows):
            q, a = (sp.Matrix([t[i] if (i < kept) == inside else 0 for i in range(G.rows)]) for inside in (True, False))
            missed = norm - 2 * (q.T * G * t)[0] + (q.T * G * q)[0]
            yield missed - square(norm - (t.T * G * t)[0], (a.T * G * a)[0])


def _widened(factor: Callable[[Any], Any]) -> Iterator[Any]:
    """Where |z - p| = |z - p'| = e, |p - p'|^2 = 4 e^2 - |2 z - p - p'|^2; and |a|^2 sin^2 = |p - p'|^2 at most."""
    z, p, q = (vector(name, 2) for name in ("z", "p", "q"))

    def square(u: Any) -> Any:
        return (u.T * u)[0]

    yield square(p - q) - (2 * square(z - p) + 2 * square(z - q) - square(2 * z - p - q))
    epsilon, sine = sp.symbols("epsilon s", positive=True)
    yield epsilon**2 + 4 * epsilon**2 / sine - factor(sine) * epsilon**2


def _wielandt(sine: Callable[[Any], Any]) -> Iterator[Any]:
    """The largest cosine for eigenvalues in [1, k]: equal diagonal entries, and nothing else by the square left."""
    g, h, b, k = sp.symbols("g h b k", positive=True)
    determinant, trace = g * h - b**2, g + h
    yield determinant / (g * h) - 4 * determinant / trace**2 - determinant * (g - h) ** 2 / (g * h * trace**2)
    yield (4 * determinant / trace**2).subs({g: (k + 1) / 2, h: (k + 1) / 2, b: (k - 1) / 2}) - sine(k)
    yield sp.diff(sine(k), k) + 4 * (k - 1) / (k + 1) ** 3


SMALL = "any Gram matrix, so any dimension; spans of 1, 2 and 3 neurons"

PROOFS = (
    SymbolicProof(
        "T1-pythagoras",
        ("T1",),
        "|z - p|^2 = dist(z, span T)^2 + |p - Pz|^2 for every p in span T, so nothing in span T is nearer than Pz",
        SMALL,
        _pythagoras,
        lambda nearest, moved: nearest + moved,
        {
            "the second square subtracted": lambda nearest, moved: nearest - moved,
            "the second square left out": lambda nearest, moved: nearest,
            "twice the second square": lambda nearest, moved: nearest + 2 * moved,
        },
    ),
    SymbolicProof(
        "A4-shrinking",
        ("A4",),
        "when the span shrinks by basis neuron b, dist^2 grows by t_b^2 / H_bb",
        SMALL,
        _shrinking,
        lambda t, corner: t**2 / corner,
        {
            "times H_bb": lambda t, corner: t**2 * corner,
            "without H_bb": lambda t, corner: t**2,
            "not squared": lambda t, corner: t / corner,
            "dist^2 falls": lambda t, corner: -(t**2) / corner,
        },
    ),
    SymbolicProof(
        "A4-tableau",
        ("A4",),
        "the smaller basis has coefficients t_i - H_ib t_b / H_bb and inverse Gram matrix H_ij - H_ib H_bj / H_bb",
        SMALL,
        _tableau,
        lambda entry, left, right, corner: entry - left * right / corner,
        {
            "plus": lambda entry, left, right, corner: entry + left * right / corner,
            "no division": lambda entry, left, right, corner: entry - left * right,
            "left as it was": lambda entry, left, right, corner: entry,
        },
    ),
    SymbolicProof(
        "A4-pivot",
        ("A4",),
        "when a dependent u = B s with s_b not 0 takes b's place, coefficients become t_i - s_i t_b / s_b and "
        "t_b / s_b, and no distance changes",
        SMALL,
        _pivot,
        lambda entry, s, t_b, s_b: entry - s * t_b / s_b,
        {
            "plus": lambda entry, s, t_b, s_b: entry + s * t_b / s_b,
            "left as it was": lambda entry, s, t_b, s_b: entry,
            "u's coefficient on b left out": lambda entry, s, t_b, s_b: entry - s * t_b,
        },
    ),
    SymbolicProof(
        "T10-edges",
        ("T10", "A4"),
        "dist(y, span of X* without x)^2 = C_xy^2 / H_xx, so an edge y -> x is r(y | X* minus x) > 0",
        SMALL,
        _edges,
        lambda c, corner, norm: c**2 / corner,
        {
            "times |x|^2": lambda c, corner, norm: c**2 * norm,
            "without H_xx": lambda c, corner, norm: c**2,
            "not squared": lambda c, corner, norm: c / corner,
        },
    ),
    SymbolicProof(
        "T10-closed-sets",
        ("T10",),
        "where C[outside A, B] = 0 with |A| = |B|, C^-1[outside B, A] = 0: B covered by A makes A covered by B",
        "invertible C of 2 and 3 neurons; that matches are the closed sets follows in words",
        _closed_blocks,
        lambda inverse, k: inverse[k:, :k],
        {
            "the other block of C^-1": lambda inverse, k: inverse[:k, k:],
            "C^-1[B, A]": lambda inverse, k: inverse[:k, :k],
        },
    ),
    SymbolicProof(
        "T9-equal-sizes",
        ("T9", "T10"),
        "where C[outside A, B] = 0 with |B| > |A|, det C = 0: more neurons are never in the span of fewer",
        "C of 2, 3 and 4 neurons; the rest of T9 follows in words",
        _sizes,
        ((2, 0, 1), (2, 1, 2), (3, 1, 2), (3, 0, 1), (3, 2, 3), (4, 1, 2), (4, 2, 3)),
        {"|B| = |A|": ((3, 2, 2),), "|B| < |A|": ((3, 2, 1),)},
    ),
    SymbolicProof(
        "T11-sizes",
        ("T11",),
        "three neurons predicted by two: some a has Z_A a = E a, and |E a|^2 = |E|_F^2 |a|^2 - squares, so "
        "sigma |a| <= |Z_A a| <= epsilon sqrt(3) |a|",
        "3 neurons against 2, 2 inputs; more are alike",
        _balanced,
        lambda e, f, a, b: (e * b - f * a) ** 2,
        {
            "plus in the squares": lambda e, f, a, b: (e * b + f * a) ** 2,
            "no squares": lambda e, f, a, b: 0,
            "indices not crossed": lambda e, f, a, b: (e * a - f * b) ** 2,
        },
    ),
    SymbolicProof(
        "T19-kept-part",
        ("T19",),
        "with p the projection on span A and p = q + a, both parts in span A: |z - q|^2 = |z - p|^2 + |a|^2",
        SMALL,
        _kept_part,
        lambda missed, other: missed + other,
        {
            "subtracted": lambda missed, other: missed - other,
            "twice the part left out": lambda missed, other: missed + 2 * other,
            "nothing lost": lambda missed, other: missed,
        },
    ),
    SymbolicProof(
        "T19-factor",
        ("T19",),
        "|p - p'|^2 <= 4 epsilon^2, so epsilon^2 + |a|^2 is at most (1 + 4/sin^2 theta) epsilon^2",
        "two dimensions for the identity of |p - p'|, general sin^2 theta; the rest follows in words",
        _widened,
        lambda sine: 1 + 4 / sine,
        {
            "2 for 4": lambda sine: 1 + 2 / sine,
            "without the 1": lambda sine: 4 / sine,
            "sin for sin^2": lambda sine: 1 + 4 / sp.sqrt(sine),
        },
    ),
    SymbolicProof(
        "T19-wielandt",
        ("T19",),
        "1 - b^2/(gh) = 4 det/trace^2 + a square, which for eigenvalues 1 and k is 4k/(k + 1)^2 and falls in k",
        "forms of two directions, which the principal angle of two subspaces needs",
        _wielandt,
        lambda k: 4 * k / (k + 1) ** 2,
        {
            "not squared": lambda k: 2 * sp.sqrt(k) / (k + 1),
            "cosine for sine": lambda k: ((k - 1) / (k + 1)) ** 2,
            "1/k": lambda k: 1 / k,
        },
    ),
)
