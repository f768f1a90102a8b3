"""The ledger: every numbered theorem, what implements it and what checks it. A test resolves every name in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .formal import COQ_THEOREMS, PROVED_IN_PART

Status = Literal["exhaustive to 3+2", "property-tested", "unchecked"]

PAPER = "Wang et al., NeurIPS 2018 (arXiv 1810.11750)"
OURS = "spanmatch"
DYNAMICS = "van Rossem and Saxe, ICML 2024 (arXiv 2402.09142)"


SYMBOLIC_IN_FULL = ("T13", "T16")
"""Theorems whose symbolic proofs are of the whole statement, for all sizes; those of others are of steps of the
argument, or for small sizes, as each says of itself."""


@dataclass(frozen=True)
class Theorem:
    """One statement. ``implemented_by``: dotted names inside spanmatch; ``checked_by``: ids of checks in
    ``proofs_check.checks``; ``status``: how far these go, "unchecked" where there is none yet; ``symbolic``: ids in
    ``proofs_check.symbolic``; ``counterexamples``: ids in ``proofs_check.counterexamples``, each of which shows that
    a hypothesis is needed."""

    id: str
    name: str
    statement: str
    hypotheses: str
    source: str
    implemented_by: tuple[str, ...] = ()
    checked_by: tuple[str, ...] = ()
    status: Status = "unchecked"
    symbolic: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """All kinds of evidence there are, the strongest first."""
        kinds = []
        if self.formal:
            kinds.append("proved formally" if self.proved_formally else "proved formally in part")
        if self.symbolic:
            kinds.append("symbolic" if self.id in SYMBOLIC_IN_FULL else "symbolic in part")
        if self.status.startswith("exhaustive"):
            kinds.append(self.status)
        if self.checked_by:
            kinds.append("property-tested")
        return tuple(kinds) or ("unchecked",)

    @property
    def formal(self) -> tuple[str, ...]:
        """The Coq theorems that carry this id."""
        return COQ_THEOREMS.get(self.id, ())

    @property
    def proved_formally(self) -> bool:
        """Whether Coq has checked the whole statement, not only a part of it."""
        return bool(self.formal) and self.id not in PROVED_IN_PART

    def to_dict(self) -> dict[str, Any]:
        return {
            **vars(self),
            "implemented_by": list(self.implemented_by),
            "checked_by": list(self.checked_by),
            "symbolic": list(self.symbolic),
            "counterexamples": list(self.counterexamples),
            "evidence": list(self.evidence),
            "formal": list(self.formal),
            "proved_formally": self.proved_formally,
            "proved_in_part": PROVED_IN_PART.get(self.id, ""),
        }


THEOREMS: tuple[Theorem, ...] = (
    Theorem(
        "T1",
        "monotonicity",
        "T contained in T' implies r(v | T') <= r(v | T)",
        "none",
        PAPER,
        ("theory.residuals.relative_residual", "algorithms.compressed.spans.Spans", "algorithms.exact.ExactGeometry"),
        ("T1-residual-monotone",),
        "property-tested",
        symbolic=("T1-pythagoras",),
    ),
    Theorem(
        "T2",
        "union-close",
        "the union of matches is a match",
        "a monotone cover (D8)",
        PAPER,
        ("theory.covers.Cover.is_match",),
        ("T2-union-of-matches", "T3-maximum-on-covers"),
        "exhaustive to 3+2",
        counterexamples=("T2-not-monotone",),
    ),
    Theorem(
        "T3",
        "unique maximum",
        "there is exactly one match that contains every match: the union of all",
        "a monotone cover (D8)",
        PAPER,
        ("theory.brute_force.brute_force", "algorithms.reference.max_match"),
        (
            "T2-union-of-matches",
            "T3-maximum-on-covers",
            "T3-max-match-exact",
            "T3-max-match-planted",
            "T3-max-match-large",
        ),
        "exhaustive to 3+2",
        counterexamples=("T3-not-monotone",),
    ),
    Theorem(
        "T4",
        "peeling",
        "removing violators in any order ends at the maximum match inside the pair one starts from",
        "a monotone cover (D8)",
        PAPER,
        ("algorithms.reference.max_match", "algorithms.peeling.batch_peel"),
        (
            "T4-peeling-inside-any-pair",
            "T3-max-match-exact",
            "T3-max-match-planted",
            "T4-long-staircase",
            "T3-max-match-large",
        ),
        "exhaustive to 3+2",
        counterexamples=("T4-not-monotone",),
    ),
    Theorem(
        "T5",
        "nestedness",
        "epsilon <= epsilon' implies M(epsilon) contained in M(epsilon')",
        "monotone covers (D8) that grow with epsilon",
        PAPER,
        ("algorithms.results.MatchRadii.max_match",),
        ("T5-nested", "T6-radii-exact"),
        "property-tested",
        counterexamples=("T5-not-growing", "T5-not-monotone"),
    ),
    Theorem(
        "T6",
        "all levels in one peel",
        "removing a largest residual each time, the running minimum at a neuron's removal is its match radius",
        "a residual that does not grow with the predicting set",
        PAPER,
        ("algorithms.peeling.peel_radii",),
        ("T6-radii-exact", "T6-radii-large", "T6-close-decisions", "T18-stable-radii"),
        "property-tested",
        counterexamples=("T6-growing-residual",),
    ),
    Theorem(
        "T7",
        "decomposition; simple = minimal",
        "every match is a union of simple matches, and a match is simple iff it is v-minimal for some v in it",
        "a monotone cover (D8)",
        PAPER,
        ("algorithms.reference.min_match", "algorithms.minimal.shrink", "algorithms.simple.simple_matches"),
        (
            "T7-minimal-on-covers",
            "T7-simple-on-covers",
            "T7-min-match-by-definition",
            "T7-min-match-large",
            "T7-simple-by-definition",
            "T7-simple-planted",
            "T7-all-simple-by-definition",
            "T7-copies",
            "T12-simple",
            "T15-duality-on-covers",
        ),
        "exhaustive to 3+2",
    ),
    Theorem(
        "T8",
        "no closure under intersection",
        "a neuron may have several minimal matches, and the intersection of matches need not be a match",
        "an example",
        OURS,
        ("algorithms.reference.min_match",),
        ("T8-minimal-not-unique", "T8-two-partners"),
        "property-tested",
    ),
    Theorem(
        "T9",
        "exact and independent",
        "matches are closed under intersection, minimal matches unique, |A| = |B|, at most |X*| simple matches",
        "epsilon = 0; the neurons of the maximum match independent on each side",
        OURS,
        ("algorithms.simple.simple_matches",),
        ("T9-lattice", "T10-reachable-sets"),
        "property-tested",
        symbolic=("T9-equal-sizes",),
        counterexamples=("T9-dependent-y", "T9-dependent-x", "T9-epsilon"),
    ),
    Theorem(
        "T10",
        "exact and independent, as a graph",
        "matches are the closed sets of a digraph, simple matches the sets reachable from its strong components",
        "as T9",
        OURS,
        ("algorithms.compressed.independent.IndependentMatch.closures", "algorithms.simple.simple_matches"),
        ("T10-reachable-sets",),
        "property-tested",
        symbolic=("T10-edges", "T10-closed-sets", "T9-equal-sizes"),
        counterexamples=("T10-dependent-y", "T10-dependent-x", "T10-epsilon"),
    ),
    Theorem(
        "T11",
        "balanced sizes",
        "epsilon sqrt(max(m, n)) < sigma implies |A| = |B| for every match",
        "unit columns, none dead, m, n <= d; sigma the least singular value of both sides",
        OURS,
        (),
        ("T11-balanced",),
        "property-tested",
        symbolic=("T11-balanced",),
        counterexamples=("T11-long-columns", "T11-close-columns"),
    ),
    Theorem(
        "T12",
        "invariances",
        "matches are unchanged by scaling neurons and by common isometries of the inputs; permutations permute them",
        "factors other than 0; isometries up to a factor; copies in the same network",
        OURS,
        ("theory.residuals.unit_columns", "algorithms.exact.ExactGeometry", "synthetic.transform.modify"),
        (
            "T12-scaling",
            "T12-scaling-radii",
            "T12-isometries",
            "T12-isometries-radii",
            "T12-permutations",
            "T12-permutations-radii",
            "T12-copies",
            "T12-copies-radii",
            "T12-linear-map-at-zero",
            "T12-simple",
            "T12-not-invariant",
        ),
        "property-tested",
        counterexamples=(
            "T12-factor-zero",
            "T12-no-isometry",
            "T12-translation",
            "T12-injective-epsilon",
            "T12-not-injective",
            "T12-affine",
            "T12-copy-elsewhere",
        ),
    ),
    Theorem(
        "T13",
        "too few inputs",
        "r squared of a random direction against rank k is Beta((d - k)/2, k/2), of mean 1 - k/d",
        "a centred isotropic direction, 1 <= k < d",
        OURS,
        ("theory.chance.chance_level", "theory.chance.chance_levels"),
        ("T13-beta", "T13-constant-share", "T13-full-rank"),
        "property-tested",
        symbolic=("T13-beta-law", "T13-moments", "T13-constant-share"),
        counterexamples=("T13-axes", "T13-not-centred"),
    ),
    Theorem(
        "T14",
        "robustness",
        "an epsilon-match stays an epsilon'-match when every unit vector moves by at most delta",
        "coefficients of 1-norm at most kappa; epsilon' = (epsilon + delta (1 + kappa)) / (1 - delta) < 1",
        OURS,
        ("synthetic.linear.tolerance_for",),
        ("T14-residuals", "T14-robust"),
        "property-tested",
        symbolic=("T14-bound",),
        counterexamples=("T14-short-vectors", "T14-large-coefficients", "T14-far", "T14-delta"),
    ),
    Theorem(
        "T15",
        "duality",
        "v-minimal matches are the minimal sets that meet every minimal eviction set, and the other way round",
        "a monotone cover (D8), v in M",
        OURS,
        ("algorithms.simple.simple_matches", "theory.brute_force.minimal_evictions"),
        ("T15-duality-on-covers",),
        "property-tested",
    ),
    Theorem(
        "T16",
        "conserved quantity",
        "y/h - (eta_y / (eta_h X)) h is constant along the flow",
        "h > 0",
        DYNAMICS,
        ("theory.dynamics.conserved", "theory.dynamics.solve"),
        ("T16-conserved", "T16-flow"),
        "property-tested",
        symbolic=("T16-flow-of-vectors", "T16-conserved"),
    ),
    Theorem(
        "T17",
        "final distance",
        "training ends at h = A_high/2 + sqrt(A_high^2/4 + A_low^2)",
        "a valid state from which h does not run into 0",
        DYNAMICS,
        ("theory.dynamics.final_squared_distance",),
        ("T17-final-distance", "T17-limits"),
        "property-tested",
        symbolic=("T16-flow-of-vectors", "T17-end"),
        counterexamples=("T17-opposed", "T17-nearly-opposed"),
    ),
    Theorem(
        "T18",
        "stable radii",
        "residuals within delta of the truth give radii within delta of the truth",
        "as T6",
        OURS,
        ("algorithms.results.MatchRadii.undecided",),
        ("T18-stable-radii",),
        "property-tested",
        counterexamples=("T18-growing-residual", "T18-one-large-error"),
    ),
)
