"""A name is defined once in a layer, an id once in the evidence; a folder, not a prefix, says what belongs together.

Names are looked at in the package, folders everywhere; each rule is also given bad examples that it must reject.
"""

from __future__ import annotations

import ast
import importlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pytest
from quality.repository import ROOT, files, modules, pyproject

from spanmatch import exact
from spanmatch.proofs_check import CHECKS
from spanmatch.proofs_check.symbolic import laws, spans

#: The questions of the public functions: every route to their answers has them under their own names.
ROUTES = {f"spanmatch.algorithms:{name}" for name in exact.__all__}

#: What each module of a kind holds of it, and its package gathers.
GATHERED = {f"spanmatch.proofs_check:{name}" for name in ("BROKEN", "NEEDED", "PROOFS", "UNNEEDED")}

#: theory/ states; what stands behind a statement says so itself, in proofs_check/.
LEDGER = ROOT / "theory" / "ledger.py"

MOST_MODULES = 12
MOST_WITH_ONE_PREFIX = 2


def defined(source: str) -> set[str]:
    """The public functions, classes and constants that stand at the top of a module; imports define nothing."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                stored = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
                found |= {name.id for name in stored if isinstance(name.ctx, ast.Store)}
    return {name for name in found if not name.startswith("_")}


def said_twice(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """layer:name -> the modules that define it, where there are several; ``sources`` by dotted name."""
    where: dict[str, list[str]] = defaultdict(list)
    for module, source in sources.items():
        layer = ".".join(module.split(".")[:2])
        for name in defined(source):
            where[f"{layer}:{name}"].append(module)
    return {name: places for name, places in where.items() if len(places) > 1}


def evidence() -> Counter[str]:
    """How often each id of a check, a symbolic proof or a counterexample is given."""
    # Two checks of one id cannot be registered; the lists of the other kinds can repeat one.
    found = Counter(list(CHECKS))
    for name, path in modules().items():
        lists = defined((ROOT / path).read_text(encoding="utf-8")) & {"PROOFS", "NEEDED"}
        found.update(one.id for kind in lists for one in getattr(importlib.import_module(name), kind))
    return found


def named(source: str, ids: Collection[str]) -> set[str]:
    """Those of ``ids`` that stand in the strings of a module, alone or in a list of words."""
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {word for text in texts if isinstance(text, str) for word in text.split()} & set(ids)


def crowded(paths: Iterable[Path]) -> list[str]:
    """Folders with too many modules, and prefixes that ask to be folders."""
    inside: dict[Path, set[str]] = defaultdict(set)
    for path in paths:
        if path.stem not in ("__init__", "__main__", "conftest"):
            inside[path.parent].add(path.stem)
        for folder in path.parents[:-1]:
            inside[folder.parent].add(f"{folder.name}/")
    found = []
    for folder, names in sorted(inside.items()):
        plain = [name.removeprefix("test_") for name in names]
        own = [name for name in names if not name.endswith("/")]
        if len(own) > MOST_MODULES:
            found.append(f"{folder}: {len(own)} modules")
        prefixes = Counter(name.partition("_")[0] for name in plain if "_" in name)
        found += [f"{folder}: {n} called {prefix}_" for prefix, n in prefixes.items() if n > MOST_WITH_ONE_PREFIX]
    return found


def without_counterpart(paths: Iterable[Path], packages: Collection[str]) -> list[str]:
    """Folders of unit tests that are no folders of the package."""
    unit = Path("tests/unit")
    folders = {path.parent.relative_to(unit) for path in paths if path.is_relative_to(unit)}
    return sorted(str(folder) for folder in folders if ".".join(["spanmatch", *folder.parts]) not in packages)


def test_no_name_is_defined_twice_in_a_layer() -> None:
    found = said_twice({name: (ROOT / path).read_text(encoding="utf-8") for name, path in modules().items()})
    assert {name: found[name] for name in set(found) - ROUTES - GATHERED} == {}


def test_no_id_of_evidence_is_given_twice() -> None:
    assert len(evidence()) > 100
    assert [id for id, times in evidence().items() if times > 1] == []


def test_the_ledger_lists_no_evidence() -> None:
    assert named(LEDGER.read_text(encoding="utf-8"), evidence()) == set()


def test_a_folder_not_a_prefix() -> None:
    assert crowded(files("*.py")) == []


def test_unit_tests_stand_where_their_modules_do() -> None:
    assert without_counterpart(files("*.py"), pyproject()["tool"]["setuptools"]["packages"]) == []


TWICE = {
    "a function": ("def excess(): ...", "def excess(x): ..."),
    "a class": ("class Layer: ...", "class Layer(tuple): ..."),
    "a constant": ("SHOWN = 8", "SHOWN: int = 12"),
    "one of several constants": ("SHOWN = 8", "MOST, (SHOWN, LEAST) = 1, (2, 3)"),
    "a function and a constant": ("def table(): ...", "import x\ntable = x.table"),
}


@pytest.mark.parametrize("sources", TWICE.values(), ids=TWICE)
def test_names_said_twice_are_seen(sources: tuple[str, str]) -> None:
    one, other = sources
    assert len(said_twice({"spanmatch.report.tables": one, "spanmatch.report.page.units": other})) == 1
    assert said_twice({"spanmatch.report.tables": one, "spanmatch.studies.units": other}) == {}


@pytest.mark.parametrize("source", ["from .a import excess", "_excess = 1", "def f():\n    excess = 1", "excess.b = 1"])
def test_what_defines_nothing_public_passes(source: str) -> None:
    assert said_twice({"spanmatch.report.a": "def excess(): ...", "spanmatch.report.b": source}) == {}


@pytest.mark.parametrize("source", ["checked_by = ('T6-peel',)", "f(checked_by='T1-a T6-peel')", "def f(): 'T6-peel'"])
def test_evidence_that_is_listed_is_seen(source: str) -> None:
    assert named(source, {"T6-peel", "T6"}) == {"T6-peel"}
    assert named(source, {"T6", "peel"}) == set()


def test_an_id_given_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laws, "PROOFS", (*laws.PROOFS, spans.PROOFS[0]))
    assert evidence()[spans.PROOFS[0].id] == 2


@pytest.mark.parametrize(
    "names",
    [
        ["report/checks_a.py", "report/checks_b.py", "report/checks_c.py"],
        ["report/checks_a.py", "report/checks_b.py", "report/checks_c/x.py"],
        ["tests/unit/test_cli_a.py", "tests/unit/test_cli_b.py", "tests/unit/test_cli_c.py"],
        [f"report/{name}.py" for name in "abcdefghijklm"],
    ],
)
def test_crowded_folders_are_seen(names: list[str]) -> None:
    assert len(crowded(map(Path, names))) == 1
    assert crowded(map(Path, names[:-1])) == []


def test_unit_tests_elsewhere_are_seen() -> None:
    packages = {"spanmatch", "spanmatch.theory"}
    there = [Path("tests/unit/theory/test_a.py"), Path("tests/unit/test_b.py"), Path("tests/quality/test_c.py")]
    assert without_counterpart(there, packages) == []
    assert without_counterpart([*there, Path("tests/unit/theory/parts/test_d.py")], packages) == ["theory/parts"]
