"""Whatever comes for an argument of a public function: a SpanmatchError that names the argument, or a right answer."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import spanmatch
from spanmatch import adapters, convergent, dynamics, exact


class Awkward:
    """An object that answers nothing."""

    def _refuse(self, *_: Any) -> Any:
        raise RuntimeError("no answer")

    __repr__ = __bool__ = __eq__ = __len__ = __float__ = __array__ = _refuse
    __hash__ = object.__hash__


HOSTILE: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "-1": lambda: -1,
    "0": lambda: 0,
    "half": lambda: 0.5,
    "third": lambda: Fraction(1, 3),
    "inf": lambda: np.inf,
    "nan": lambda: np.float32("nan"),
    "vast": lambda: 1e308,
    "tiny": lambda: 1e-320,
    "long": lambda: np.longdouble("1e4000"),
    "huge": lambda: 10**400,
    "unprintable": lambda: -(10**5000),
    "ratio": lambda: Fraction(10**400, 3),
    "decimal": lambda: Decimal("sNaN"),
    "complex": lambda: 1j,
    "true": lambda: True,
    "true_": lambda: np.True_,
    "date": lambda: np.datetime64("2018-12-03"),
    "text": lambda: "z",
    "blank": lambda: "",
    "bytes": lambda: b"x",
    "awkward": Awkward,
    "lambda": lambda: lambda *_: None,
    "generator": lambda: (k for k in [None]),
    "list": list,
    "dict": lambda: {"x": [0]},
    "set": lambda: {0.5},
    "nones": lambda: (None, None),
    "nans": lambda: [np.nan],
    "huges": lambda: [10**400],
    "bools": lambda: [True, False],
    "far": lambda: ("x", 10**400),
    "ragged": lambda: [[1.0, 2.0], [3.0]],
    "0-d-int": lambda: np.array(0),
    "0-d-half": lambda: np.array(0.5),
    "0-d-object": lambda: np.array(None, dtype=object),
    "empty": lambda: np.array([]),
    "objects": lambda: np.array([None, 1], dtype=object),
    "strings": lambda: np.array(["auto", "qr"]),
    "records": lambda: np.zeros(3, dtype=[("a", int)]),
    "masked": lambda: np.ma.masked,
    "gaps": lambda: np.ma.array([0.1, 0.2], mask=[True, False]),
    "0-d-tensor": lambda: torch.tensor(0.5),
    "meta": lambda: torch.zeros((12, 3), device="meta"),
}
"""By name, a fresh one for each call."""

rng = np.random.default_rng(0)
X = rng.integers(-3, 4, (12, 3)).astype(float)
Y = np.column_stack([X[:, 0] + X[:, 1], rng.integers(-3, 4, (12, 2))])
PAIR = {"X": X, "Y": Y}
DEAD = {"dead_neurons": "match"}
TOLERANT = {**DEAD, "rank_tol": None}
MATCH = spanmatch.Match([0, 1], [0])
SEARCH = {"timeout": None, "progress": None}
COMPRESSED = spanmatch.compress(X, Y)
RADII = COMPRESSED.match_radii()
UNITS = convergent.correlations(X, Y)
TIMES = np.linspace(0.0, 1.0, 4)
SETTING = {"dx": 1.0, "dy": 1.0, "eta_h": 1.0, "eta_y": 1.0}
STATE = {"h0": 0.1, "y0": 0.1}
CURVES = dict(zip("hyw", dynamics.solve(**SETTING, **STATE, w0=0.1, times=TIMES), strict=True))
MEASURES = SimpleNamespace(register=lambda *_: None)
RUN = {"times": TIMES, **CURVES, "dx": 1.0, "dy": 1.0}

FUNCTIONS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "adapters.register": (adapters.register, {"epsilons": 0.5, **DEAD, "repository": MEASURES}),
    "adapters.resi_measure": (adapters.resi_measure, {"epsilon": 0.5, **DEAD, "base": SimpleNamespace}),
    "adapters.SubspaceMatchMetric": (adapters.SubspaceMatchMetric, {"epsilon": 0.5}),
    "adapters.SubspaceMatchMetric.fit": (adapters.SubspaceMatchMetric().fit, PAIR),
    "adapters.SubspaceMatchMetric.score": (adapters.SubspaceMatchMetric().fit(X, Y).score, PAIR),
    "adapters.subspace_match_score": (adapters.subspace_match_score, {**PAIR, "epsilon": 0.5, **DEAD}),
    "residuals": (spanmatch.residuals, {**PAIR, "match": MATCH, "rank_tol": None}),
    "is_match": (spanmatch.is_match, {**PAIR, "epsilon": 0.5, "match": MATCH, **TOLERANT}),
    "max_match": (spanmatch.max_match, {**PAIR, "epsilon": 0.5, "decide": "float", **TOLERANT}),
    "similarity": (spanmatch.similarity, {**PAIR, "epsilon": 0.5, **TOLERANT}),
    "match_radii": (spanmatch.match_radii, {**PAIR, **TOLERANT}),
    "min_match": (spanmatch.min_match, {**PAIR, "epsilon": 0.5, "neuron": ("x", 0), "order": None, **TOLERANT}),
    "min_matches": (spanmatch.min_matches, {**PAIR, "epsilon": 0.5, **SEARCH, **TOLERANT}),
    "simple_matches": (spanmatch.simple_matches, {**PAIR, "epsilon": 0.5, "limit": None, **SEARCH, **TOLERANT}),
    "compress": (spanmatch.compress, {**PAIR, "method": "auto", **TOLERANT}),
    "Compressor": (spanmatch.Compressor, {"m": 3, "n": 3, "method": "auto", "shuffles": 0, "positions": 1, "seed": 0,
                                          **TOLERANT}),
    "Compressor.update": (spanmatch.Compressor(3, 3).update, PAIR),
    "Compressor.merge": (spanmatch.Compressor(3, 3).merge, {"other": spanmatch.Compressor(3, 3)}),
    "Compressed.residuals": (COMPRESSED.residuals, {"match": MATCH}),
    "Compressed.is_match": (COMPRESSED.is_match, {"epsilon": 0.5, "match": MATCH}),
    "Compressed.max_match": (COMPRESSED.max_match, {"epsilon": 0.5}),
    "Compressed.similarity": (COMPRESSED.similarity, {"epsilon": 0.5}),
    "Compressed.min_match": (COMPRESSED.min_match, {"epsilon": 0.5, "neuron": ("x", 0), "order": None}),
    "Compressed.min_matches": (COMPRESSED.min_matches, {"epsilon": 0.5, **SEARCH}),
    "Compressed.simple_matches": (COMPRESSED.simple_matches, {"epsilon": 0.5, "limit": None, **SEARCH}),
    "MatchRadii.max_match": (RADII.max_match, {"epsilon": 0.5}),
    "MatchRadii.similarity": (RADII.similarity, {"epsilon": 0.5}),
    "MatchRadii.margin": (RADII.margin, {"epsilon": 0.5}),
    "MatchRadii.undecided": (RADII.undecided, {"epsilon": 0.5}),
    "exact.residuals_squared": (exact.residuals_squared, {**PAIR, "match": MATCH}),
    "exact.is_match": (exact.is_match, {**PAIR, "epsilon": 0.5, "match": MATCH, **DEAD}),
    "exact.max_match": (exact.max_match, {**PAIR, "epsilon": 0.5, **DEAD}),
    "exact.similarity": (exact.similarity, {**PAIR, "epsilon": 0.5, **DEAD}),
    "exact.match_radii": (exact.match_radii, {**PAIR, **DEAD}),
    "exact.ExactRadii": (exact.match_radii(X, Y).max_match, {"epsilon": 0.5}),
    "exact.min_match": (exact.min_match, {**PAIR, "epsilon": 0.5, "neuron": ("x", 0), "order": None, **DEAD}),
    "exact.min_matches": (exact.min_matches, {**PAIR, "epsilon": 0.5, **SEARCH, **DEAD}),
    "exact.simple_matches": (exact.simple_matches, {**PAIR, "epsilon": 0.5, "limit": None, **SEARCH, **DEAD}),
    "certify": (spanmatch.certify, {**PAIR, "epsilon": 0.5, "neuron": None, **DEAD}),
    "check_certificate": (spanmatch.check_certificate, {**PAIR, "certificate": spanmatch.certify(X, Y, 0.5)}),
    "chance_level": (spanmatch.chance_level, {"inputs": 10, "rank": 3, "constant_share": 0.1}),
    "flatten_conv": (spanmatch.flatten_conv, {"A": np.zeros((2, 2, 2, 2)), "layout": "nchw"}),
    "Layer": (spanmatch.Layer, {"values": X, "axes": "nc", "precision": None, "inputs": None}),
    "Match": (spanmatch.Match, {"x": [0], "y": [1]}),
    "Match.of": (spanmatch.Match.of, {"neurons": [("x", 0)]}),
    "capture": (spanmatch.capture, {"model": torch.nn.Sequential(torch.nn.Flatten()), "batches": torch.zeros(2, 3),
                                    "layers": "0", "device": None, "call": None, "output": None, "axes": None,
                                    "inputs": None}),
    "compare_models": (spanmatch.compare_models, {
        "models": [torch.nn.Sequential(torch.nn.Flatten())] * 2, "batches": torch.zeros(4, 3), "layers": "0",
        "baseline": 0, "call": None, "output": None, "axes": None, "device": None, "all_pairs": False, "pool": False,
        "epsilons": (0.1,), "shuffles": 1, "bootstrap": 0, "seed": 0, "method": "auto", "minimal": False,
        "names": None, "out": None, "overwrite": False, "progress": None, **TOLERANT,
    }),
    "compare": (spanmatch.compare, {
        "acts_a": {"a": X}, "acts_b": {"a": Y}, "layers": None, "all_pairs": False, "layout": None, "pool": False,
        "epsilons": (0.1,), "positions": 10, "draws": 1, "shuffles": 1, "bootstrap": 0, "seed": 0,
        "minimal": False, "units": False, "images": False, "baseline": (), "names": ("A", "B"), "training": False,
        "workers": 1, "progress": None,
        "keep_going": False, "out": None, "overwrite": False,
        **TOLERANT,
    }),
    "compare's networks": (lambda more: spanmatch.compare({"a": X}, {"a": Y}, more, shuffles=0), {"more": {"a": X}}),
    "compare's networks' layers": (lambda more: spanmatch.compare({"a": X}, {"a": Y}, {"a": more}, shuffles=0),
                                   {"more": X}),
    "compare's layers": (lambda acts_a, acts_b: spanmatch.compare({"a": acts_a}, {"a": acts_b}, shuffles=1),
                         {"acts_a": X, "acts_b": Y}),
    "compare's minimal": (lambda **minimal: spanmatch.compare({"a": X}, {"a": Y}, shuffles=0, minimal=minimal),
                          {"epsilons": (0.5,), "timeout": None, "layers": None}),
    "compare's units": (lambda **units: spanmatch.compare({"a": X}, {"a": Y}, shuffles=0, units=units),
                        {"epsilon": 0.5, "blocks": 2, "penalties": [0.5], "folds": 2, "layers": None}),
    "compare's images": (lambda **images: spanmatch.compare({"a": X}, {"a": Y}, shuffles=0, images=images),
                         {"count": 2, "shown": "probes", "layers": None}),
    "correlations": (convergent.correlations, PAIR),
    "all_correlations": (convergent.all_correlations, PAIR),
    "CorrelationAccumulator": (convergent.CorrelationAccumulator, {"m": 3, "n": 3}),
    "CorrelationAccumulator.update": (convergent.CorrelationAccumulator(3, 3).update, PAIR),
    "CorrelationAccumulator.merge": (convergent.CorrelationAccumulator(3, 3).merge,
                                     {"other": convergent.CorrelationAccumulator(3, 3)}),
    "bipartite_matching": (convergent.bipartite_matching, {"C": UNITS}),
    "semi_matching": (convergent.semi_matching, {"C": UNITS}),
    "matching_gap": (convergent.matching_gap, {"semi": convergent.semi_matching(UNITS),
                                               "matching": convergent.bipartite_matching(UNITS)}),
    "shared_features": (convergent.shared_features,
                        {"matchings": {(0, 1): convergent.bipartite_matching(UNITS)}}),
    "SharedFeatures.at_least": (convergent.shared_features({(0, 1): convergent.bipartite_matching(UNITS)}).at_least,
                                {"similarity": 0.5}),
    "mutual_information": (convergent.mutual_information, {**PAIR, "bins": 3, "edges": "width", "correction": "none"}),
    "participation_ratio": (convergent.participation_ratio, {"X": X}),
    "sparse_prediction": (convergent.sparse_prediction, {**PAIR, "penalties": [0.5], "folds": 2, "images": None,
                                                         "seed": 0}),
    "SparsePrediction.fewest": (convergent.sparse_prediction(X, Y, penalties=[0.5], folds=2).fewest, {"share": 0.9}),
    "spectral_blocks": (convergent.spectral_blocks, {**PAIR, "k": 2, "seed": 0}),
    "solve": (dynamics.solve, {**SETTING, **STATE, "w0": 0.1, "times": TIMES}),
    "final_squared_distance": (dynamics.final_squared_distance, {**SETTING, **STATE, "w0": 0.1}),
    "regime_index": (dynamics.regime_index, {**SETTING, **STATE}),
    "a_low": (dynamics.a_low, SETTING),
    "a_high": (dynamics.a_high, {"dx": 1.0, "eta_h": 1.0, "eta_y": 1.0, **STATE}),
    "conserved": (dynamics.conserved, {"dx": 1.0, "eta_h": 1.0, "eta_y": 1.0, "h": 1.0, "y": 1.0}),
    "loss_curve": (dynamics.loss_curve, {"dy": 1.0, "y": 1.0, "w": 0.0, "times": 0.0, "mean_rate": 1.0,
                                         "mean_error": 1.0}),
    "fit_rates": (dynamics.fit_rates, {**RUN, "ode": dynamics.right_hand_side}),
    "fit_many": (dynamics.fit_many, {"runs": [dynamics.MeasuredCurves(**RUN)], "ode": dynamics.right_hand_side}),
    "follow": (dynamics.follow, {"runs": [dynamics.MeasuredCurves(**RUN)], "rates": [dynamics.Rates(1.0, 1.0, 0.0)],
                                 "ode": dynamics.right_hand_side}),
}  # fmt: skip
"""Each with arguments that it takes. ``dynamics.right_hand_side`` is missing: a formula, for symbols as well."""

LEVELS = "0 half third tiny"
POSITIVE = "half third vast tiny"
NUMBERS = f"-1 {LEVELS} {POSITIVE} 0-d-int 0-d-half 0-d-tensor list empty"

ANSWERED: dict[str, str] = {
    "epsilon": LEVELS,
    **dict.fromkeys(
        ("similarity epsilon", "Compressed.similarity epsilon", "MatchRadii.similarity epsilon"),
        f"{LEVELS} 0-d-int 0-d-half 0-d-tensor list empty",
    ),
    "epsilons": "set",
    "adapters.register epsilons": f"{LEVELS} 0-d-int 0-d-half 0-d-tensor",
    "rank_tol": "none half third tiny",
    "timeout": f"none inf long {POSITIVE}",
    "limit": "none huge",
    "progress": "none lambda",
    "order": "none list empty",
    "certify neuron": "none",
    "Match x": "blank bytes list huges empty",
    "Match y": "blank bytes list huges empty",
    "neurons": "blank list empty",
    "SharedFeatures.at_least similarity": "-1 0 half third vast tiny",
    "device": "none",
    **dict.fromkeys(("compare layers", "compare_models layers", "output"), "none"),
    "call": "none lambda",
    "repository": "none",
    "base": "none",
    "capture inputs": "none far strings",
    "compare_models baseline": "0",
    "compare_models seed": "0 huge",
    "compare_models out": "none text",
    "compare out": "none text",
    "compare layout": "none list empty",
    "axes": "none",
    "precision": "none",
    "Layer inputs": "none text blank",
    **dict.fromkeys(("all_pairs", "pool", "training", "keep_going", "overwrite"), "true true_"),
    **dict.fromkeys(("minimal", "units", "compare images"), "none true true_"),
    "workers": "huge",
    **dict.fromkeys([f"compare's {one} layers" for one in ("units", "minimal", "images")], "none list empty"),
    "compare's images shown": "none",
    "count": "huge",
    "blocks": "huge",
    "compare's units folds": "none",
    "names": "none strings",
    "baseline": "list empty",
    **dict.fromkeys(("shuffles", "bootstrap", "seed"), "0"),
    **dict.fromkeys(("Compressor seed", "compare seed", "sparse_prediction seed", "rank"), "0 huge"),
    **dict.fromkeys(("positions", "inputs", "CorrelationAccumulator m", "CorrelationAccumulator n"), "huge"),
    "constant_share": LEVELS,
    "penalties": "none set",
    "images": "none",
    "share": "half third tiny",
    **dict.fromkeys(("dx", "eta_h", "eta_y", "h0"), POSITIVE),
    **dict.fromkeys(("dy", "y0", "w0", "mean_rate", "mean_error"), f"{LEVELS} vast"),
    "final_squared_distance w0": f"none {LEVELS}",
    "solve times": f"{LEVELS} 0-d-int 0-d-half 0-d-tensor",
    **dict.fromkeys(("conserved h", "conserved y", "loss_curve y", "loss_curve w", "loss_curve times"), NUMBERS),
}
"""What arguments of these names may take, with a right answer; with the function's name where others may not."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_clear_errors_and_right_answers_come_out(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some strings are names of folders
    call, arguments = FUNCTIONS[function]
    wrong = []
    for name in arguments:
        answered = ANSWERED.get(f"{function} {name}", ANSWERED.get(name, "")).split()
        for label, value in HOSTILE.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    call(**{**arguments, name: value()})
                outcome = "answered" if label not in answered else ""
            except spanmatch.SpanmatchError as error:
                clear = (name in str(error) or label in answered) and len(str(error)) <= 900
                outcome = "" if clear else f"unclear: {error}"
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            if outcome:
                wrong.append(f"{name}={label}: {outcome[:200]}")
    assert not wrong, "\n".join([function, *wrong])


def test_every_public_function_is_asked_for_each_of_its_arguments() -> None:
    """A function or an option that is new has to stand in the table too."""
    asked: dict[Any, set[str]] = {}
    for call, arguments in FUNCTIONS.values():
        asked.setdefault(call, set()).update(arguments)
    for module in (spanmatch, adapters, exact, convergent, dynamics):
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isfunction(function) and function is not dynamics.right_hand_side:
                parameters = inspect.signature(function).parameters.values()
                named = {one.name for one in parameters if one.kind is not one.VAR_POSITIONAL}
                assert asked.get(function) == named, name


def test_a_number_that_cannot_be_printed_is_cut_short_in_messages() -> None:
    with pytest.raises(spanmatch.InvalidEpsilon, match=r"^epsilon: got <int>, need a real number in \[0, 1\)"):
        spanmatch.max_match(X, Y, 10**5000)
    with pytest.raises(spanmatch.InvalidOption, match=r"^timeout: got 10{30,}\.\.\.0+, need a number of seconds"):
        spanmatch.min_matches(X, Y, 0.5, timeout=10**400)


@pytest.mark.parametrize(("function", "option"), [(spanmatch.compare, "layers"), (spanmatch.capture, "layers")])
def test_layers_that_are_no_names_are_said_with_those_there_are(function: Callable[..., Any], option: str) -> None:
    arguments = next(arguments for call, arguments in FUNCTIONS.values() if call is function)
    with pytest.raises(spanmatch.UnknownLayer, match=r"^layers: got 3, need .*(acts_a has a|the model has: 0)"):
        function(**{**arguments, option: 3})
