"""Atomic writes: a file appears whole or not at all. Output paths can be checked before long work.

Links are followed; pipes and devices get the whole content at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from ..theory.errors import InvalidFile, SpanmatchError
from .target import FilePath, Target, beside, is_stream


@contextmanager
def atomic_write(path: FilePath) -> Iterator[Path]:
    """``atomic_writes`` for one file."""
    with atomic_writes(path) as (temporary,):
        yield temporary


@contextmanager
def atomic_writes(*paths: FilePath) -> Iterator[tuple[Path, ...]]:
    """Yield temporary paths, of the same suffixes, whose files replace ``paths`` if the block succeeds.

    After any exception, Ctrl-C included, the temporary files are removed and ``paths`` are as before. Only a process
    killed between the final renames can leave some files new and others old, each of them whole. A symbolic link stays,
    and the file that it leads to is replaced; a pipe or a character device, such as /dev/stdout, stays and gets the
    content. The block should do nothing but write: any ``OSError`` raised there is reported as one about these files,
    except ``BrokenPipeError``: the reader of a pipe has left.
    *Raises* ``InvalidFile`` when a file cannot be written, or is neither a file nor a stream.
    """
    targets = [Target.of(path) for path in paths]
    created: list[Path] = []
    moved: list[tuple[Path, Path, bool]] = []
    try:
        for target in targets:
            target.create()
            created.append(target.temporary)
        yield tuple(target.temporary for target in targets)
        for target in targets:
            with target.temporary.open("rb+") as written:
                os.fsync(written.fileno())
        # Streams first: what went into them cannot be taken back, but a reader that left is known before any rename.
        for target in targets:
            if target.is_stream:
                target.pour()
        files = [target for target in targets if not target.is_stream]
        for target in files[:-1]:
            aside, existed = beside(target.place), target.place.exists()
            moved.append((target.place, aside, existed))
            if existed:
                target.place.replace(aside)
            target.temporary.replace(target.place)
        for target in files[-1:]:
            target.temporary.replace(target.place)
        finished, moved = moved, []
        for _, aside, _ in finished:
            aside.unlink(missing_ok=True)
    except BaseException as error:
        for place, aside, existed in moved:
            if not existed:
                place.unlink(missing_ok=True)
            elif aside.exists():
                aside.replace(place)
        if isinstance(error, OSError) and not isinstance(error, SpanmatchError | BrokenPipeError):
            names = ", ".join(str(target.asked) for target in targets)
            raise InvalidFile(f"{names}: cannot be written ({error}), need room on a writable disk") from error
        raise
    finally:
        for temporary in created:
            temporary.unlink(missing_ok=True)


def check_output_file(path: FilePath) -> Path:
    """Check that ``path`` could be written, and return it. To be called before long work.

    *Raises* ``InvalidFile``.
    """
    target = Target.of(path)
    target.create()
    target.temporary.unlink()
    return target.asked


def check_new(*paths: FilePath) -> None:
    """Refuse to replace a file or folder that is there already; for commands that were not told to ``--force``.

    Streams and empty folders pass.

    *Raises* ``InvalidFile``.
    """
    there = [str(path) for path in paths if _holds_something(Path(path))]
    if there:
        raise InvalidFile(
            f"{', '.join(there)}: there already, and would be replaced; name another place, or say --force"
        )


def _holds_something(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.is_file() and not is_stream(path)


def write_bytes(path: FilePath, content: bytes) -> None:
    """Write ``content`` atomically. *Raises* ``InvalidFile``."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: FilePath, text: str) -> None:
    """Write ``text`` in UTF-8, atomically. *Raises* ``InvalidFile``."""
    write_bytes(path, text.encode())


def to_json(obj: Any) -> str:
    """Format ``obj`` as JSON; it may contain NumPy numbers and arrays, paths and sets.

    *Raises* ``ValueError`` for NaN and infinity, ``TypeError`` for objects without a JSON form.
    """
    return json.dumps(obj, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_json(path: FilePath, obj: Any) -> None:
    """Write ``obj`` as JSON, atomically. *Raises* ``InvalidFile``, and what ``to_json`` raises."""
    write_text(path, to_json(obj))


@contextmanager
def output_folder(path: FilePath) -> Iterator[Path]:
    """Create the folder ``path`` if needed and yield it; after an exception, remove what was made and is empty.

    *Raises* ``InvalidFile`` when it is a file, lies below one, or is not writable.
    """
    folder, made = Path(path), []
    if folder.exists() and not folder.is_dir():
        raise InvalidFile(f"{folder}: is a file, need a folder to write into; name another one")
    try:
        try:
            for one in reversed((folder, *folder.parents)):
                if not one.exists():
                    one.mkdir()
                    made.append(one)
            probe = folder / f".{uuid.uuid4().hex[:8]}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise InvalidFile(
                f"{folder}: cannot be written to ({error.strerror}), need a writable folder; name another one"
            ) from error
        yield folder
    except BaseException:
        _remove_empty(made)
        raise


def _remove_empty(folders: list[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()


def check_output_folder(path: FilePath) -> Path:
    """Check that files could be written to the folder ``path``, made if needed, and return it; leaves nothing.

    To be called before long work, so that an interruption leaves no empty folder. *Raises* ``InvalidFile``.
    """
    with suppress(_Checked), output_folder(path):
        raise _Checked
    return Path(path)


class _Checked(Exception):
    """Leaves ``output_folder`` so that it removes what it made."""


@contextmanager
def atomic_folder(path: FilePath, replaceable: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` if the block succeeds, and is removed if it does not.

    A folder that is there already is replaced where it is empty or ``replaceable``. *Raises* ``InvalidFile``.
    """
    target = Path(path)
    check_output_folder(target)
    there = target.is_dir() and any(target.iterdir())
    if there and not replaceable(target):
        raise InvalidFile(f"{target}: is a folder with other things in it, need a new or empty one")
    temporary, aside = beside(target), beside(target)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if target.exists():
            target.replace(aside)
        temporary.replace(target)
    except OSError as error:
        raise InvalidFile(f"{target}: cannot be written ({error}), need room on a writable disk") from error
    finally:
        if aside.exists() and not target.exists():
            aside.replace(target)
        for folder in (temporary, aside):
            shutil.rmtree(folder, ignore_errors=True)
