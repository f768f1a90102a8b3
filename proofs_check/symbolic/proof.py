"""A symbolic proof: a derivation in general symbols that accepts the right formula and rejects wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

Claim = Any
"""What a theorem claims, as something that a derivation can be given: a formula, usually a function of symbols."""


class NotAnIdentityError(Exception):
    """An expression that a claim says is 0 for all values of its symbols, and is not."""


@dataclass(frozen=True)
class SymbolicProof:
    """One statement of algebra. ``derive(claim)`` yields expressions, made from the definitions on one side and from
    the claimed formula on the other, that all are 0 if the claim is right. ``scope`` says for which sizes the symbols
    are general, and what of the theorem is left to an argument in words. ``wrong``: claims that must not come out.
    ``whole``: with the other proofs of its theorems it is of all that they state, for all sizes.
    """

    id: str
    theorems: tuple[str, ...]
    statement: str
    scope: str
    derive: Callable[[Claim], Iterable[Any]] = field(repr=False)
    claim: Claim = field(repr=False)
    wrong: Mapping[str, Claim] = field(repr=False)
    whole: bool = False


def prove(proof: SymbolicProof, claim: Claim = None) -> int:
    """Prove a claim, by default the right one; returns how many identities that took.

    *Raises* ``NotAnIdentityError`` on the first expression that is not identically 0, or if there is none: an empty
    claim says nothing.
    """
    count = 0
    for expression in proof.derive(proof.claim if claim is None else claim):
        if not vanishes(expression):
            raise NotAnIdentityError(f"{proof.id}: {expression} should be 0")
        count += 1
    if not count:
        raise NotAnIdentityError(f"{proof.id}: nothing is claimed")
    return count


def vanishes(expression: Any) -> bool:
    """Whether sympy shows that an expression is 0 for all values of its symbols."""
    expression = sp.sympify(expression)
    if expression.is_rational_function():
        return bool(sp.cancel(sp.together(expression)) == 0)
    return bool(sp.simplify(expression) == 0)


def gram_matrix(size: int, name: str = "g") -> Any:
    """The Gram matrix of that many vectors in any dimension: symmetric, otherwise arbitrary."""
    return sp.Matrix(size, size, lambda i, j: sp.Symbol(f"{name}{min(i, j)}{max(i, j)}"))


def vector(name: str, size: int) -> Any:
    """A column of symbols."""
    return sp.Matrix([sp.Symbol(f"{name}{i}") for i in range(size)])


def without(matrix: Any, index: int) -> Any:
    """A square matrix without one row and the column of the same index."""
    found = sp.Matrix(matrix)
    found.row_del(index)
    found.col_del(index)
    return found
