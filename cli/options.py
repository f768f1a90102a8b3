"""Options and arguments that several commands share, and how their text is read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from ..theory.errors import InvalidEpsilon, InvalidNeuron
from ..theory.matches import Neuron, Side

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random; results repeat it.")]
Layers = Annotated[
    list[str] | None, typer.Option(help="Layer name or glob pattern; give it several times for several.")
]
PairOfFiles = Annotated[
    list[Path], typer.Argument(metavar="ACTIVATIONS...", help="One file that holds both arrays, or one per network.")
]
NameOfX = Annotated[str, typer.Option("--x", help="Name of network 1's array.")]
NameOfY = Annotated[str, typer.Option("--y", help="Name of network 2's array.")]
Layout = Annotated[str, typer.Option(help="Of 4-D arrays: nchw or nhwc.")]
Positions = Annotated[int | None, typer.Option(min=1, help="Only so many inputs, drawn by --seed.")]
DataFolder = Annotated[Path | None, typer.Option(help="Folder with the four IDX files of Fashion-MNIST.")]


#: Of an epsilon as text. Beyond that its numerator and denominator have more digits than Python reads and writes.
LONGEST, EXPONENT_DIGITS = 1000, 3
INDEX_DIGITS = 18


def parse_epsilon(text: str) -> Fraction:
    """The rational that is written: "0.3" is 3/10, "1/3" is a third. Raises: ``InvalidEpsilon``."""
    exponent = text.lower().partition("e")[2].lstrip("+-0_")
    if len(text) > LONGEST or len(exponent) > EXPONENT_DIGITS:
        raise InvalidEpsilon(
            f"epsilon: got {text[:40]!r}{'...' * (len(text) > 40)}, need at most {LONGEST} characters, an exponent of "
            f"at most {EXPONENT_DIGITS} digits"
        )
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
    if side not in sides or not index.isdecimal() or len(index) > INDEX_DIGITS:
        raise InvalidNeuron(f"neuron: got {text!r}, need x:INDEX or y:INDEX, such as x:3")
    return Neuron(sides[side], int(index))
