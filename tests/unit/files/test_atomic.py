"""Files are written whole or not at all; what cannot be written is said before long work."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch.files.activations import check_activations_file
from spanmatch.files.atomic import (
    atomic_write,
    atomic_writes,
    check_output_file,
    check_output_folder,
    output_folder,
    write_json,
)
from spanmatch.theory.errors import InvalidFile, MissingData


class TestAtomicWrite:
    def test_the_file_appears_whole_and_nothing_else_does(self, tmp_path: Path) -> None:
        with atomic_write(tmp_path / "a.txt") as temporary:
            temporary.write_text("whole")
            assert not (tmp_path / "a.txt").exists()
            assert temporary.suffix == ".txt"
        assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
        assert (tmp_path / "a.txt").read_text() == "whole"

    @pytest.mark.parametrize("exception", [RuntimeError, KeyboardInterrupt, SystemExit])
    def test_after_an_exception_the_old_file_stands(self, tmp_path: Path, exception: type[BaseException]) -> None:
        (tmp_path / "a.txt").write_text("old")

        def interrupted() -> None:
            with atomic_write(tmp_path / "a.txt") as temporary:
                temporary.write_text("ha")
                raise exception

        with pytest.raises(exception):
            interrupted()
        assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
        assert (tmp_path / "a.txt").read_text() == "old"

    def test_permissions_follow_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0o022)
        try:
            write_json(tmp_path / "a.json", 1)
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o644

    @pytest.mark.parametrize("path", ["absent/a.json", "file/a.json", "folder"])
    def test_an_unwritable_path_is_named(self, tmp_path: Path, path: str) -> None:
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(InvalidFile, match=f"{path}.*need"):
            write_json(tmp_path / path, {})
        with pytest.raises(InvalidFile, match=f"{path}.*need"):
            check_output_file(tmp_path / path)
        assert sorted(tmp_path.rglob("*")) == before

    def test_what_the_system_says_while_writing_is_named(self, tmp_path: Path) -> None:
        def full() -> None:
            with atomic_write(tmp_path / "a.txt"):
                raise OSError(28, "No space left on device")

        def missing() -> None:
            with atomic_write(tmp_path / "a.txt"):
                raise MissingData("data: not here")

        with pytest.raises(InvalidFile, match=r"a\.txt: cannot be written .*No space left on device.*need room"):
            full()
        with pytest.raises(MissingData, match="not here"):
            missing()
        assert list(tmp_path.iterdir()) == []


class TestAtomicWrites:
    def test_files_that_belong_together(self, tmp_path: Path) -> None:
        paths = [tmp_path / name for name in ("a.txt", "b.json")]
        paths[0].write_text("old")
        with atomic_writes(*paths) as temporaries:
            for number, temporary in enumerate(temporaries):
                temporary.write_text(str(number))
            assert [path.suffix for path in temporaries] == [".txt", ".json"]
            assert paths[0].read_text() == "old"
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "0", "b.json": "1"}

    def test_one_that_cannot_be_written_stops_all(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFile, match="absent"), atomic_writes(tmp_path / "a.txt", tmp_path / "absent" / "b"):
            pytest.fail("the block must not be entered")
        assert list(tmp_path.iterdir()) == []


def test_asking_before_long_work_leaves_the_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("old")
    assert check_activations_file(tmp_path / "a.npz") == tmp_path / "a.npz"
    assert (tmp_path / "a.npz").read_text() == "old"
    with pytest.raises(InvalidFile, match=r"unknown suffix '\.pt'"):
        check_activations_file(tmp_path / "a.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


class TestWriteJson:
    def test_numpy_paths_and_sets_become_plain(self, tmp_path: Path) -> None:
        values: dict[str, Any] = {
            "n": np.int64(3),
            "b": np.bool_(True),
            "a": np.eye(2),
            "p": Path("x"),
            "s": {2, 1},
            "e": "ε",
        }
        write_json(tmp_path / "a.json", values)
        expected = {"n": 3, "b": True, "a": [[1.0, 0.0], [0.0, 1.0]], "p": "x", "s": [1, 2], "e": "ε"}
        assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == expected

    @pytest.mark.parametrize(("value", "error"), [(float("nan"), ValueError), (object(), TypeError)])
    def test_what_json_cannot_say_leaves_no_file(self, tmp_path: Path, value: object, error: type[Exception]) -> None:
        with pytest.raises(error):
            write_json(tmp_path / "a.json", [value])
        assert list(tmp_path.iterdir()) == []


class TestOutputFolder:
    def test_it_is_made(self, tmp_path: Path) -> None:
        with output_folder(tmp_path / "a" / "b") as folder:
            assert folder == tmp_path / "a" / "b"
        assert list(folder.iterdir()) == []
        with output_folder(str(folder)) as again:
            assert again == folder

    def test_an_interruption_leaves_no_empty_folder(self, tmp_path: Path) -> None:
        """What was there before stays, and so does what somebody else has put into it."""
        (tmp_path / "before").mkdir()

        def interrupted(*, leaving: str | None) -> None:
            with output_folder(tmp_path / "before" / "a" / "b") as folder:
                if leaving:
                    (folder / leaving).touch()
                raise KeyboardInterrupt

        for leaving, left in ((None, ["before"]), ("x", ["before", "before/a", "before/a/b", "before/a/b/x"])):
            with pytest.raises(KeyboardInterrupt):
                interrupted(leaving=leaving)
            assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == left

    def test_asking_before_long_work_leaves_nothing(self, tmp_path: Path) -> None:
        assert check_output_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
        assert list(tmp_path.iterdir()) == []

    # Permission bits do not stop the superuser, a file in the way does.
    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("file", "file: is a file, need a folder"),
            ("file/below", "file/below: cannot be written to .*need a writable folder"),
            ("file/below/further", "file/below/further: cannot be written to .*need a writable folder"),
        ],
    )
    def test_a_file_in_the_way_is_an_error(self, tmp_path: Path, path: str, message: str) -> None:
        (tmp_path / "file").write_text("kept")
        with pytest.raises(InvalidFile, match=message):
            check_output_folder(tmp_path / path)
        assert (tmp_path / "file").read_text() == "kept"
