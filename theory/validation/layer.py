"""A layer's activations with their meaning: which axis is the image, which the neuron, how precise, of which inputs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from jaxtyping import Real, Shaped
from numpy.typing import ArrayLike

from ..errors import InvalidActivations, InvalidOption, shown
from ..tolerances import UNIT_ROUNDOFF
from .arrays import check_dtype, check_finite, check_shape, is_tensor, likely_axes, meaning, to_numpy
from .foreign import as_known, dtype_of, held_as, is_foreign, is_lazy, rearranged, taken
from .options import as_list, as_option, is_integer

Inputs = tuple[int | str, ...] | str | None

SOME_BYTES = 10_000_000
"""So many bytes are looked at together."""


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Layer:
    """A layer's activations, with what their numbers mean.

    Every function that takes activations takes a ``Layer``, and sees the matrix (images x positions, neurons).

    Parameters
    ----------
    values : array-like
        NumPy, torch of any device and dtype, any library of the Python array API, or anything with ``__array__``:
        floats or integers. A ``Layer`` keeps what is not given anew.
    axes : str, optional
        One letter an axis: "n" for the images, the independent samples; "c" for the neurons (channels, features); any
        other letters for the positions within an image: "nc", "nchw", "nhwc", "ntc", "ncl", "tnc", "ncdhw", ... It is
        never guessed: only two axes are "nc" without it.
    precision : {"float16", "bfloat16", "float32", "float64"}, optional
        In which the values were computed, by default the dtype that they come in. Ranks are decided for the coarser of
        the two.
    inputs : sequence of int or str, or str, optional
        Which inputs these are: one id an image, or one string, a fingerprint of all of them in their order. Layers of
        other inputs, or of the same in another order, are not compared.

    Attributes
    ----------
    values : ndarray
        As given, as NumPy holds them: bfloat16 as float32, which has each of its values. What is on a device, or not
        computed yet (Dask), stays so.
    axes, precision, inputs
        As above; ``precision`` is the dtype's name if it was not given, ids are a tuple.

    Raises
    ------
    InvalidActivations
        If the values are not real numbers, or their axes are unknown or others than said.
    InvalidOption
        If ``axes``, ``precision`` or ``inputs`` is not as described.

    Notes
    -----
    Guarantee: the values are not copied unless a matrix needs another order, and not looked at: functions check that
    they are finite. Arithmetic is that of NumPy: ``np.asarray(layer)`` is the matrix, and has forgotten the rest.

    References
    ----------
    docs/theory/definitions.md#setting.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import Layer
    >>> Layer(np.zeros((100, 8, 5, 5), np.float32), "nchw")
    Layer(100 images x 25 positions x 8 neurons, nchw, float32)
    >>> tokens = Layer(np.zeros((10, 50, 64), np.float32), "ntc", precision="bfloat16", inputs=range(10))
    >>> tokens, tokens.shape
    (Layer(10 images x 50 positions x 64 neurons, ntc, float32, computed in bfloat16, 10 ids), (500, 64))
    """

    values: npt.NDArray[Any]
    axes: str
    precision: str
    inputs: Inputs

    def __init__(
        self,
        values: Real[ArrayLike, "..."],
        axes: str | None = None,
        *,
        precision: str | None = None,
        inputs: Sequence[int | str] | str | None = None,
    ) -> None:
        self._set(values, axes, precision, inputs, "values")

    def _set(self, values: Any, axes: Any, precision: Any, inputs: Any, name: str) -> None:
        given = values
        if isinstance(given, Layer):
            if axes not in (None, given.axes):
                raise InvalidOption(f"axes: got {axes!r} for a layer whose axes are {given.axes!r}; leave them out")
            axes, precision = given.axes, given.precision if precision is None else precision
            inputs = given.inputs if inputs is None else inputs
        if isinstance(given, Layer):
            values, dtype = given.values, given.precision
        elif is_foreign(given):
            values, dtype = as_known(given, name)
        else:
            values, dtype = to_numpy(given, name)
            check_dtype(values, dtype, name)
        axes = _axes_of(values.shape, axes, name)
        size = dict(zip(axes, values.shape, strict=True))
        check_shape((math.prod(length for axis, length in size.items() if axis != "c"), size["c"]), name)
        precision = dtype if precision is None else as_option(precision, "precision", (*UNIT_ROUNDOFF, dtype))
        for field, value in zip(fields(self), (values, axes, precision, _inputs(inputs, size["n"])), strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def images(self) -> int:
        """How many images there are.

        Returns
        -------
        int
            The length of axis "n".
        """
        return self._sizes["n"]

    @property
    def positions(self) -> int:
        """How many positions an image has.

        Returns
        -------
        int
            1 if there is no axis but "n" and "c".
        """
        return math.prod(self.resolution.values())

    @property
    def neurons(self) -> int:
        """How many neurons there are.

        Returns
        -------
        int
            The length of axis "c".
        """
        return self._sizes["c"]

    @property
    def resolution(self) -> dict[str, int]:
        """The axes of positions, in the order in which the matrix runs through them.

        Returns
        -------
        dict of str to int
            Letter -> length.
        """
        # The order must not follow that of the axes: "nchw" and "ncwh" would be paired at other positions.
        letters = sorted((letter for letter in self.axes if letter not in "nc"), key=lambda axis: (axis != "t", axis))
        return {letter: self._sizes[letter] for letter in letters}

    @property
    def computed_in(self) -> str:
        """The coarser of ``precision`` and the dtype of the values: what the rank tolerance follows from.

        Returns
        -------
        str
            A dtype's name.
        """
        return max(self.precision, self.dtype.name, key=lambda dtype: UNIT_ROUNDOFF.get(dtype, 0.0))

    @cached_property
    def dead(self) -> int:
        """How many neurons are exactly 0 on every input.

        Returns
        -------
        int
            A count.
        """
        others = tuple(k for k, axis in enumerate(self.axes) if axis != "c")
        alive = np.zeros(self.neurons, dtype=bool)
        for images in self._some_images():
            alive |= images.any(axis=others)
        return int((~alive).sum())

    @cached_property
    def by_image(self) -> Shaped[np.ndarray, "images positions neurons"]:
        """The values with the neurons last.

        Returns
        -------
        ndarray of shape (images, positions, neurons)
            A view where the axes allow one.
        """
        order = [self.axes.index(letter) for letter in ("n", *self.resolution, "c")]
        found: npt.NDArray[Any] = rearranged(self.values, order, (self.images, self.positions, self.neurons))
        return found

    @cached_property
    def matrix(self) -> Shaped[np.ndarray, "inputs neurons"]:
        """The activation matrix.

        Returns
        -------
        ndarray of shape (images x positions, neurons)
            Positions of one image stand together. A view where the axes allow one.
        """
        found: npt.NDArray[Any] = rearranged(self.by_image, [0, 1, 2], self.shape)
        return found

    def rows(
        self, numbers: npt.NDArray[np.integer[Any]], order: npt.NDArray[np.integer[Any]] | None = None
    ) -> Shaped[np.ndarray, "rows neurons"]:
        """Some rows of the matrix.

        Parameters
        ----------
        numbers : ndarray of int
            Which ones: image x positions + position.
        order : ndarray of int, optional
            Take image ``order[i]`` in place of image i.

        Returns
        -------
        ndarray of shape (rows, neurons)
            A copy.

        Examples
        --------
        >>> import numpy as np
        >>> from spanmatch import Layer
        >>> layer = Layer(np.arange(12).reshape(2, 2, 3), "ntc")
        >>> layer.rows(np.array([1, 2]))
        array([[3, 4, 5],
               [6, 7, 8]])
        """
        return to_numpy(self.rows_there(numbers, order), "values")[0]

    def rows_there(
        self, numbers: npt.NDArray[np.integer[Any]], order: npt.NDArray[np.integer[Any]] | None = None
    ) -> Shaped[np.ndarray, "rows neurons"]:
        """``rows``, where the values are: in the array library that has them.

        Parameters
        ----------
        numbers, order
            See ``rows``.

        Returns
        -------
        array of shape (rows, neurons)
            A copy.
        """
        image, position = np.divmod(numbers, self.positions)
        image = image if order is None else order[image]
        if is_foreign(self.values):
            found: npt.NDArray[Any] = taken(self.matrix, image * self.positions + position, 0)
            return found
        return np.asarray(self.by_image[image, position])

    def some(self, numbers: npt.NDArray[np.integer[Any]]) -> Layer:
        """Some of the images.

        Parameters
        ----------
        numbers : ndarray of int
            Which ones.

        Returns
        -------
        Layer
            Their values are a copy; ids do not come along.
        """
        return Layer(taken(self.values, numbers, self.axes.index("n")), self.axes, precision=self.precision)

    def check_finite(self, name: str) -> None:
        """Look at every value.

        Parameters
        ----------
        name : str
            What the layer is called in the message.

        Raises
        ------
        InvalidActivations
            If one is NaN or infinite.
        """
        # Lazy values are looked at when they are computed.
        if not is_lazy(self.values) and not all(np.isfinite(images).all() for images in self._some_images()):
            check_finite(to_numpy(self.matrix, name)[0], name)

    def _some_images(self) -> Iterator[npt.NDArray[Any]]:
        """The values as NumPy has them, some images at a time: what that needs must not grow with the layer."""
        some = max(1, SOME_BYTES * self.images // (self.dtype.itemsize * math.prod(self.shape)))
        values: Any = self.values
        place = (slice(None),) * self.axes.index("n")
        for first in range(0, self.images, some):
            images = slice(first, min(first + some, self.images))
            yield to_numpy(values[(*place, images, ...)], "values")[0]

    def outline(self) -> Layer:
        """The same layer without its values.

        Returns
        -------
        Layer
            All zeros, which take no memory.
        """
        values = np.broadcast_to(np.zeros((), self.dtype), self.values.shape)
        return Layer(values, self.axes, precision=self.precision, inputs=self.inputs)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the matrix.

        Returns
        -------
        tuple of two int
            (images x positions, neurons).
        """
        return self.images * self.positions, self.neurons

    @property
    def ndim(self) -> int:
        """Of the matrix.

        Returns
        -------
        int
            2.
        """
        return 2

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values.

        Returns
        -------
        numpy.dtype
            Another thing than ``precision``.
        """
        return held_as(dtype_of(self.values)) if is_foreign(self.values) else self.values.dtype

    @property
    def _sizes(self) -> dict[str, int]:
        return dict(zip(self.axes, self.values.shape, strict=True))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return self.matrix[key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(to_numpy(self.matrix, "values")[0], dtype=dtype, copy=copy)

    def __getstate__(self) -> dict[str, Any]:
        # What is cached does not travel.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __repr__(self) -> str:
        coarser = "" if self.precision == self.dtype.name else f", computed in {self.precision}"
        known = f", {len(self.inputs)} ids" if isinstance(self.inputs, tuple) else f", inputs {self.inputs!r}"
        return (
            f"Layer({meaning(self.values.shape, self.axes)}, {self.axes}, {self.dtype}{coarser}"
            f"{'' if self.inputs is None else known})"
        )


def as_layer(value: Any, name: str, layouts: Sequence[str] = ()) -> Layer:
    """A layer as it is, or a bare array read in the layout that has as many letters as it has axes.

    Raises: ``InvalidActivations``, which calls it ``name``.
    """
    if isinstance(value, Layer):
        return value
    array, dtype = as_known(value, name) if is_foreign(value) else to_numpy(value, name)
    layer = object.__new__(Layer)
    layer._set(array, next((axes for axes in layouts if len(axes) == array.ndim), None), None, None, name)
    # bfloat16 arrives as float32.
    object.__setattr__(layer, "precision", dtype)
    return layer


def as_layouts(layout: Any, name: str = "layout") -> tuple[str, ...]:
    """None, the axes of bare arrays, or several, one for each number of axes. Raises: ``InvalidOption``."""
    needed = 'axes such as "nchw", one letter each with "n" and "c" among them, or several of different lengths'
    listed = [] if layout is None else [layout] if isinstance(layout, str) else as_list(layout, name, needed)
    layouts = tuple(as_axes(one, name) for one in listed)
    if len({len(axes) for axes in layouts}) < len(layouts):
        raise InvalidOption(f"{name}: got {shown(layout)}, which names the axes of arrays with as many axes twice")
    return layouts


def as_axes(axes: Any, name: str = "axes") -> str:
    """One small letter an axis, each once, "n" and "c" among them. Raises: ``InvalidOption``."""
    if isinstance(axes, str) and axes.isascii() and axes.isalpha():
        small = axes.lower()
        if len(set(small)) == len(small) and {"n", "c"} <= set(small):
            return small
    raise InvalidOption(
        f'{name}: got {shown(axes)}, need one letter an axis, each once: "n" for the images, "c" for the neurons, any '
        f'other for positions, such as "nc", "nchw", "nhwc" or "ntc"'
    )


def other_inputs(A: Layer, B: Layer) -> str:
    """Why two layers did not see the same inputs in the same order, as far as they tell; nothing if they did."""
    needed = "need the same inputs in the same order on both sides; capture both on the same batches, without shuffling"
    if A.images != B.images:
        return f"got {A.images} and {B.images} images, {needed}"
    a, b = A.inputs, B.inputs
    if a is None or b is None or a == b or isinstance(a, str) != isinstance(b, str):
        return ""
    if isinstance(a, str) or isinstance(b, str):
        # What stands behind the last dash of a fingerprint, if there is one, does not depend on the order.
        same = "-" in str(a) and str(a).rpartition("-")[2] == str(b).rpartition("-")[2]
        if same:
            return f"got the same inputs in another order (fingerprints {shown(a)} and {shown(b)}); {needed}"
        return f"got inputs of fingerprint {shown(a)} and {shown(b)}: others, or in another order; {needed}"
    if (common := Counter(a) & Counter(b)).total() < len(a):
        types = [type(one[0]).__name__ for one in (a, b)]
        told = f" (they are {types[0]} and {types[1]})" if types[0] != types[1] else ""
        return f"got other inputs: {common.total()} of {len(a)} ids in common{told}; {needed}"
    first = next(k for k in range(len(a)) if a[k] != b[k])
    return f"got the same inputs in another order (image {first} is {a[first]!r} and {b[first]!r}); {needed}"


def flatten_conv(A: Real[ArrayLike, "inputs _ _ _"], layout: Literal["nchw", "nhwc"] = "nchw") -> Layer:
    """Activations of a convolutional layer as (inputs * height * width, channels): a channel is a neuron.

    Parameters
    ----------
    A : array-like of four dimensions
        Shape (inputs, channels, height, width) for "nchw", (inputs, height, width, channels) for "nhwc".
    layout : {"nchw", "nhwc"}, default "nchw"
        Which axis is the channel. It is never guessed.

    Returns
    -------
    Layer
        Its matrix has shape (inputs * height * width, channels), positions of one input stand together, and it knows
        which rows are of one input.

    Raises
    ------
    InvalidActivations
        If ``A`` does not have four dimensions.
    InvalidOption
        If the layout is another one.

    References
    ----------
    docs/theory/definitions.md#setting; Wang et al. 2018, section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import flatten_conv
    >>> images, channels, height, width = 10, 3, 4, 5
    >>> flatten_conv(np.zeros((images, channels, height, width))).shape
    (200, 3)
    """
    as_option(layout, "layout", ("nchw", "nhwc"))
    if isinstance(A, Layer):
        return A
    array: Any = A if is_foreign(A) else to_numpy(A, "A")[0]
    if array.ndim != 4:
        raise InvalidActivations(
            f"A: got shape {array.shape} ({array.ndim}-D), need the 4-D activations of a convolutional layer in layout "
            f"{layout!r}; for others use spanmatch.Layer(A, axes)"
        )
    return as_layer(A, "A", [layout])


def _axes_of(shape: tuple[int, ...], axes: Any, name: str) -> str:
    if axes is None:
        if len(shape) > 2:
            raise InvalidActivations(
                f"{name}: got shape {shape} ({len(shape)}-D), which does not tell images, positions and neurons apart; "
                f"{likely_axes(shape)}"
            )
        if len(shape) < 2:
            check_shape(shape, name)
        return "nc"
    found = as_axes(axes)
    if len(found) != len(shape):
        raise InvalidActivations(f"{name}: got shape {shape} ({len(shape)}-D), need {len(found)} axes for {found!r}")
    return found


def _inputs(inputs: Any, images: int) -> Inputs:
    needed = f"one id (a string or an integer) for each of the {images} images, or one string for all of them"
    if inputs is None or isinstance(inputs, str):
        return inputs
    try:
        # The entries of a tensor are tensors; one on the meta device has none.
        ids = as_list(inputs.tolist() if is_tensor(inputs) else inputs, "inputs", needed)
    except RuntimeError:
        ids = []
    if len(ids) != images or not all(isinstance(one, str) or is_integer(one) for one in ids):
        raise InvalidOption(f"inputs: got {shown(inputs)}, need {needed}")
    return tuple(one if isinstance(one, str) else int(one) for one in ids)
