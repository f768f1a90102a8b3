"""A layer keeps its meaning: which axis is the image, which the neuron, how precise its values are, of which inputs."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
import torch

import spanmatch
from spanmatch import InvalidActivations, InvalidOption, Layer, convergent, exact
from spanmatch.theory.tolerances import rank_tolerance
from spanmatch.theory.validation.layer import as_layer, as_layouts

SIZES = {"n": 3, "c": 2, "h": 4, "w": 5, "t": 4, "l": 4, "d": 2}
AXES = ("nc", "cn", "nchw", "nhwc", "chwn", "ncwh", "ntc", "tnc", "ncl", "ncdhw", "ndhwc", "ntchw")


def words(*parts: str) -> str:
    """A pattern for these parts in this order."""
    return ".*".join(re.escape(part) for part in parts)


def numbered(axes: str) -> np.ndarray:
    return np.arange(np.prod([SIZES[axis] for axis in axes]), dtype=np.float32).reshape([SIZES[axis] for axis in axes])


@pytest.mark.parametrize("axes", AXES)
def test_a_row_is_one_position_of_one_image(axes: str) -> None:
    """Entry by entry, by indexing alone: rows run through images, then positions; a column is a neuron."""
    values = numbered(axes)
    layer = Layer(values, axes)
    given = "".join(axis for axis in axes if axis not in "nc")
    places = "hw" if given == "wh" else given
    positions = list(np.ndindex(*(SIZES[axis] for axis in places)))
    expected = [
        [values[tuple((dict(zip(places, where, strict=True)) | {"n": image, "c": neuron})[axis] for axis in axes)]
         for neuron in range(SIZES["c"])]
        for image in range(SIZES["n"])
        for where in positions
    ]  # fmt: skip
    assert (layer.images, layer.positions, layer.neurons) == (3, len(positions), 2)
    assert layer.shape == (3 * len(positions), 2)
    assert layer.resolution == {axis: SIZES[axis] for axis in places}
    assert np.array_equal(layer, expected)
    assert np.array_equal(layer.by_image, np.reshape(expected, (3, len(positions), 2)))
    numbers = np.arange(len(expected))[::-2]
    assert np.array_equal(layer.rows(numbers), np.array(expected)[numbers])
    order = np.array([2, 0, 1])
    shuffled = Layer(np.take(values, order, axis=axes.index("n")), axes)
    assert np.array_equal(layer.rows(numbers, order), shuffled[numbers])


def test_it_is_an_array_to_all_who_ask_for_one() -> None:
    layer = Layer(numbered("nchw"), "nchw")
    assert (len(layer), layer.ndim, layer.dtype) == (60, 2, np.float32)
    assert np.asarray(layer, dtype=np.float64).dtype == np.float64
    assert np.shares_memory(np.asarray(layer), layer.matrix)
    assert not np.shares_memory(np.array(layer), layer.matrix)
    assert torch.equal(torch.as_tensor(np.asarray(layer)), torch.as_tensor(layer.matrix))
    assert np.array_equal(layer[5:7, 1], layer.matrix[5:7, 1])
    assert np.shares_memory(Layer(numbered("nhwc"), "nhwc").matrix, Layer(numbered("nhwc"), "nhwc").values) is False
    values = numbered("nhwc")
    assert np.shares_memory(Layer(values, "nhwc").matrix, values)
    assert np.shares_memory(Layer(values.transpose(0, 3, 1, 2), "nchw").by_image, values)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer)), Layer])
def test_copies_keep_the_meaning_and_not_what_is_cached(again: Any) -> None:
    layer = Layer(numbered("ntc"), "ntc", precision="bfloat16", inputs=["a", "b", "c"])
    before = len(pickle.dumps(layer))
    assert np.array_equal(layer, again(layer))
    assert repr(again(layer)) == repr(layer)
    assert again(layer).inputs == ("a", "b", "c")
    assert len(pickle.dumps(layer)) == before


def test_what_is_said_anew_replaces_what_was_known() -> None:
    layer = Layer(numbered("ntc"), "ntc", precision="float16", inputs=[1, 2, 3])
    assert Layer(layer, precision="bfloat16", inputs="x").precision == "bfloat16"
    assert Layer(layer, precision="bfloat16", inputs="x").inputs == "x"
    assert Layer(layer, "ntc").precision == "float16"
    with pytest.raises(InvalidOption, match="axes: got 'tnc' for a layer whose axes are 'ntc'"):
        Layer(layer, "tnc")


@pytest.mark.parametrize(
    ("values", "precision", "computed"),
    [
        (torch.ones(3, 2, dtype=torch.bfloat16, requires_grad=True), None, "bfloat16"),
        (torch.ones(3, 2, dtype=torch.float16), None, "float16"),
        (np.ones((3, 2), np.float16), "float32", "float16"),
        (np.ones((3, 2), np.float32), "bfloat16", "bfloat16"),
        (np.ones((3, 2), np.float64), "float32", "float32"),
        (np.ones((3, 2), np.float32), "float64", "float32"),
        (np.ones((3, 2), np.int8), "float16", "float16"),
        (np.ones((3, 2), np.int64), None, "int64"),
        (torch.ones(3, 2, dtype=torch.bfloat16), "float32", "float32"),
    ],
)
def test_the_tolerance_is_that_of_the_coarser_of_precision_and_dtype(
    values: Any, precision: Any, computed: str
) -> None:
    layer = Layer(values, precision=precision)
    assert layer.computed_in == computed
    compressed = spanmatch.compress(layer, np.ones((3, 1)))
    assert compressed.dtypes[0] == computed
    assert compressed.tau >= rank_tolerance(computed, 3)


def test_every_function_takes_layers() -> None:
    """The same numbers as by the matrices, in the precision that the layers were computed in."""
    rng = np.random.default_rng(0)
    X, Y = (Layer(rng.standard_normal((10, 3, 2, 2)), "nchw") for _ in range(2))
    x, y = np.array(X), np.array(Y)
    assert np.array_equal(spanmatch.match_radii(X, Y).x, spanmatch.match_radii(x, y).x)
    assert np.array_equal(convergent.correlations(X, Y), convergent.correlations(x, y))
    assert convergent.participation_ratio(X) == convergent.participation_ratio(x)
    assert exact.max_match(X, Y, 0.9) == exact.max_match(x, y, 0.9)
    assert spanmatch.certify(X, Y, 0.9).to_dict() == spanmatch.certify(x, y, 0.9).to_dict()
    assert spanmatch.residuals(X, Y, spanmatch.Match([0], [0]))[0] == spanmatch.residuals(x, y, ([0], [0]))[0]


def test_positions_of_an_image_stay_in_one_fold() -> None:
    """Each image is repeated: whoever forgets images predicts a held-out row from its own copy."""
    rng = np.random.default_rng(0)
    X, Y = (np.repeat(rng.standard_normal((20, 1, units)), 9, axis=1) for units in (15, 1))
    options: dict[str, Any] = {"penalties": [0.01], "folds": 4}
    kept = convergent.sparse_prediction(Layer(X, "ntc"), Layer(Y, "ntc"), **options)
    images = np.repeat(np.arange(20), 9)
    told = convergent.sparse_prediction(X.reshape(-1, 15), Y.reshape(-1, 1), images=images, **options)
    forgotten = convergent.sparse_prediction(X.reshape(-1, 15), Y.reshape(-1, 1), **options)
    assert np.array_equal(kept.error, told.error)
    assert kept.mean_r2 < 0.5 < forgotten.mean_r2


def test_a_null_of_other_positions_is_refused() -> None:
    layer = Layer(np.random.default_rng(0).standard_normal((8, 3, 2)), "ntc")
    with pytest.raises(InvalidActivations, match="X: got 3 positions an image, need 1 as declared"):
        spanmatch.Compressor(2, 2, shuffles=2).update(layer, layer)
    spanmatch.Compressor(2, 2, shuffles=2, positions=3).update(layer, layer)


MEANT = np.ones((3, 2))
IDS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (IDS, IDS, None),
        (np.arange(3), torch.arange(3), None),
        (IDS, None, None),
        (IDS, "fingerprint", None),
        ("x", "x", None),
        (IDS, ["a", "c", "b"], words("the same inputs in another order (image 1 is 'b' and 'c')", "without shuffling")),
        (IDS, ["a", "b", "d"], words("other inputs: 2 of 3 ids in common")),
        (["a", "a", "b"], ["a", "b", "b"], words("other inputs: 2 of 3 ids in common")),
        ([1, 2, 3], ["1", "2", "3"], words("other inputs: 0 of 3 ids in common")),
        ("x", "y", words("inputs of fingerprint 'x' and 'y'", "in another order")),
    ],
)
def test_layers_of_other_inputs_are_not_compared(ours: Any, theirs: Any, said: str | None) -> None:
    X, Y = Layer(MEANT, inputs=ours), Layer(MEANT, inputs=theirs)
    pairs = [lambda: spanmatch.max_match(X, Y, 0.5), lambda: exact.max_match(X, Y, 0.5),
             lambda: spanmatch.compare({"l": X}, {"l": Y}), lambda: convergent.correlations(X, Y),
             lambda: spanmatch.certify(X, Y, 0.5)]  # fmt: skip
    for ask in pairs:
        if said is None:
            with spanmatch.theory.errors.without_advice():
                ask()
        else:
            with pytest.raises(InvalidActivations, match=said):
                ask()


def test_rows_of_other_images_are_not_compared() -> None:
    X, Y = Layer(np.ones((2, 6, 1)), "ntc"), Layer(np.ones((4, 3, 1)), "ntc")
    with pytest.raises(InvalidActivations, match="X, Y: got 2 and 4 images, need the same inputs in the same order"):
        spanmatch.max_match(X, Y, 0.5)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((200, 197, 64), ['"ntc" means 200 images x 197 positions x 64', '"ncl" means 200 images x 64 positions',
                          '"tnc" means 197 images x 200 positions x 64 neurons']),
        ((200, 8, 8, 48), ['"nchw" means 200 images x 384 positions x 8', '"nhwc" means 200 images x 64 positions']),
        ((2, 3, 4, 5, 6), ['"ncdhw" means 2 images x 120 positions x 3', '"ntchw" means 2 images x 90 positions x 4']),
        ((2, 3, 4, 5, 6, 7), ["one letter an axis, n for the images and c for the neurons"]),
        ((4,), ["(inputs, 1)", "reshape(-1, 1)"]),
        ((), ["got shape () (0-D)"]),
    ],
)  # fmt: skip
def test_axes_are_never_guessed(shape: tuple[int, ...], said: list[str]) -> None:
    with pytest.raises(InvalidActivations, match=f"^{words('values: ', *said)}"):
        Layer(np.ones(shape))
    for what in ("acts_a['l']", "A"):
        with pytest.raises(InvalidActivations, match=f"^{re.escape(what)}: got shape"):
            as_layer(np.ones(shape), what)


@pytest.mark.parametrize("axes", ["chw", "nhw", "nncc", "n c", "nc4", "", "nç", 3, ["n", "c"], b"nc", "N C"])
def test_axes_are_letters(axes: Any) -> None:
    with pytest.raises(InvalidOption, match=r'^axes: got .*, need one letter an axis, each once: "n" for the images'):
        Layer(np.ones((2, 2, 2)), axes)


def test_axes_may_be_written_in_capitals() -> None:
    assert Layer(np.ones((2, 3, 4, 5)), "NCHW").axes == "nchw"


@pytest.mark.parametrize(
    ("value", "axes", "said"),
    [
        (np.ones((2, 3)), "nchw", words("got shape (2, 3) (2-D), need 4 axes for 'nchw'")),
        (np.zeros((0, 3)), None, ".*no inputs"),
        (np.zeros((2, 3, 0, 5)), "nchw", ".*no inputs"),
        (np.zeros((3, 0)), None, ".*no neurons"),
        (np.array([["a"]]), None, words("got dtype str")),
        (np.array([[1j]]), None, words("got dtype complex128")),
        (np.array([[True]]), None, words("got dtype bool")),
        (np.array([[{}]], dtype=object), None, words("got dtype object")),
        (None, None, words("got None")),
    ],
)
def test_bad_values_are_named(value: Any, axes: Any, said: str) -> None:
    with pytest.raises(InvalidActivations, match=f"^values: {said}"):
        Layer(value, axes)
    if axes != "nchw" or np.ndim(value) == 4:
        with pytest.raises(InvalidActivations, match=r"^acts: "):
            as_layer(value, "acts", [] if axes is None else [axes])


@pytest.mark.parametrize("inputs", [[1, 2], [1, 2, 3, 4], [1.0, 2.0, 3.0], [None] * 3, 3, [True] * 3, np.ones(3)])
def test_bad_ids_are_named(inputs: Any) -> None:
    with pytest.raises(InvalidOption, match=r"^inputs: got .*need one id \(a string or an integer\) for each of the 3"):
        Layer(MEANT, inputs=inputs)


@pytest.mark.parametrize("precision", ["bf16", "float8", torch.float16, np.float32, 16])
def test_bad_precisions_are_named(precision: Any) -> None:
    with pytest.raises(
        InvalidOption, match=r"^precision: got .*need one of 'float16', 'bfloat16', 'float32', 'float64'"
    ):
        Layer(MEANT, precision=precision)


@pytest.mark.parametrize(("place", "row"), [((1, 2, 3, 4), 39), ((0, 1, 0, 3), 3)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_found_where_it_is(place: Any, row: int, value: float) -> None:
    values = np.arange(120.0).reshape(2, 3, 4, 5)
    layer = as_layer(values, "A", ["nchw"])
    layer.check_finite("A")
    values[place] = value
    kind = "NaN" if np.isnan(value) else "infinity"
    with pytest.raises(
        InvalidActivations, match=f"A: 1 of 120 values.*first: {kind} at input {row}, neuron {place[1]}"
    ):
        layer.check_finite("A")


def test_dead_neurons_are_those_that_are_zero_everywhere() -> None:
    values = np.ones((2, 3, 4, 5))
    values[:, 1:] = 0
    values[1, 2, 3, 4] = 1e-30
    assert Layer(values, "nchw").dead == 1
    assert Layer(values.transpose(1, 0, 2, 3), "cnhw").dead == 1


def test_layouts_are_for_arrays_of_so_many_axes() -> None:
    assert as_layouts(None) == ()
    assert as_layouts("NHWC") == ("nhwc",)
    layouts = as_layouts(["nhwc", "tnc"])
    assert as_layer(np.ones((2, 3, 4, 5)), "A", layouts).axes == "nhwc"
    assert as_layer(np.ones((2, 3, 4)), "A", layouts).axes == "tnc"
    assert as_layer(np.ones((2, 3)), "A", layouts).axes == "nc"
    layer = Layer(np.ones((2, 3, 4)), "ntc")
    assert as_layer(layer, "A", layouts) is layer
    with pytest.raises(InvalidOption, match=r"layout: got .*names the axes of arrays with as many axes twice"):
        as_layouts(["nchw", "nhwc"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, words("A: got None")),
        (np.ma.ones((1, 1, 1, 1)), words("A: got a masked array")),
        (np.ones((5, 2)), words("A: got shape (5, 2) (2-D), need the 4-D activations", "'nchw'")),
        (np.zeros((1, 2, 3)), words("A: got shape (1, 2, 3) (3-D), need the 4-D")),
        (np.zeros((1, 2, 3, 4, 5)), words("A: got shape (1, 2, 3, 4, 5) (5-D), need the 4-D")),
        ([[1], [1, 2]], words("A: got a list that is no rectangular array")),
    ],
)
def test_flatten_conv_refuses(value: Any, said: str) -> None:
    with pytest.raises(InvalidActivations, match=f"^{said}"):
        spanmatch.flatten_conv(value)


@pytest.mark.parametrize("layout", ["chw", None, "NCHW", ["nchw"]])
def test_flatten_conv_needs_a_known_layout(layout: Any) -> None:
    with pytest.raises(InvalidOption, match=r"^layout: got .*need one of 'nchw', 'nhwc'"):
        spanmatch.flatten_conv(np.zeros((1, 1, 1, 1)), layout=layout)


def test_flatten_conv_by_hand() -> None:
    """Two inputs, two channels, one row of three positions: a neuron is a channel, positions run fastest."""
    A = np.array([[[[1, 2, 3]], [[4, 5, 6]]], [[[7, 8, 9]], [[10, 11, 12]]]], dtype=np.float32)
    expected = np.array([[1, 4], [2, 5], [3, 6], [7, 10], [8, 11], [9, 12]], dtype=np.float32)
    nchw, nhwc = spanmatch.flatten_conv(A), spanmatch.flatten_conv(A.transpose(0, 2, 3, 1), layout="nhwc")
    assert nchw.dtype == nhwc.dtype == np.float32
    assert np.array_equal(nchw, expected)
    assert np.array_equal(nhwc, expected)
    assert not np.array_equal(spanmatch.flatten_conv(A, layout="nhwc"), expected)
    assert np.array_equal(spanmatch.flatten_conv(torch.tensor(A).bfloat16()), expected)


def test_flatten_conv_knows_its_images() -> None:
    flat = spanmatch.flatten_conv(torch.ones(2, 3, 4, 5, dtype=torch.float16))
    assert (flat.images, flat.positions, flat.neurons, flat.precision) == (2, 20, 3, "float16")
    assert spanmatch.flatten_conv(flat) is flat
