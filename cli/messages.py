"""What goes wrong, as one line on standard error in the words of the command line, and the exit codes.

The functions that commands call name their arguments: "acts_a['conv1']: got ...; use all_pairs=True". Whoever typed a
command reads the file and the flag instead: "a.npz, layer 'conv1': got ...; use --all-pairs".
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

FAILED, BAD_USAGE, INTERRUPTED = 1, 2, 130

#: Arguments of functions that commands have under another name: shown as their flag, or as what was typed for them.
FLAGS = {
    "expected_failures": "expected",
    "folder": "data",
    "minimal": "simple",
    "overwrite": "force",
    "parameters": "assignments",
}
VALUES = {"acts_a": "a", "acts_b": "b", "X": "x", "Y": "y"}


def complain(message: str) -> None:
    """Print one message on standard error, without markup or wrapping."""
    print(f"spanmatch: {message}", file=sys.stderr)


def complain_of_interruption() -> None:
    complain("interrupted; no file was left half-written")


def complain_of_usage(error: Any) -> None:
    """Print an error of typer's as one line, with where to look further. ``error``: what typer raises for bad usage."""
    message = re.sub(r"^Invalid value for '?([^':]+)'?: Input", r"\1: the value", error.format_message())
    path = error.ctx.command_path if error.ctx else "spanmatch"
    complain(f"{' '.join(message.split()).rstrip('.')}; see {path} --help")


def typed_names(context: Any) -> dict[str, str]:
    """Name of an argument in Python -> what stands for it on the command line; from the parameters of the command."""
    found, values = {}, context.params
    for parameter in context.command.params:
        long = [option for option in parameter.opts if option.startswith("--")]
        found[parameter.name] = long[0] if long else (parameter.metavar or parameter.name).strip("[].").upper()
    found |= {name: found[other] for name, other in FLAGS.items() if other in found}
    found |= {name: str(values[other]) for name, other in VALUES.items() if other in values}
    found |= {f"more[{k}]": value for k, value in enumerate(values.get("more") or ())}
    assignments = (assignment.partition("=")[0] for assignment in values.get("assignments") or ())
    return {**found, **{name: f"--set {name}" for name in assignments if name not in found}}


def as_typed(message: str, names: Mapping[str, str]) -> str:
    """The message with each name of an argument replaced, where it stands for one: at the beginning, and in advice."""
    name = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    key = r"""(?:\[(?P<key>'[^']*'|"[^"]*")\])?"""
    head = re.match(rf"(?:(?:{name})(?:\[[^\]]*\])?(?:, )?)+(?=: )", message)
    end = head.end() if head else 0
    first = re.sub(rf"(?P<name>{name}){key}", lambda found: _shown(found, names), message[:end])
    advice = rf"`(?P<quoted>{name})`|\b(?P<set>{name})=(?P<value>[^\s,;()]+)|\b(?P<bare>{name}){key}(?!\w)"
    rest = re.sub(advice, lambda found: _advised(found, names), message[end:])
    return first + re.sub(r"""\(['"]([xy])['"], ([\d.]+)\)""", r"\1:\2", rest)  # ("x", 3) is typed x:3


def _shown(found: re.Match[str], names: Mapping[str, str], group: str = "name") -> str:
    key = found["key"]
    return names[found[group]] + (f", layer {key}" if key else "")


def _advised(found: re.Match[str], names: Mapping[str, str]) -> str:
    if found["quoted"]:
        return names[found["quoted"]]
    if found["set"]:
        value = found["value"].strip("\"'")
        return names[found["set"]] + (f" {value}" if value != "True" else "")
    # A word of English is no argument.
    return _shown(found, names, "bare") if "_" in found["bare"] else found[0]
