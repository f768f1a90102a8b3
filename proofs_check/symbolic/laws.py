"""Symbolic proofs about chance (T13), robustness (T14) and the effective theory (T16, T17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from ...theory.dynamics import right_hand_side
from .proof import SymbolicProof, vector

Formula = Callable[..., Any]


def _chi_square(x: Any, degrees: Any) -> Any:
    return x ** (degrees / 2 - 1) * sp.exp(-x / 2) / (2 ** (degrees / 2) * sp.gamma(degrees / 2))


def _beta_law(density: Formula) -> Iterator[Any]:
    """r^2 = a/s, a the squares of d - k independent normal numbers outside the span, s the sum of all d squares."""
    s, t, rest, p, k = sp.symbols("s t u p k", positive=True)
    # In the variables s and t = r^2: a = s t, b = s (1 - t); ``rest`` stands for 1 - t.
    a, b = s * t, s * (1 - t)
    jacobian = sp.simplify(sp.Matrix([a, b]).jacobian([s, t]).det())
    yield jacobian + s
    joint = _chi_square(s * t, p) * _chi_square(s * rest, k) * s
    joint = sp.powsimp(sp.expand_power_base(joint)).subs(rest, 1 - t)
    found = sp.integrate(sp.powsimp(sp.simplify(joint)), (s, 0, sp.oo))
    yield sp.gammasimp(sp.simplify(found / density(t, p, k))) - 1


def _moments(moments: Formula) -> Iterator[Any]:
    """E r^2 and E r^4 under Beta(p/2, k/2), by B(a + q, b) / B(a, b)."""
    p, k = sp.symbols("p k", positive=True)
    a, b = p / 2, k / 2
    for order, claimed in enumerate(moments(p + k, k), start=1):
        found = sp.gamma(a + order) * sp.gamma(a + b) / (sp.gamma(a) * sp.gamma(a + b + order))
        yield sp.gammasimp(found) - claimed


def _constant_share(chance_squared: Formula) -> Iterator[Any]:
    """A neuron with uncorrelated entries of mean m and variance v, against noisy copies of the constant vector."""
    m, v, d, g = sp.symbols("m v d g", positive=True)
    # E dist^2 / E |z|^2 against one vector n in d = 3 inputs: Q takes away what lies along n.
    n = vector("n", 3)
    Q = sp.eye(3) - n * n.T / (n.T * n)[0]
    mean_square = sum(Q[i, j] * (m**2 + (v if i == j else 0)) for i in range(3) for j in range(3))
    q = sum(Q[i, j] for i in range(3) for j in range(3)) / 3
    share = m**2 / (m**2 + v)
    yield mean_square / (3 * (m**2 + v)) - (share * q + (1 - share) * (1 - sp.Rational(1, 3)))
    # What k independent copies, constant plus noise along directions of their own, leave of the constant vector.
    for k in (1, 2, 3):
        G = d * m**2 * sp.ones(k, k) + d * v * sp.eye(k)
        products = sp.ones(k, 1) * d * m
        left = 1 - (products.T * G.inv() * products)[0] / d
        left = left.subs(v, m**2 * (1 - g) / g)
        yield (g * (1 - k / d) * left + (1 - g) * (1 - k / d)) - chance_squared(d, k, g)


def _robust(bound: Formula) -> Iterator[Any]:
    """A neuron and two others in two inputs, each moved by a vector of its own."""
    z, moved_z, T, moved_T, c = (
        *(vector(n, 2) for n in ("z", "dz")),
        *(sp.Matrix(2, 2, lambda i, j, n=n: sp.Symbol(f"{n}{i}{j}")) for n in ("t", "dt")),
        vector("c", 2),
    )
    yield from ((z + moved_z) - (T + moved_T) * c) - ((z - T * c) + moved_z - moved_T * c)
    # The three parts are at most epsilon, delta and kappa delta long, the moved neuron at least 1 - delta.
    epsilon, delta, kappa = sp.symbols("epsilon delta kappa", positive=True)
    yield (epsilon + delta + kappa * delta) / (1 - delta) - bound(epsilon, delta, kappa)


def _symbols() -> tuple[Any, ...]:
    return (*sp.symbols("h y X Y eta_h eta_y", positive=True), sp.symbols("w", real=True))


def _flow(equations: Formula) -> Iterator[Any]:
    """h, y, w of r' = ..., u' = ..., v' = ...: r^2 = h, and r (u, v) the outputs' difference along and across dy."""
    r, u, v, s, X, eta_h, eta_y = sp.symbols("r u v s X eta_h eta_y", real=True)
    h, along, across = r**2, r * u, r * v
    dr = -eta_h * X / 2 * (u * (along - s) + v * across)
    du, dv = -eta_y / 2 * (along - s) * r, -eta_y / 2 * across * r
    y = along**2 + across**2
    w = y - s * along
    for quantity, rate in zip((h, y, w), equations((h, y, w), X, s**2, eta_h, eta_y), strict=True):
        yield sp.diff(quantity, r) * dr + sp.diff(quantity, u) * du + sp.diff(quantity, v) * dv - rate


def _conserved(quantity: Formula) -> Iterator[Any]:
    h, y, X, Y, eta_h, eta_y, w = _symbols()
    flow = right_hand_side((h, y, w), X, Y, eta_h, eta_y)
    value = quantity(h, y, X, eta_h, eta_y)
    yield sum(sp.diff(value, one) * rate for one, rate in zip((h, y, w), flow, strict=True))


def _final(distance: Formula) -> Iterator[Any]:
    """The end has the start's conserved quantity, is positive, and the flow rests there."""
    h, y, X, Y, eta_h, eta_y, _ = _symbols()
    high, low_squared = h - eta_h / eta_y * X * y / h, eta_h / eta_y * X * Y
    end = distance(high, low_squared)
    yield Y / end - eta_y / (eta_h * X) * end - (y / h - eta_y / (eta_h * X) * h)
    # Of the two values with that quantity one is positive: both have the sign of what they tend to.
    low = sp.Symbol("low", positive=True)
    yield sp.limit(distance(high, low**2) / low, low, sp.oo) - 1
    yield from right_hand_side((end, Y, 0), X, Y, eta_h, eta_y)


PROOFS = (
    SymbolicProof(
        "T13-beta-law",
        ("T13",),
        "the squared cosine to the complement of a k-dimensional subspace has the density of Beta((d - k)/2, k/2)",
        "all real d > k > 0; that an isotropic direction has normal coordinates up to length is known",
        _beta_law,
        lambda t, p, k: (
            t ** (p / 2 - 1) * (1 - t) ** (k / 2 - 1) * sp.gamma((p + k) / 2) / sp.gamma(p / 2) / sp.gamma(k / 2)
        ),
        {
            "parameters swapped": lambda t, p, k: (
                t ** (k / 2 - 1) * (1 - t) ** (p / 2 - 1) * sp.gamma((p + k) / 2) / sp.gamma(p / 2) / sp.gamma(k / 2)
            ),
            "parameters not halved": lambda t, p, k: (
                t ** (p - 1) * (1 - t) ** (k - 1) * sp.gamma(p + k) / sp.gamma(p) / sp.gamma(k)
            ),
        },
        whole=True,
    ),
    SymbolicProof(
        "T13-moments",
        ("T13",),
        "E r^2 = (d - k)/d and E r^4 = (d - k)(d - k + 2) / (d (d + 2))",
        "all real d > k > 0",
        _moments,
        lambda d, k: (1 - k / d, (d - k) * (d - k + 2) / (d * (d + 2))),
        {
            "mean k/d": lambda d, k: (k / d,),
            "no spread": lambda d, k: (1 - k / d, (1 - k / d) ** 2),
            "mean of d - 1": lambda d, k: (1 - k / (d - 1),),
        },
    ),
    SymbolicProof(
        "T13-chance-formula",
        ("T13",),
        "with a share g of energy on the mean: chance^2 = (1 - k/d)(1 - g)(1 + k g)/(1 + (k - 1) g)",
        "k = 1, 2 and 3, general d, g; noise of the predictors taken as orthogonal to everything (true up to O(1/d))",
        _constant_share,
        lambda d, k, g: (1 - k / d) * (1 - g) * (1 + k * g) / (1 + (k - 1) * g),
        {
            "the mean is predicted for free": lambda d, k, g: (1 - k / d) * (1 - g),
            "as if centred": lambda d, k, g: 1 - k / d,
            "1 + k g below": lambda d, k, g: (1 - k / d) * (1 - g) * (1 + k * g) / (1 + k * g),
        },
    ),
    SymbolicProof(
        "T14-bound",
        ("T14",),
        "the moved residual is the old one, plus the neuron's move, less the coefficients times the others' moves; "
        "together at most epsilon' = (epsilon + delta (1 + kappa)) / (1 - delta)",
        "2 others, 2 inputs; the triangle inequality is used",
        _robust,
        lambda epsilon, delta, kappa: (epsilon + delta * (1 + kappa)) / (1 - delta),
        {
            "the neuron's own move left out": lambda epsilon, delta, kappa: (epsilon + delta * kappa) / (1 - delta),
            "the others' moves left out": lambda epsilon, delta, kappa: (epsilon + delta) / (1 - delta),
            "length as before": lambda epsilon, delta, kappa: epsilon + delta * (1 + kappa),
        },
    ),
    SymbolicProof(
        "T16-flow-of-vectors",
        ("T16", "T17"),
        "h', y', w' are what gradient flow of the vectors dh and D gives",
        "one hidden and two output directions, which any state needs at most",
        _flow,
        right_hand_side,
        {
            "h' of the wrong sign": lambda *a: (-right_hand_side(*a)[0], *right_hand_side(*a)[1:]),
            "w' without its factor 1/2": lambda *a: (*right_hand_side(*a)[:2], 2 * right_hand_side(*a)[2]),
        },
    ),
    SymbolicProof(
        "T16-rate-of-change",
        ("T16",),
        "the derivative of y/h - (eta_y / (eta_h X)) h along the flow is 0",
        "general; h not 0",
        _conserved,
        lambda h, y, X, eta_h, eta_y: y / h - eta_y / (eta_h * X) * h,
        {
            "plus": lambda h, y, X, eta_h, eta_y: y / h + eta_y / (eta_h * X) * h,
            "without X": lambda h, y, X, eta_h, eta_y: y / h - eta_y / eta_h * h,
            "rates swapped": lambda h, y, X, eta_h, eta_y: y / h - eta_h / (eta_y * X) * h,
        },
        whole=True,
    ),
    SymbolicProof(
        "T17-end",
        ("T17",),
        "h = A_high/2 + sqrt(A_high^2/4 + A_low^2), y = Y, w = 0 rests, with the start's conserved quantity",
        "general; that training gets there is checked numerically",
        _final,
        lambda high, low_squared: high / 2 + sp.sqrt(high**2 / 4 + low_squared),
        {
            "A_high not halved under the root": lambda high, low_squared: high / 2 + sp.sqrt(high**2 + low_squared),
            "A_high not halved before it": lambda high, low_squared: high + sp.sqrt(high**2 / 4 + low_squared),
            "A_low for all": lambda high, low_squared: sp.sqrt(low_squared),
            "the negative root": lambda high, low_squared: high / 2 - sp.sqrt(high**2 / 4 + low_squared),
        },
    ),
)
