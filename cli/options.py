"""Options and arguments that several commands share, and the parsing of their values."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from ..theory import validation
from ..theory.errors import InvalidEpsilon, InvalidNeuron, shown
from ..theory.matches import Neuron, Side

Json = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed for everything random; the same seed gives the same results.")]
Layers = Annotated[list[str] | None, typer.Option(help="Layer name or glob pattern; repeat the option for more.")]
PairOfFiles = Annotated[
    list[Path], typer.Argument(metavar="ACTIVATIONS...", help="One file with both arrays, or one file per network.")
]
NameOfX = Annotated[str, typer.Option("--x", help="Name of the first network's array.")]
NameOfY = Annotated[str, typer.Option("--y", help="Name of the second network's array.")]
Layout = Annotated[
    list[str] | None,
    typer.Option(help="Axes of arrays that do not name them: nchw, nhwc, ntc, ...; repeatable."),
]
DeadNeurons = Annotated[validation.DeadNeurons, typer.Option(help="Treatment of neurons that are always 0.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files of these names that are there already.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes that share the work; default: one per core.")]
Positions = Annotated[int | None, typer.Option(min=1, help="Use only this many inputs, drawn at random (--seed).")]
Epsilons = Annotated[
    str | None,
    typer.Option(metavar="LIST", help="Grid of the curves: .1,.3,.5 or FROM:TO:STEP; default: 0.05:0.95:0.05."),
]
Program = Annotated[
    str | None, typer.Option(help="A program in any language to test, which answers lines of JSON.")
]
Function = Annotated[
    str | None, typer.Option(help="What a target that is one function does, such as similarity; default: its name.")
]
TimeLimit = Annotated[float, typer.Option(help="Seconds that a question may take.")]
MemoryLimit = Annotated[float, typer.Option(help="GiB that a question may take.")]
DataFolder = Annotated[Path | None, typer.Option(help="Folder that holds the four IDX files of Fashion-MNIST.")]


#: The longest epsilon and neuron index accepted: Python refuses to convert integers of more than 4300 digits.
LONGEST, EXPONENT_DIGITS = 1000, 3
INDEX_DIGITS = 18
MOST_EPSILONS = 1000
MOST_SHOWN = 5
"""Wrong answers that are printed."""


def parse_epsilon(text: str) -> Fraction:
    """The rational number that a text denotes: "0.3" is 3/10, "1/3" one third. Raises: ``InvalidEpsilon``."""
    exponent = text.lower().partition("e")[2].lstrip("+-0_")
    if len(text) > LONGEST or len(exponent) > EXPONENT_DIGITS:
        most = f"{LONGEST} characters and {EXPONENT_DIGITS} digits of exponent"
        raise InvalidEpsilon(f"epsilon: got {shown(text)}, need at most {most}")
    try:
        epsilon = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidEpsilon(f"epsilon: got {shown(text)}, need a number in [0, 1) such as 0.3 or 1/3") from error
    if not 0 <= epsilon < 1:
        raise InvalidEpsilon(f"epsilon: got {shown(text)}, need a number in [0, 1)")
    return epsilon


def parse_epsilons(text: str) -> list[float]:
    """The grid that a text denotes: ".1,.3,.5", or "0.05:0.95:0.05" from, to and step. Raises: ``InvalidEpsilon``."""
    if ":" not in text:
        return [float(parse_epsilon(one)) for one in text.split(",")]
    try:
        first, last, step = map(parse_epsilon, text.split(":"))
    except ValueError as error:
        if isinstance(error, InvalidEpsilon):
            raise
        raise InvalidEpsilon(f"epsilons: got {shown(text)}, need FROM:TO:STEP, such as 0.1:0.9:0.1") from error
    if not step or first > last or (last - first) / step > MOST_EPSILONS:
        raise InvalidEpsilon(
            f"epsilons: got {shown(text)}, need FROM up to TO in steps above 0, at most {MOST_EPSILONS}"
        )
    return [float(first + k * step) for k in range(int((last - first) / step) + 1)]


def parse_neuron(text: str) -> Neuron:
    """Parse "x:3", neuron 3 of the first network. Raises: ``InvalidNeuron``."""
    side, _, index = text.partition(":")
    sides: dict[str, Side] = {"x": "x", "y": "y"}
    if side not in sides or not index.isdecimal() or len(index) > INDEX_DIGITS:
        raise InvalidNeuron(f"neuron: got {shown(text)}, need x:INDEX or y:INDEX, such as x:3")
    return Neuron(sides[side], int(index))
