"""Certificates and the activations they are about, as files: what ``spanmatch certify`` and ``spanmatch check`` do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..algorithms.certificates import Certificate
from ..proofs_check.certificate_checker import check_certificate
from ..theory.errors import InvalidEpsilon, InvalidFile, InvalidNeuron, InvalidOption, UnknownLayer
from ..theory.matches import Neuron, Side
from ..theory.validation import flatten_conv
from .activations import load_activations, write_json

Values = npt.NDArray[Any]


def read_pair(
    files: Sequence[Path],
    *,
    x: str = "X",
    y: str = "Y",
    layout: Literal["nchw", "nhwc"] = "nchw",
    positions: int | None = None,
    seed: int = 0,
) -> tuple[Values, Values]:
    """The arrays ``x`` and ``y`` of one file, or ``x`` of the first file and ``y`` of the second.

    4-D arrays are flattened to (inputs x height x width, channels). ``positions``: that many of the inputs, drawn by
    ``seed`` without replacement, the same on both sides; all where there are no more. Raises: ``InvalidFile``,
    ``InvalidOption``, ``UnknownLayer``.
    """
    if len(files) not in (1, 2):
        raise InvalidOption(f"activations: got {len(files)} files, need one that holds both arrays, or one per network")
    found = []
    for file, name in zip((files[0], files[-1]), (x, y), strict=True):
        arrays = load_activations(file)
        if name not in arrays:
            raise UnknownLayer(f"{file}: has no array {name!r}, need one of {', '.join(arrays)}; name it with --x, --y")
        array = arrays[name]
        found.append(flatten_conv(array, layout) if array.ndim == 4 else array)
    if positions is not None:
        found = [_drawn(array, positions, seed) for array in found]
    return found[0], found[1]


def _drawn(array: Values, positions: int, seed: int) -> Values:
    if array.ndim != 2 or positions >= len(array):
        return array
    rows = np.random.default_rng(seed).choice(len(array), size=positions, replace=False)
    drawn: Values = array[np.sort(rows)]
    return drawn


def parse_epsilon(text: str) -> Fraction:
    """The rational that is written: "0.3" is 3/10, "1/3" is a third. Raises: ``InvalidEpsilon``."""
    try:
        epsilon = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidEpsilon(f"epsilon: got {text!r}, need a number in [0, 1) such as 0.3 or 1/3") from error
    if not 0 <= epsilon < 1:
        raise InvalidEpsilon(f"epsilon: got {text!r}, need a number in [0, 1)")
    return epsilon


def parse_neuron(text: str) -> Neuron:
    """"x:3" is neuron 3 of network 1. Raises: ``InvalidNeuron``."""
    side, _, index = text.partition(":")
    sides: dict[str, Side] = {"x": "x", "y": "y"}
    if side not in sides or not index.isdecimal():
        raise InvalidNeuron(f"neuron: got {text!r}, need x:INDEX or y:INDEX, such as x:3")
    return Neuron(sides[side], int(index))


def save_certificate(path: Path, certificate: Certificate) -> None:
    """As JSON that loses nothing, whole or not at all. Raises: ``InvalidFile``."""
    write_json(path, certificate.to_dict())


def load_certificate(path: Path) -> dict[str, Any]:
    """The content of a certificate's file, unchecked. Raises: ``InvalidFile``."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidFile(f"{path}: not readable as a certificate ({error}); make it or get it again") from error
    if not isinstance(content, dict) or content.get("format") != "spanmatch certificate":
        raise InvalidFile(f"{path}: is JSON but no certificate, need a file that spanmatch certify wrote")
    return content


def check_file(path: Path, X: Any, Y: Any) -> dict[str, Any]:
    """What a certificate's file proves about these activations: claim, epsilon, policy, match, neuron.

    Raises: ``CertificateError`` when it does not, ``InvalidFile``, ``InvalidActivations``.
    """
    content = load_certificate(path)
    check_certificate(X, Y, content)
    return {key: content[key] for key in ("claim", "epsilon", "dead_neurons", "match", "neuron")}
