"""Bad input: one table of wrong arguments, tried on every public function that takes the argument."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import spanmatch
from spanmatch import exact
from spanmatch.theory.errors import InvalidActivations, InvalidEpsilon, InvalidNeuron, InvalidOption
from spanmatch.theory.residuals import LeastSquares

GOOD = np.array([[1.0, 2.0], [0.0, 3.0], [1.0, 1.0], [4.0, 4.0], [0.0, 1.0]])
PAIR = ([0], [1])
Call = Callable[..., Any]

FLOAT: dict[str, Call] = {
    "max_match": lambda X, Y, e=0.3, **k: spanmatch.max_match(X, Y, e, **k),
    "similarity": lambda X, Y, e=0.3, **k: spanmatch.similarity(X, Y, e, **k),
    "is_match": lambda X, Y, e=0.3, **k: spanmatch.is_match(X, Y, e, PAIR, **k),
    "min_match": lambda X, Y, e=0.3, **k: spanmatch.min_match(X, Y, e, ("x", 0), **k),
    "simple_matches": lambda X, Y, e=0.3, **k: spanmatch.simple_matches(X, Y, e, **k),
    "residuals": lambda X, Y, **k: spanmatch.residuals(X, Y, PAIR, **k),
    "match_radii": lambda X, Y, **k: spanmatch.match_radii(X, Y, **k),
    "compress": lambda X, Y, **k: spanmatch.compress(X, Y, **k),
    "LeastSquares": lambda X, Y, **k: LeastSquares(X, Y, **k),
}
EXACT: dict[str, Call] = {
    "exact.max_match": lambda X, Y, e=0.3, **k: exact.max_match(X, Y, e, **k),
    "exact.similarity": lambda X, Y, e=0.3, **k: exact.similarity(X, Y, e, **k),
    "exact.is_match": lambda X, Y, e=0.3, **k: exact.is_match(X, Y, e, PAIR, **k),
    "exact.min_match": lambda X, Y, e=0.3, **k: exact.min_match(X, Y, e, ("x", 0), **k),
    "exact.simple_matches": lambda X, Y, e=0.3, **k: exact.simple_matches(X, Y, e, **k),
    "exact.residuals_squared": lambda X, Y, **k: exact.residuals_squared(X, Y, PAIR, **k),
    "exact.match_radii": lambda X, Y, **k: exact.match_radii(X, Y, **k),
    "exact.ExactGeometry": lambda X, Y, **k: exact.ExactGeometry(X, Y, **k),
}
TAKE_EPSILON = {
    **{name: FLOAT[name] for name in ("max_match", "similarity", "is_match", "min_match", "simple_matches")},
    **{
        f"exact.{name}": EXACT[f"exact.{name}"]
        for name in ("max_match", "similarity", "is_match", "min_match", "simple_matches")
    },
    "MatchRadii.max_match": lambda X, Y, e: spanmatch.match_radii(X, Y).max_match(e),
    "MatchRadii.similarity": lambda X, Y, e: spanmatch.match_radii(X, Y).similarity(e),
    "MatchRadii.margin": lambda X, Y, e: spanmatch.match_radii(X, Y).margin(e),
    "MatchRadii.undecided": lambda X, Y, e: spanmatch.match_radii(X, Y).undecided(e),
    "Compressed.max_match": lambda X, Y, e: spanmatch.compress(X, Y).max_match(e),
    "Compressed.similarity": lambda X, Y, e: spanmatch.compress(X, Y).similarity(e),
    "Compressed.is_match": lambda X, Y, e: spanmatch.compress(X, Y).is_match(e, PAIR),
    "Compressed.min_match": lambda X, Y, e: spanmatch.compress(X, Y).min_match(e, ("y", 1)),
    "Compressed.simple_matches": lambda X, Y, e: spanmatch.compress(X, Y).simple_matches(e),
    "ExactRadii.max_match": lambda X, Y, e: exact.match_radii(X, Y).max_match(e),
}


def with_entry(value: float) -> np.ndarray:
    changed = GOOD.copy()
    changed[2, 1] = value
    return changed


def words(*parts: str) -> str:
    """A pattern for these parts in this order."""
    return ".*".join(re.escape(part) for part in parts)


REAL = "a real array of shape (inputs, neurons)"
#: what is wrong -> (the argument, what the message says, the same for exact where it differs)
BAD: dict[str, tuple[Any, str, str | None]] = {
    "nan": (
        with_entry(np.nan),
        words("1 of 10 values are not finite (first: NaN at input 2, neuron 1)", "finite numbers", "remove"),
        words("got nan (float) at input 2, neuron 1", "need finite"),
    ),
    "infinity": (
        with_entry(-np.inf),
        words("1 of 10 values are not finite (first: infinity at input 2, neuron 1)", "finite numbers", "remove"),
        words("got -inf (float) at input 2, neuron 1", "need finite"),
    ),
    "float32 nan": (
        with_entry(np.nan).astype(np.float32),
        words("NaN at input 2, neuron 1"),
        words("got nan (float) at input 2, neuron 1"),
    ),
    "0-D": (3.0, words("got shape () (0-D)", "need 2-D (inputs, neurons)"), None),
    "1-D": (GOOD[:, 0], words("got shape (5,) (1-D)", "need 2-D (inputs, neurons)", "reshape(-1, 1)"), None),
    "3-D": (GOOD[None], words("got shape (1, 5, 2) (3-D)", "need 2-D", "spanmatch.Layer(array, axes)"), None),
    "4-D": (GOOD[None, None], words("got shape (1, 1, 5, 2) (4-D)", '"nhwc" means 1 images x 5 positions'), None),
    "complex": (
        GOOD + 1j,
        words("got dtype complex128, need", "integers", ".real and .imag"),
        words("got dtype complex128, need integers, floats or objects"),
    ),
    "string": (
        GOOD.astype("U4"),
        words("got dtype str128, need", "integers", ".astype(float)"),
        words("got dtype str128, need integers, floats or objects"),
    ),
    "bytes": (GOOD.astype("S4"), words("got dtype bytes32, need"), None),
    "object": (
        np.array([["a", None]] * 5, dtype=object),
        words("got dtype object, need", "spanmatch.exact", ".astype(float)"),
        words("got 'a' (str) at input 0, neuron 0", "need finite ints, Fractions or floats"),
    ),
    "object with a nan": (
        np.array([[1, Fraction(1, 3)], [float("nan"), 2]] + [[1, 1]] * 3, dtype=object),
        words("got dtype object"),
        words("got nan (float) at input 1, neuron 0"),
    ),
    "object with a bool": (
        np.array([[1, True]] * 5, dtype=object),
        words("got dtype object"),
        words("got True (bool) at input 0, neuron 1"),
    ),
    "object with a complex": (
        np.array([[1, 1j]] * 5, dtype=object),
        words("got dtype object"),
        words("got 1j (complex) at input 0, neuron 1"),
    ),
    "bool": (GOOD > 1, words("got dtype bool, need", ".astype(float)"), words("got dtype bool, need")),
    "datetime": (GOOD.astype("M8[s]"), words("got dtype datetime64[s], need"), None),
    "longdouble": (
        GOOD.astype(np.longdouble),
        words(f"got dtype {np.dtype(np.longdouble).name}, need float16, bfloat16, float32, float64 or integers"),
        words(f"got dtype {np.dtype(np.longdouble).name}, need integers, floats or objects"),
    ),
    "ragged": ([[1.0, 2.0], [3.0]], words("got a list that is no rectangular array", REAL, "equally long"), None),
    "None": (None, words("got None", f"need {REAL}"), None),
    "masked": (
        np.ma.masked_less(GOOD, 1),
        words("got a masked array", "need", "drop the masked inputs", ".filled"),
        None,
    ),
    "unmasked masked": (np.ma.array(GOOD), words("got a masked array"), None),
    "no inputs": (GOOD[:0], words("got shape (0, 2): no inputs (rows), need at least one"), None),
    "no neurons": (GOOD[:, :0], words("got shape (5, 0): no neurons (columns), need at least one"), None),
    "nothing": ([], words("got shape (0,) (1-D)", "need 2-D"), None),
    "a text": ("activations", words("got shape () (0-D), need 2-D"), None),
    "a mapping": ({"relu": GOOD}, words("got shape () (0-D), need 2-D"), None),
    "a layer": (torch.nn.Linear(1, 2), words("got shape () (0-D), need 2-D"), None),
    "sparse tensor": (torch.tensor(GOOD).to_sparse(), words("torch tensor", "layout sparse_coo", "to_dense"), None),
    "bool tensor": (torch.tensor(GOOD) > 1, words("got dtype bool, need"), None),
    "complex tensor": (torch.tensor(GOOD + 1j), words("got dtype complex128, need"), None),
    "conjugated tensor": (torch.tensor(GOOD + 1j).conj(), words("tensor of dtype complex128", "resolve_conj"), None),
    "float8 tensor": (torch.tensor(GOOD).to(torch.float8_e4m3fn), words("torch tensor of dtype float8_e4m3fn"), None),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("name", [*FLOAT, *EXACT])
def test_bad_activations(name: str, what: str) -> None:
    value, said, said_by_exact = BAD[what]
    pattern = said_by_exact if name in EXACT and said_by_exact else said
    call = {**FLOAT, **EXACT}[name]
    with pytest.raises(InvalidActivations, match=f"^X: .*(?s:{pattern})"):
        call(value, GOOD)
    with pytest.raises(InvalidActivations, match=f"^Y: .*(?s:{pattern})"):
        call(GOOD, value)


@pytest.mark.parametrize("name", [*FLOAT, *EXACT])
def test_different_numbers_of_inputs(name: str) -> None:
    with pytest.raises(InvalidActivations, match=r"^X, Y: got 5 and 4 inputs \(rows\), need the same .*transpose"):
        {**FLOAT, **EXACT}[name](GOOD, GOOD[:4])


BAD_EPSILON: dict[str, tuple[Any, str]] = {
    "negative": (-0.1, words("epsilon: got -0.1, need a real number in [0, 1)")),
    "one": (1.0, words("epsilon: got 1.0, need a real number in [0, 1)", "at 1 everything matches")),
    "two": (2, words("epsilon: got 2, need a real number in [0, 1)")),
    "nan": (float("nan"), words("epsilon: got nan, need a real number in [0, 1)")),
    "infinity": (float("inf"), words("epsilon: got inf, need a real number in [0, 1)")),
    "text": ("0.3", words("epsilon: got '0.3' (str), need a real number in [0, 1)")),
    "True": (True, words("epsilon: got True (bool), need a real number in [0, 1)")),
    "False": (np.False_, words("epsilon: got", "(bool), need a real number in [0, 1)")),
    "None": (None, words("epsilon: got None (NoneType), need a real number in [0, 1)")),
    "complex": (1j, words("epsilon: got 1j (complex), need a real number in [0, 1)")),
}


@pytest.mark.parametrize("what", BAD_EPSILON)
@pytest.mark.parametrize("name", TAKE_EPSILON)
def test_bad_epsilon(name: str, what: str) -> None:
    value, said = BAD_EPSILON[what]
    # What NumPy calls bool is "bool_" or "bool", as its version has it.
    with pytest.raises(InvalidEpsilon, match="^" + said.replace(r"\(bool\)", r"\(bool_?\)")):
        TAKE_EPSILON[name](GOOD, GOOD, value)


@pytest.mark.parametrize(
    "grid", [[0.1, 1.0], [False, 0.3], [[0.1], [0.1, 0.2]], ["0.3"], [1j], np.array([True]), [None]]
)
def test_bad_arrays_of_epsilon(grid: Any) -> None:
    for call in (spanmatch.match_radii(GOOD, GOOD).similarity, lambda e: spanmatch.similarity(GOOD, GOOD, e)):
        with pytest.raises(InvalidEpsilon, match=r"^epsilon: got .*, need a real number in \[0, 1\)"):
            call(grid)


@pytest.mark.parametrize("name", ["max_match", "similarity", "is_match", "min_match", "simple_matches"])
def test_scalar_functions_take_no_array_of_epsilon(name: str) -> None:
    calls = [EXACT[f"exact.{name}"]] + ([FLOAT[name]] if name != "similarity" else [])
    for call in calls:
        with pytest.raises(InvalidEpsilon, match=r"^epsilon: got .*need a real number"):
            call(GOOD, GOOD, [0.1, 0.2])


@pytest.mark.parametrize(
    "epsilon", [0, 0.5, Fraction(1, 2), np.float32(0.5), np.float64(0.5), np.float16(0.5), np.int64(0)]
)
def test_good_epsilon(epsilon: Any) -> None:
    expected = {name: call(GOOD, GOOD, float(epsilon)) for name, call in TAKE_EPSILON.items()}
    assert {name: call(GOOD, GOOD, epsilon) for name, call in TAKE_EPSILON.items()} == expected


def test_an_epsilon_next_to_one_does_not_become_one() -> None:
    X, Y = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
    epsilon = Fraction(10**30 - 1, 10**30)
    assert [call(X, Y, epsilon) for name, call in TAKE_EPSILON.items() if name.endswith("max_match")] == (
        [spanmatch.Match()] * 5
    )


NEURON = words('need ("x", 0..1) or ("y", 0..1)')
BAD_NEURON: dict[str, tuple[Any, str]] = {
    "m": (("x", 2), words("got ('x', 2), the index is out of range")),
    "n": (("y", 2), words("got ('y', 2), the index is out of range")),
    "negative": (("x", -1), words("got ('x', -1), the index is out of range")),
    "side": (("z", 0), words("got ('z', 0), which is no pair of a side and an index")),
    "number": (3, words("got 3, which is no pair of a side and an index")),
    "float": (("x", 1.5), words("got ('x', 1.5), which is no pair")),
    "text": ("x0", words("got 'x0', which is no pair")),
    "None": (None, words("got None, which is no pair")),
    "bool": (("x", True), words("got ('x', True), which is no pair")),
    "triple": (("x", 0, 1), words("got ('x', 0, 1), which is no pair")),
}


@pytest.mark.parametrize("what", BAD_NEURON)
def test_bad_neuron(what: str) -> None:
    neuron, said = BAD_NEURON[what]
    for call in (
        spanmatch.min_match,
        exact.min_match,
        lambda X, Y, e, v, **k: spanmatch.compress(X, Y).min_match(e, v, **k),
    ):
        with pytest.raises(InvalidNeuron, match=f"^neuron: {said}.*{NEURON}"):
            call(GOOD, GOOD, 0.3, neuron)
        with pytest.raises(InvalidNeuron, match=f"^order: {said}.*{NEURON}"):
            call(GOOD, GOOD, 0.3, ("x", 0), order=[("y", 0), neuron])
        with pytest.raises(InvalidNeuron, match=r"^order: got 3, need neurons in the order"):
            call(GOOD, GOOD, 0.3, ("x", 0), order=3)


BAD_MATCH: dict[str, tuple[Any, str]] = {
    "out of range": (
        spanmatch.Match([0, 2], [0]),
        words("match: got ('x', 2), the index is out of range") + ".*" + NEURON,
    ),
    "negative": (([0], [-1]), words("match: got ('y', -1), the index is out of range") + ".*" + NEURON),
    "float": (([1.5], [0]), words("match: got ([1.5], [0]), need a Match or a pair of collections of indices")),
    "text": (("x", "y"), words("match: got ('x', 'y'), need a Match")),
    "mask": (([True, False], [0]), words("match: got ([True, False], [0]), need a Match")),
    "numpy mask": ((np.array([True, False]), [0]), words("match: got (array(", "need a Match")),
    "three": (([0], [0], [0]), words("match: got ([0], [0], [0]), need a Match")),
    "None": (None, words("match: got None, need a Match")),
    "number": (3, words("match: got 3, need a Match")),
    "dict": ({"x": [0], "y": [0]}, words("match: got {'x': [0], 'y': [0]}, need a Match")),
}


@pytest.mark.parametrize("what", BAD_MATCH)
def test_bad_match(what: str) -> None:
    match, said = BAD_MATCH[what]
    for call in (
        lambda pair: spanmatch.is_match(GOOD, GOOD, 0.3, pair),
        lambda pair: spanmatch.residuals(GOOD, GOOD, pair),
        lambda pair: spanmatch.compress(GOOD, GOOD).residuals(pair),
        lambda pair: exact.is_match(GOOD, GOOD, 0.3, pair),
        lambda pair: exact.residuals_squared(GOOD, GOOD, pair),
    ):
        with pytest.raises(InvalidNeuron, match=f"^{said}"):
            call(match)


@pytest.mark.parametrize("value", ["keep", None, True, 0, ["match"], np.array(["match", "drop"]), "Match"])
def test_bad_dead_neurons(value: Any) -> None:
    for name, call in {**FLOAT, **EXACT}.items():
        if "residuals" not in name:
            with pytest.raises(InvalidOption, match=r"^dead_neurons: got .*need one of 'match', 'unmatched', 'drop'"):
                call(GOOD, GOOD, dead_neurons=value)


@pytest.mark.parametrize("value", [0, 0.0, -1e-6, 1, 1.0, float("nan"), float("inf"), "1e-6", True, 1j, [1e-6]])
def test_bad_rank_tol(value: Any) -> None:
    for name, call in FLOAT.items():
        if name != "LeastSquares":
            with pytest.raises(InvalidOption, match=r"^rank_tol: got .*need a number in \(0, 1\), or None"):
                call(GOOD, GOOD, rank_tol=value)


@pytest.mark.parametrize("value", [1e-6, np.float32(1e-6), Fraction(1, 10**6)])
def test_good_rank_tol(value: Any) -> None:
    assert spanmatch.compress(GOOD, GOOD, rank_tol=value).tau == pytest.approx(1e-6)


@pytest.mark.parametrize("name", [*FLOAT, *EXACT])
def test_inputs_are_never_modified(name: str) -> None:
    X, Y = GOOD.copy(), np.asfortranarray(GOOD[:, ::-1] + 1)
    X.flags.writeable = Y.flags.writeable = False
    before = X.copy(), Y.copy()
    {**FLOAT, **EXACT}[name](X, Y)
    tensors = torch.tensor(before[0]), torch.tensor(before[1])
    {**FLOAT, **EXACT}[name](*tensors)
    assert np.array_equal(X, before[0])
    assert np.array_equal(Y, before[1])
    assert all(np.array_equal(tensor.numpy(), old) for tensor, old in zip(tensors, before, strict=True))


def test_sparse_matrices_are_named() -> None:
    from scipy.sparse import csr_array

    with pytest.raises(spanmatch.InvalidActivations, match=r"X: got a sparse csr_array.*X\.toarray\(\)"):
        spanmatch.max_match(csr_array(np.eye(3)), np.eye(3), 0.5)
