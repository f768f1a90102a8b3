"""Symbolic proofs: each derives its statement, and each rejects every wrong statement it is given."""

from __future__ import annotations

import dataclasses
import math

import pytest
import sympy as sp

from spanmatch.proofs_check.symbolic import SYMBOLIC, NotAnIdentityError, prove, wrong_statements_accepted
from spanmatch.proofs_check.symbolic.proof import gram_matrix, vanishes, without
from spanmatch.theory import dynamics
from spanmatch.theory.chance import chance_level

WRONG = [(proof, name) for proof in SYMBOLIC.values() for name in proof.wrong]


@pytest.mark.parametrize("proof", SYMBOLIC.values(), ids=SYMBOLIC)
class TestProof:
    def test_derives_its_statement(self, proof: object) -> None:
        assert prove(proof) >= 1  # type: ignore[arg-type]

    def test_says_what_it_is(self, proof: object) -> None:
        assert proof.statement  # type: ignore[attr-defined]
        assert proof.scope  # type: ignore[attr-defined]
        assert proof.theorems  # type: ignore[attr-defined]
        assert proof.wrong  # type: ignore[attr-defined]


@pytest.mark.parametrize(("proof", "name"), WRONG, ids=[f"{proof.id}: {name}" for proof, name in WRONG])
def test_wrong_statements_are_rejected(proof: object, name: str) -> None:
    with pytest.raises(NotAnIdentityError, match="should be 0"):
        prove(proof, proof.wrong[name])  # type: ignore[arg-type, attr-defined]


def test_an_accepted_wrong_statement_is_told() -> None:
    proof = SYMBOLIC["T1-pythagoras"]
    fooled = dataclasses.replace(proof, wrong={"the right one": proof.claim})
    assert wrong_statements_accepted(fooled) == ["the right one"]
    assert wrong_statements_accepted(proof) == []


class TestClaims:
    """What is proved is what the package computes."""

    def test_chance_level(self) -> None:
        claim = SYMBOLIC["T13-chance-formula"].claim
        for d, k, g in ((10, 3, 0.25), (1000, 64, 1 / math.pi), (50, 49, 0.9)):
            assert chance_level(d, k, g) == pytest.approx(math.sqrt(claim(d, k, g)), rel=1e-12)

    def test_conserved_quantity(self) -> None:
        claim = SYMBOLIC["T16-rate-of-change"].claim
        assert float(dynamics.conserved(1.5, 0.3, 0.7, 0.2, 0.9)) == pytest.approx(claim(0.2, 0.9, 1.5**2, 0.3, 0.7))

    def test_final_distance(self) -> None:
        claim = SYMBOLIC["T17-end"].claim
        high, low = dynamics.a_high(1.5, 0.3, 0.7, 0.2, 0.9), dynamics.a_low(1.5, 0.8, 0.3, 0.7)
        found = dynamics.final_squared_distance(1.5, 0.8, 0.3, 0.7, 0.2, 0.9)
        assert found == pytest.approx(float(claim(high, low**2)))


def test_vanishing() -> None:
    x, y = sp.symbols("x y", positive=True)
    assert vanishes((x + y) ** 2 - x**2 - 2 * x * y - y**2)
    assert vanishes(sp.sqrt(x**2) - x)
    assert not vanishes(x - y)
    assert not vanishes(sp.sqrt(x) - y)


def test_without() -> None:
    G = gram_matrix(3)
    assert without(G, 0) == G[1:, 1:]
    assert without(G, 1) == sp.Matrix([[G[0, 0], G[0, 2]], [G[0, 2], G[2, 2]]])


@pytest.mark.parametrize(("name", "claim"), [("T9-equal-sizes", ()), ("T13-moments", lambda d, k: ())])
def test_an_empty_claim_says_nothing(name: str, claim: object) -> None:
    with pytest.raises(NotAnIdentityError, match="nothing is claimed"):
        prove(SYMBOLIC[name], claim)
