"""Atomic writes: a file appears whole or not at all. Output paths can be checked before long work."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..theory.errors import InvalidFile, SpanmatchError

FilePath = str | os.PathLike[str]


@contextmanager
def atomic_write(path: FilePath) -> Iterator[Path]:
    """``atomic_writes`` for one file."""
    with atomic_writes(path) as (temporary,):
        yield temporary


@contextmanager
def atomic_writes(*paths: FilePath) -> Iterator[tuple[Path, ...]]:
    """Yield temporary paths, of the same folders and suffixes, that replace ``paths`` if the block succeeds.

    After any exception, Ctrl-C included, the temporary files are removed and ``paths`` are as before. Only a process
    killed between the final renames can leave some files new and others old, each of them whole. The block should do
    nothing but write: any ``OSError`` raised there is reported as one about these files.
    *Raises* ``InvalidFile`` when a file cannot be written or is a folder.
    """
    targets = [Path(path) for path in paths]
    temporaries = tuple(_beside(target) for target in targets)
    created: list[Path] = []
    moved: list[tuple[Path, Path, bool]] = []
    try:
        for target, temporary in zip(targets, temporaries, strict=True):
            _create(target, temporary)
            created.append(temporary)
        yield temporaries
        for temporary in temporaries:
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        for target, temporary in zip(targets[:-1], temporaries[:-1], strict=True):
            aside, existed = _beside(target), target.exists()
            moved.append((target, aside, existed))
            if existed:
                target.replace(aside)
            temporary.replace(target)
        temporaries[-1].replace(targets[-1])
        finished, moved = moved, []
        for _, aside, _ in finished:
            aside.unlink(missing_ok=True)
    except BaseException as error:
        for target, aside, existed in moved:
            if not existed:
                target.unlink(missing_ok=True)
            elif aside.exists():
                aside.replace(target)
        for temporary in created:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, SpanmatchError):
            names = ", ".join(map(str, targets))
            raise InvalidFile(f"{names}: cannot be written ({error}), need room on a writable disk") from error
        raise


def _beside(target: Path) -> Path:
    """A hidden name in the same folder, of the same suffix."""
    return target.with_name(f".{target.stem[:100]}.{uuid.uuid4().hex[:8]}{target.suffix}")


def _create(target: Path, temporary: Path) -> None:
    if target.is_dir():
        raise InvalidFile(f"{target}: is a folder, need the name of a file to write")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise InvalidFile(
            f"{target}: not writable ({error.strerror}), need a file in an existing, writable folder"
        ) from error


def check_output_file(path: FilePath) -> Path:
    """Check that ``path`` could be written, and return it. To be called before long work.

    *Raises* ``InvalidFile``.
    """
    target = Path(path)
    probe = _beside(target)
    _create(target, probe)
    probe.unlink()
    return target


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


def check_output_folder(path: FilePath) -> Path:
    """Create the folder ``path`` if needed, check that files can be written to it, and return it.

    *Raises* ``InvalidFile`` when it is a file, lies below one, or is not writable.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise InvalidFile(f"{folder}: is a file, need a folder to write into; name another one")
    probe = folder / f".{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InvalidFile(
            f"{folder}: cannot be written to ({error.strerror}), need a writable folder; name another one"
        ) from error
    return folder
