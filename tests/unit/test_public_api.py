"""The package's own names: complete, loaded when they are used, and clear about what is missing."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spanmatch

HEAVY = ("torch", "flint", "hypothesis", "matplotlib", "sympy", "h5py", "safetensors")
PROMISED = {
    "Neuron",
    "Match",
    "residuals",
    "is_match",
    "max_match",
    "similarity",
    "match_radii",
    "min_match",
    "simple_matches",
    "compress",
    "exact",
    "capture",
    "flatten_conv",
    "MatchRadii",
    "SimpleMatches",
    "Compressed",
    "SpanmatchError",
    "InvalidActivations",
    "InvalidEpsilon",
    "InvalidNeuron",
    "InvalidFile",
    "UnknownLayer",
    "MissingData",
    "MissingExtra",
    "SpanmatchWarning",
}


def run(code: str, tmp_path: Path) -> str:
    """What a fresh interpreter prints, started in an empty folder."""
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(spanmatch.__file__).parents[1]), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def test_all_names_what_is_there() -> None:
    assert len(set(spanmatch.__all__)) == len(spanmatch.__all__)
    assert PROMISED <= set(spanmatch.__all__) <= set(dir(spanmatch))
    assert all(getattr(spanmatch, name) is not None for name in spanmatch.__all__)
    ours = {
        name
        for name, value in vars(spanmatch).items()
        if getattr(value, "__module__", "").startswith("spanmatch.") and not name.startswith("_")
    }
    assert ours <= set(spanmatch.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'spanmatch' has no attribute 'max_matches_of'"):
        spanmatch.max_matches_of  # type: ignore[attr-defined]  # noqa: B018


def test_nothing_heavy_is_loaded_until_it_is_used(tmp_path: Path) -> None:
    code = f"""
import sys, spanmatch
spanmatch.max_match([[1.0], [0.0], [0.0]], [[2.0], [0.0], [0.0]], 0.1)
print([name for name in {HEAVY} if name in sys.modules])
spanmatch.exact.max_match
print([name for name in {HEAVY} if name in sys.modules])
spanmatch.capture
print("torch" in sys.modules)
"""
    assert run(code, tmp_path).splitlines() == ["[]", "['flint']", "True"]


@pytest.mark.parametrize(("module", "name", "extra"), [("flint", "exact", "exact"), ("torch", "capture", "networks")])
def test_a_missing_extra_is_named(module: str, name: str, extra: str, tmp_path: Path) -> None:
    code = f"""
import sys
sys.modules[{module!r}] = None
import spanmatch
print(spanmatch.max_match([[1.0], [0.0], [0.0]], [[2.0], [0.0], [0.0]], 0.1))
try:
    spanmatch.{name}
except spanmatch.MissingExtra as error:
    print(isinstance(error, ImportError), error)
"""
    answer, message = run(code, tmp_path).splitlines()
    assert answer == "Match(x={0}, y={0})"
    assert message.startswith("True ")
    assert f'pip install "spanmatch[{extra}]"' in message


def test_every_error_is_a_spanmatch_error_and_of_its_own_kind() -> None:
    kinds = {
        spanmatch.InvalidActivations: ValueError,
        spanmatch.InvalidEpsilon: ValueError,
        spanmatch.InvalidNeuron: ValueError,
        spanmatch.InvalidOption: ValueError,
        spanmatch.InvalidFile: ValueError,
        spanmatch.UnknownLayer: KeyError,
        spanmatch.MissingData: FileNotFoundError,
        spanmatch.MissingExtra: ImportError,
    }
    for error, builtin in kinds.items():
        assert issubclass(error, spanmatch.SpanmatchError)
        assert issubclass(error, builtin)
        assert str(error("layer 'a': not there")) == "layer 'a': not there"
    assert issubclass(spanmatch.SpanmatchWarning, UserWarning)


def test_answers_do_not_share_memory_with_the_activations() -> None:
    X = np.arange(12.0).reshape(6, 2)
    compressed = spanmatch.compress(X, X)
    before = compressed.match_radii().x.copy()
    X[:] = 0
    assert np.array_equal(compressed.match_radii().x, before)


@pytest.mark.parametrize(
    "function",
    [spanmatch.residuals, spanmatch.is_match, spanmatch.max_match, spanmatch.similarity, spanmatch.match_radii,
     spanmatch.min_match, spanmatch.min_matches, spanmatch.simple_matches, spanmatch.compress,
     spanmatch.exact.max_match, spanmatch.exact.min_match, spanmatch.exact.simple_matches,
     spanmatch.Compressed.min_match, spanmatch.Compressed.min_matches, spanmatch.Compressed.simple_matches],
)  # fmt: skip
def test_options_are_keywords_only(function: Callable[..., Any]) -> None:
    """X, Y, epsilon, neuron come in this order; all that has a default is named in calls."""
    for parameter in inspect.signature(function).parameters.values():
        has_default = parameter.default is not parameter.empty
        assert parameter.kind is (parameter.KEYWORD_ONLY if has_default else parameter.POSITIONAL_OR_KEYWORD), parameter


def test_results_can_stand_in_sets() -> None:
    X = np.eye(3)[:, :2]
    assert len({spanmatch.simple_matches(X, X, 0.1), spanmatch.simple_matches(X, X, 0.1)}) == 1
