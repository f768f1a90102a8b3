"""Public docstrings have numpydoc sections that agree with the signatures, and examples; no parameter is typed Any."""

from __future__ import annotations

import builtins
import inspect
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pkgutil import resolve_name
from typing import Any

import pytest
from numpydoc.docscrape import NumpyDocString

from spanmatch.theory import errors

#: The modules whose ``__all__`` is public, and the classes of results that stand in none of them.
MODULES = (
    "spanmatch",
    "spanmatch.adapters",
    "spanmatch.convergent",
    "spanmatch.dynamics",
    "spanmatch.exact",
    "spanmatch.proofs_check",
    "spanmatch.proofs_check.conformance",
    "spanmatch.synthetic",
)
OTHERS = (
    "spanmatch.algorithms.certificates.Certificate",
    "spanmatch.studies.comparison.results.Comparison",
    "spanmatch.studies.comparison.results.LayerComparison",
)

#: Takes numbers, arrays and symbols alike, which no type tells.
ANYTHING = {"spanmatch.theory.dynamics.equations:right_hand_side"}

#: The whole docstring of a method that does what a public function does.
SEE = re.compile(r"See ``(spanmatch\.[\w.]+)``\.")


def has_doctest(value: Any) -> bool:
    return ">>> " in (inspect.getdoc(value) or "")


def is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def public() -> dict[str, Any]:
    """Every public function and class, and the members of the classes, by the place where they are defined."""
    values = [resolve_name(name) for name in OTHERS]
    values += [getattr(module, name) for module in map(resolve_name, MODULES) for name in module.__all__]
    found = {}
    for value in values:
        if inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value)):
            place = f"{value.__module__}:{value.__qualname__}"
            found[place] = value
            members = vars(value) if inspect.isclass(value) else {}
            found |= {f"{place}.{name}": one for name, one in members.items() if is_member(value, name, one)}
    return found


def is_member(kind: type, name: str, value: Any) -> bool:
    """Whether a class defines this public method or property; functions may also be the defaults of its fields."""
    wrapped = isinstance(value, property | cached_property | classmethod | staticmethod)
    defined = inspect.isfunction(value) and value.__qualname__ == f"{kind.__qualname__}.{name}"
    return not name.startswith("_") and (wrapped or defined)


def parameters(value: Any) -> dict[str, inspect.Parameter]:
    given = inspect.signature(getattr(value, "__func__", value)).parameters
    return {name: one for name, one in given.items() if name not in ("self", "cls")}


def faults(value: Any) -> Iterator[str]:
    """What is wrong with the docstring and the annotations of a public function, class, method or property."""
    text = inspect.getdoc(value) or ""
    if not re.match(r"\S.*[.:](\n\n|\Z)", text):
        yield "the first line is no sentence"
    if isinstance(value, property | cached_property) or is_error(value):
        return
    taken = parameters(value)
    if other := SEE.fullmatch(text):
        yield from (f"{name}: not taken there" for name in taken.keys() - parameters(resolve_name(other[1])))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpydoc warns of sections that it does not know, or that come twice
        doc = NumpyDocString(text)
    documented, attributes, raised = (
        {
            name.lstrip("*")
            for section in sections
            for one in doc[section]
            for name in (one.name or one.type).split(", ")
        }
        for sections in (["Parameters"], ["Attributes"], ["Raises", "Warns"])
    )
    yield from (f"{name}: not documented" for name in taken.keys() - documented - attributes)
    yield from (f"{name}: documented and not taken" for name in documented - taken.keys())
    yield from (f"{name}: no attribute" for name in attributes - taken.keys() if not hasattr(value, name))
    yield from (f"{name}: no error" for name in raised if not hasattr(errors, name) and not hasattr(builtins, name))
    yield from (
        f"{name}: typed Any" for name, one in taken.items() if one.annotation in ("Any", inspect.Parameter.empty)
    )
    if not inspect.isclass(value) and inspect.signature(getattr(value, "__func__", value)).return_annotation != "None":
        yield from () if doc["Returns"] or doc["Yields"] else ("returns: not documented",)


PUBLIC = public()


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring(name: str) -> None:
    found = list(faults(PUBLIC[name]))
    assert [fault for fault in found if not (name in ANYTHING and fault.endswith("typed Any"))] == []


@pytest.mark.parametrize("name", [name for name in PUBLIC if "." not in name.partition(":")[2]])
def test_examples(name: str) -> None:
    """tests/quality/test_documents.py runs them."""
    assert is_error(PUBLIC[name]) or has_doctest(PUBLIC[name])


GOOD = """Half of it.

Parameters
----------
x : float
    What is halved.

Returns
-------
float
    Half of it.
"""


def with_docstring(text: str, annotation: str = "float") -> Any:
    def half(x: float) -> float:
        return x / 2

    half.__doc__, half.__annotations__["x"] = text, annotation
    return half


def test_a_good_docstring_passes() -> None:
    assert list(faults(with_docstring(GOOD))) == []
    assert has_doctest(with_docstring(GOOD + "\nExamples\n--------\n>>> half(1.0)\n0.5\n"))
    assert not has_doctest(with_docstring(GOOD))
    assert list(faults(with_docstring("See ``spanmatch.min_match``."))) == ["x: not taken there"]


@pytest.mark.parametrize(
    ("text", "annotation", "fault"),
    [
        ("", "float", "the first line is no sentence"),
        (GOOD.replace("Half of it.\n\nP", "Half of\nit.\n\nP"), "float", "the first line is no sentence"),
        (GOOD.replace("x :", "y :"), "float", "x: not documented"),
        (GOOD.replace("x :", "x, y :"), "float", "y: documented and not taken"),
        (GOOD.partition("Returns")[0], "float", "returns: not documented"),
        (GOOD + "\nRaises\n------\nInvalidWeather\n    If it rains.\n", "float", "InvalidWeather: no error"),
        (GOOD, "Any", "x: typed Any"),
        ("See ``spanmatch.max_match``.", "float", "x: not taken there"),
    ],
)
def test_faults_are_seen(text: str, annotation: str, fault: str) -> None:
    assert fault in list(faults(with_docstring(text, annotation)))


def test_unknown_sections_are_seen() -> None:
    with pytest.raises(UserWarning, match="Unknown section"):
        list(faults(with_docstring(GOOD + "\nPromises\n--------\nNone.\n")))
