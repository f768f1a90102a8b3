"""Results that are kept as they come: found again by the same run, by no other, and never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spanmatch.studies.kept import PIECES, Kept
from spanmatch.theory.errors import InvalidFile

TOLD = {"seed": 3, "networks": ("a", "b")}


def begin(folder: Path, told: dict[str, Any] = TOLD, **options: Any) -> Kept:
    return Kept.begin(folder / "run", ("result.json", "page.html"), told, **{"overwrite": False, **options})


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> dict[str, Any]:
        self.done += 1
        return {"value": (1, 0.1 + 0.2)}


def test_a_piece_is_worked_out_once(tmp_path: Path) -> None:
    work = Work()
    for _ in range(2):
        assert begin(tmp_path).piece("conv1 / a:b", {"seed": 0}, work) == {"value": [1, 0.1 + 0.2]}
    assert work.done == 1
    (file,) = (tmp_path / "run" / PIECES).iterdir()
    assert file.name.startswith("conv1-a-b-")


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_text("[1]"),
        lambda path: path.write_text(json.dumps({"key": "another", "result": 1})),
    ],
    ids=["gone", "cut", "a list", "of another run"],
)
def test_what_is_damaged_is_worked_out_again(tmp_path: Path, change: Callable[[Path], Any]) -> None:
    work = Work()
    begin(tmp_path).piece("fc", {"seed": 0}, work)
    change(next((tmp_path / "run" / PIECES).iterdir()))
    assert begin(tmp_path).piece("fc", {"seed": 0}, work)["value"][0] == 1
    assert work.done == 2


def test_another_key_is_another_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work()
    begin(tmp_path).piece("fc", {"seed": 0}, work)
    begin(tmp_path).piece("fc", {"seed": 1}, work)
    assert work.done == 2
    monkeypatch.setattr("spanmatch.studies.kept.versions", lambda: {"numpy": "0"})
    begin(tmp_path).piece("fc", {"seed": 0}, work)
    assert work.done == 3


def test_the_same_run_may_go_on_and_another_may_not(tmp_path: Path) -> None:
    run = begin(tmp_path)
    result = tmp_path / "run" / "result.json"
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps({**TOLD, "layers": [1]}))
    begin(tmp_path)
    with pytest.raises(InvalidFile, match=r"result.json: there already, of another run; .* overwrite=True"):
        begin(tmp_path, {**TOLD, "seed": 4})
    begin(tmp_path, {**TOLD, "seed": 4}, overwrite=True)

    def contains(new: Any, old: Any) -> bool:
        return set(old["layers"]) <= set(new["layers"])

    run.finish({"layers": [1, 2]}, contains, overwrite=False)
    with pytest.raises(InvalidFile, match=r"result.json: there already, with other numbers"):
        run.finish({"layers": [2]}, contains, overwrite=False)
    run.finish({"layers": [2]}, contains, overwrite=True)


@pytest.mark.parametrize(("name", "content"), [("result.json", "mine"), ("page.html", "mine"), ("result.json", "[]")])
def test_files_of_ones_own_stay(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text(content)
    with pytest.raises(InvalidFile, match=rf"{name}: there already"):
        begin(tmp_path)


def test_what_a_killed_process_left_is_removed_at_the_end(tmp_path: Path) -> None:
    run = begin(tmp_path)
    run.piece("fc", {}, Work())
    left = tmp_path / "run" / PIECES / ".fc.0123abcd.json"
    left.write_text("{")
    run.finish({}, lambda new, old: True, overwrite=False)
    assert not left.exists()
    assert len(list((tmp_path / "run" / PIECES).iterdir())) == 1
