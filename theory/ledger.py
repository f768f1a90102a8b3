"""The ledger: every numbered definition, theorem and algorithm, and the code that implements it; statements only.

What stands behind a statement says so itself, and ``proofs_check.evidence`` gathers it. A test resolves every name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAPER = "Wang et al., NeurIPS 2018 (arXiv 1810.11750)"
OURS = "spanmatch"
DYNAMICS = "van Rossem and Saxe, ICML 2024 (arXiv 2402.09142)"


@dataclass(frozen=True)
class Statement:
    """One definition, theorem or algorithm. ``implemented_by``: dotted names inside spanmatch."""

    id: str
    name: str
    statement: str
    hypotheses: str
    source: str
    implemented_by: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "implemented_by": list(self.implemented_by)}


DEFINITIONS: tuple[Statement, ...] = (
    Statement(
        "D1", "approximate match",
        "(A, B) with r(x | B) <= epsilon for all x in A and r(y | A) <= epsilon for all y in B; exact if epsilon = 0",
        "0 <= epsilon < 1", PAPER,
        ("theory.residuals.relative_residual", "theory.covers.Cover.is_match"),
    ),
    Statement(
        "D2", "order, union, intersection",
        "pairs are compared, united and intersected side by side; (empty, empty) is the empty one",
        "none", PAPER,
        ("theory.matches.Match",),
    ),
    Statement(
        "D3", "maximum match",
        "the match that contains every match",
        "a monotone cover (D8): it exists by T3", PAPER,
        ("theory.brute_force.brute_force", "algorithms.reference.max_match"),
    ),
    Statement(
        "D4", "maximum match similarity",
        "s(epsilon) is the share of all neurons that the maximum match holds",
        "none", PAPER,
        ("theory.radii.matched_share", "algorithms.results.MatchRadii.similarity"),
    ),
    Statement(
        "D5", "simple match",
        "a match that is not empty and not the union of strictly smaller matches",
        "none", PAPER,
        ("theory.brute_force.brute_force",),
    ),
    Statement(
        "D6", "v-minimal match",
        "a match that contains v, such that no strictly smaller match does",
        "none", PAPER,
        ("theory.brute_force.brute_force",),
    ),
    Statement(
        "D7", "match radius",
        "the least epsilon below 1 at which v is in the maximum match, and 1 if there is none",
        "none", OURS,
        ("theory.radii.match_radii", "algorithms.results.MatchRadii"),
    ),
    Statement(
        "D8", "cover relation",
        "c(v, T) is monotone: T contained in T' and c(v, T) imply c(v, T')",
        "none", OURS,
        ("theory.covers.Cover", "theory.covers.TableCover"),
    ),
)

THEOREMS: tuple[Statement, ...] = (
    Statement(
        "T1", "monotonicity",
        "T contained in T' implies r(v | T') <= r(v | T)",
        "none", PAPER,
        ("theory.residuals.relative_residual", "algorithms.compressed.spans.Spans", "algorithms.exact.ExactGeometry"),
    ),
    Statement(
        "T2", "union-close",
        "the union of matches is a match",
        "a monotone cover (D8)", PAPER,
        ("theory.covers.Cover.is_match",),
    ),
    Statement(
        "T3", "unique maximum",
        "there is exactly one match that contains every match: the union of all",
        "a monotone cover (D8)", PAPER,
        ("theory.brute_force.brute_force", "algorithms.reference.max_match"),
    ),
    Statement(
        "T4", "peeling",
        "removing violators in any order ends at the maximum match inside the pair one starts from",
        "a monotone cover (D8)", f"{PAPER}; any order and starting pair {OURS}",
        ("algorithms.reference.max_match", "algorithms.peeling.batch_peel"),
    ),
    Statement(
        "T5", "nestedness",
        "epsilon <= epsilon' implies M(epsilon) contained in M(epsilon')",
        "monotone covers (D8) that grow with epsilon", PAPER,
        ("algorithms.results.MatchRadii.max_match",),
    ),
    Statement(
        "T6", "all levels in one peel",
        "removing a largest residual each time, the running minimum at a neuron's removal is its match radius",
        "a residual that does not grow with the predicting set", OURS,
        ("algorithms.peeling.peel_radii",),
    ),
    Statement(
        "T7", "decomposition; simple = minimal",
        "every match is a union of simple matches, and a match is simple iff it is v-minimal for some v in it",
        "a monotone cover (D8)", PAPER,
        ("algorithms.reference.min_match", "algorithms.minimal.shrink", "algorithms.simple.simple_matches"),
    ),
    Statement(
        "T8", "no closure under intersection",
        "a neuron may have several minimal matches, and the intersection of matches need not be a match",
        "none", PAPER,
        ("algorithms.reference.min_match",),
    ),
    Statement(
        "T9", "exact and independent",
        "matches are closed under intersection, minimal matches unique, |A| = |B|, at most |X*| simple matches",
        "epsilon = 0; the neurons of the maximum match independent on each side",
        f"{PAPER} for uniqueness; {OURS} for the rest",
        ("algorithms.simple.simple_matches",),
    ),
    Statement(
        "T10", "exact and independent, as a graph",
        "matches are the closed sets of a digraph, simple matches the sets reachable from its strong components",
        "as T9", OURS,
        (
            "theory.graph.coefficient_edges",
            "theory.graph.closed_sets",
            "theory.graph.reachable",
            "algorithms.compressed.search.independent.IndependentMatch.closures",
            "algorithms.simple.simple_matches",
        ),
    ),
    Statement(
        "T11", "balanced sizes",
        "epsilon sqrt(max(m, n)) < sigma implies |A| = |B| for every match",
        "unit columns, none dead, m, n <= d; sigma the least singular value of both sides", OURS,
    ),
    Statement(
        "T12", "invariances",
        "matches are unchanged by scaling neurons and by common isometries of the inputs; permutations permute them",
        "factors other than 0; isometries up to a factor; copies in the same network", OURS,
        ("theory.residuals.unit_columns", "algorithms.exact.ExactGeometry", "synthetic.transform.modify"),
    ),
    Statement(
        "T13", "too few inputs",
        "r squared of a random direction against rank k is Beta((d - k)/2, k/2), of mean 1 - k/d",
        "a centred isotropic direction, 1 <= k < d", OURS,
        ("theory.chance.chance_level", "theory.chance.chance_levels"),
    ),
    Statement(
        "T14", "robustness",
        "an epsilon-match stays an epsilon'-match when every unit vector moves by at most delta",
        "coefficients of 1-norm at most kappa; epsilon' = (epsilon + delta (1 + kappa)) / (1 - delta) < 1", OURS,
        ("synthetic.linear.tolerance_for",),
    ),
    Statement(
        "T15", "duality",
        "v-minimal matches are the minimal sets that meet every minimal eviction set, and the other way round",
        "a monotone cover (D8), v in M", OURS,
        ("algorithms.simple.simple_matches", "theory.brute_force.minimal_evictions"),
    ),
    Statement(
        "T16", "conserved quantity",
        "y/h - (eta_y / (eta_h X)) h is constant along the flow",
        "h > 0", DYNAMICS,
        ("theory.dynamics.conserved", "theory.dynamics.solve"),
    ),
    Statement(
        "T17", "final distance",
        "training ends at h = A_high/2 + sqrt(A_high^2/4 + A_low^2)",
        "a valid state from which h does not run into 0", DYNAMICS,
        ("theory.dynamics.final_squared_distance",),
    ),
    Statement(
        "T18", "stable radii",
        "residuals within delta of the truth give radii within delta of the truth",
        "as T6", OURS,
        ("algorithms.results.MatchRadii.undecided",),
    ),
    Statement(
        "T19", "approximate and strongly independent",
        "matches inside M are closed under intersection, minimal matches unique, at most |X*| + |Y*| simple matches",
        "disjoint parts of a side of M at principal angles of theta > 0 or more; no residual inside M lies in "
        "(epsilon, lambda epsilon] with lambda^2 = 1 + 4/sin^2 theta", f"{PAPER}; the constant {OURS}",
        (
            "theory.independence.squared_sine",
            "theory.independence.wielandt_squared_sine",
            "theory.independence.is_stable",
            "theory.independence.stable_up_to",
            "algorithms.compressed.search.independent.IndependentMatch.stability",
            "algorithms.simple.simple_matches",
        ),
    ),
    Statement(
        "T20", "whether the minimal match is unique",
        "v has exactly one minimal match iff v and the neurons without which v is in no match inside M form a match",
        "a monotone cover (D8), v in M", OURS,
        ("algorithms.minimal.minimum_matches", "algorithms.results.SimpleMatches"),
    ),
)

ALGORITHMS: tuple[Statement, ...] = (
    Statement(
        "A1", "maximum match, as published",
        "remove the first neuron that violates D1 and start over: what is left is the maximum match",
        "a monotone cover (D8)", PAPER,
        ("algorithms.reference.max_match",),
    ),
    Statement(
        "A2", "v-minimal match, as published",
        "take M; remove each other neuron in turn, and keep the maximum match of the rest if it holds v",
        "a monotone cover (D8), v in M", PAPER,
        ("algorithms.reference.min_match",),
    ),
    Statement(
        "A3", "batch peel",
        "remove all violators of one side at once, then those of the other, until there is none",
        "a monotone cover (D8)", OURS,
        ("algorithms.peeling.batch_peel",),
    ),
    Statement(
        "A4", "match radii",
        "the peel of T6, in which a removal updates the residuals of the other side",
        "as T6", OURS,
        ("algorithms.peeling.peel_radii", "algorithms.compressed.downdating"),
    ),
    Statement(
        "A5", "v-minimal match, fast",
        "minimal sets of the monotone predicate 'v is in the maximum match of S', by bisection",
        "a monotone cover (D8), v in M", f"{OURS}, after QuickXplain and progression",
        ("algorithms.minimal.shrink",),
    ),
    Statement(
        "A6", "all simple matches",
        "T10 where it applies; otherwise minimal matches and minimal eviction sets are listed together",
        "a monotone cover (D8)", f"{OURS}, after MARCO",
        ("algorithms.simple.simple_matches", "algorithms.compressed.search.summands.direct_summands"),
    ),
    Statement(
        "A7", "exact oracle",
        "r^2 <= epsilon^2 is decided in rational arithmetic for the stored numbers",
        "integer, rational or float activations", OURS,
        ("algorithms.exact.ExactGeometry",),
    ),
    Statement(
        "A8", "certified answers",
        "an answer with what proves it, which a small checker verifies exactly",
        "none", OURS,
        ("algorithms.certificates", "proofs_check.certificate_checker.check_certificate"),
    ),
)

LEDGER: dict[str, Statement] = {one.id: one for one in (*DEFINITIONS, *THEOREMS, *ALGORITHMS)}
