"""Which theorems are proved formally: the names of the Coq theorems in ``proofs_check/formal``, by theory id.

A test holds this against the sources, both ways; ``make proofs`` has Coq check them.
"""

from __future__ import annotations

COQ_THEOREMS: dict[str, tuple[str, ...]] = {
    "T1": (
        "T1_approximated_by_more",
        "T1_residual_monotone",
    ),
    "T2": (
        "T2_cover_union_of_matches",
        "T2_union_of_matches",
    ),
    "T3": (
        "T3_cover_maximum_match_exists",
        "T3_maximum_match_exists",
    ),
    "T4": (
        "T4_any_peeling_order",
        "T4_cover_any_peeling_order",
        "T4_cover_peeling_ends",
        "T4_cover_peeling_never_stuck",
        "T4_peeling_ends",
        "T4_peeling_never_stuck",
    ),
    "T5": (
        "T5_cover_nested",
        "T5_nested",
    ),
    "T6": (
        "T6_cover_any_tie_breaking",
        "T6_cover_peel_exists",
        "T6_cover_radii_by_peeling",
        "T6_peel_exists",
        "T6_radii_by_peeling",
        "T6_table_radii",
    ),
    "T7": (
        "T7_cover_minimal_match_exists",
        "T7_cover_simple_iff_minimal",
        "T7_cover_union_of_simple",
        "T7_minimal_match_exists",
        "T7_simple_iff_minimal",
        "T7_union_of_simple",
    ),
    "T8": (
        "T8_duplicates_are_minimal",
        "T8_duplicates_are_simple",
        "T8_minimal_matches_not_unique",
        "T8_number_of_simple_matches",
    ),
    "T9": (
        "T9_closed_under_intersection",
        "T9_cover_unique_minimal",
        "T9_equal_sizes",
        "T9_number_of_simple_matches",
        "T9_unique_minimal_match",
    ),
    "T10": (
        "T10_coefficients_are_inverse",
        "T10_coefficients_exist",
        "T10_component_sizes",
        "T10_matches_are_closed_sets",
        "T10_minimal_matches_are_reachable_sets",
        "T10_one_simple_match_per_component",
        "T10_simple_matches_are_reachable_sets",
    ),
    "T11": (
        "T11_balanced_sizes",
    ),
    "T12": (
        "T12_exact_injective_maps",
        "T12_isometries",
        "T12_scaling_neurons",
    ),
    "T14": (
        "T14_robust_matches",
    ),
    "T15": (
        "T15_cover_minimal_evictions_are_transversals",
        "T15_cover_minimal_matches_are_transversals",
        "T15_minimal_evictions_are_transversals",
        "T15_minimal_matches_are_transversals",
    ),
    "T18": (
        "T18_cover_stable_radii",
        "T18_stable_radii",
    ),
    "A1": (
        "A1_cover_first_violator",
        "A1_first_violator_finds_maximum",
    ),
    "A2": (
        "A2_cover_deletion_is_minimal",
        "A2_deletion_is_minimal",
        "A2_table_minimal",
    ),
    "A3": (
        "A3_batch_peel_finds_maximum",
        "A3_cover_batch_peel",
        "A3_cover_batch_peel_both_sides",
        "A3_table_maximum",
    ),
    "A4": (
        "A4_downdate",
        "A4_downdate_inverse_gram",
        "A4_pivot",
    ),
    "D1": (
        "D1_exact_iff_equal_spans",
        "D1_relative_residual_exists",
    ),
}

PROVED_IN_PART: dict[str, str] = {
    "T12": "scaling, isometries and exact injective maps; not permutations, swaps and copies",
}
"""Theorems of whose statement only a part is proved formally, and which."""
