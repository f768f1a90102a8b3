"""All symbolic proofs: statements of theory that are algebra, derived with sympy for general symbols.

They need no implementation, so they are no checks of the registry: each carries wrong statements of its own instead,
which the same derivation must reject.
"""

from __future__ import annotations

from . import laws, spans
from .proof import NotAnIdentityError, SymbolicProof, prove

__all__ = ["SYMBOLIC", "NotAnIdentityError", "SymbolicProof", "prove", "wrong_statements_accepted"]

SYMBOLIC: dict[str, SymbolicProof] = {proof.id: proof for proof in (*spans.PROOFS, *laws.PROOFS)}


def wrong_statements_accepted(proof: SymbolicProof) -> list[str]:
    """The names of the wrong statements that the derivation lets pass: there should be none."""
    accepted = []
    for name, claim in proof.wrong.items():
        try:
            prove(proof, claim)
        except NotAnIdentityError:
            continue
        accepted.append(name)
    return accepted
