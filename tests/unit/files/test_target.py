"""Links stay links, pipes stay pipes, devices stay devices: what is written goes to where they lead."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import spanmatch
from spanmatch.files.atomic import atomic_writes, check_output_file, write_text
from spanmatch.files.target import is_stream
from spanmatch.theory.errors import InvalidFile


class TestLinks:
    @pytest.mark.parametrize("exists", [True, False])
    def test_the_link_stays_and_its_target_is_replaced(self, tmp_path: Path, exists: bool) -> None:
        (tmp_path / "elsewhere").mkdir()
        target, link = tmp_path / "elsewhere" / "target.txt", tmp_path / "link.txt"
        if exists:
            target.write_text("old")
        (tmp_path / "between.txt").symlink_to(Path("elsewhere") / "target.txt")
        link.symlink_to("between.txt")
        check_output_file(link)
        assert target.exists() == exists
        with atomic_writes(link, tmp_path / "b.txt") as files:
            for file in files:
                file.write_text("new")
        assert link.is_symlink()
        assert target.read_text() == "new"
        assert not target.is_symlink()
        assert {path.name for path in tmp_path.rglob("*.txt")} == {"b.txt", "between.txt", "link.txt", "target.txt"}

    def test_a_link_to_itself_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").symlink_to("a.txt")
        with pytest.raises(InvalidFile, match=r"a\.txt: not writable .*need a file"):
            check_output_file(tmp_path / "a.txt")


class TestStreams:
    def test_a_pipe_stays_and_gets_the_content(self, tmp_path: Path) -> None:
        pipe, beside, read = tmp_path / "pipe.txt", tmp_path / "b.txt", []
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
        reader.start()
        check_output_file(pipe)  # must not end what the reader waits for
        with atomic_writes(pipe, beside) as (first, second):
            first.write_text("whole")
            second.write_text("too")
            assert first.suffix == ".txt"
        reader.join(timeout=60)
        assert read == ["whole"]
        assert beside.read_text() == "too"
        assert pipe.is_fifo()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["b.txt", "pipe.txt"]
        assert not first.exists()

    def test_a_reader_that_left_leaves_all_files_as_before(self, tmp_path: Path) -> None:
        read, write = os.pipe()
        os.close(read)
        (tmp_path / "b.txt").write_text("old")

        def write_both() -> None:
            with atomic_writes(tmp_path / "b.txt", f"/dev/fd/{write}") as files:
                for file in files:
                    file.write_text("new")

        with pytest.raises(BrokenPipeError):
            write_both()
        os.close(write)
        assert (tmp_path / "b.txt").read_text() == "old"

    def test_the_null_device_stays(self) -> None:
        write_text("/dev/null", "gone")
        assert is_stream("/dev/null")
        assert Path("/dev/null").is_char_device()

    def test_standard_output_in_a_file_keeps_its_place(self, tmp_path: Path) -> None:
        """Opened anew it would be written from its beginning, over what was printed before."""
        code = """
from spanmatch.files.atomic import write_text
print("before")
write_text("/dev/stdout", "written\\n")
print("after")
"""
        with (tmp_path / "out.txt").open("w") as out:
            root = str(Path(spanmatch.__file__).parents[1])
            env = {**os.environ, "PYTHONPATH": root, "PYTHONSAFEPATH": "1"}
            subprocess.run([sys.executable, "-c", code], stdout=out, check=True, cwd=tmp_path, env=env)
        assert (tmp_path / "out.txt").read_text() == "before\nwritten\nafter\n"
        assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("ask", [check_output_file, is_stream])
def test_a_socket_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Path], object]) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("a.sock")
        with pytest.raises(InvalidFile, match=r"a\.sock: is neither a file nor a pipe, need the name of a file"):
            ask(Path("a.sock"))
