"""Where an output goes: into a file, through symbolic links, or into a stream (a pipe, a terminal, /dev/null)."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..theory.errors import InvalidFile

FilePath = str | os.PathLike[str]

#: Linux and macOS name the open descriptors of the process here.
DESCRIPTORS = Path("/dev/fd")
LONGEST_CHAIN_OF_LINKS = 40


@dataclass(frozen=True)
class Target:
    """The path that was asked for, the place that its links lead to, and the file that is written first."""

    asked: Path
    place: Path
    temporary: Path
    is_stream: bool

    @classmethod
    def of(cls, path: FilePath) -> Target:
        """Find out what ``path`` is. *Raises* ``InvalidFile`` for what is neither a file nor a stream."""
        asked = Path(path)
        try:
            place = asked.resolve()
            mode = asked.stat().st_mode if asked.exists() else stat.S_IFREG
        except (OSError, RuntimeError) as error:  # a link to itself raises one of these, depending on the version
            raise _unwritable(asked, error) from error
        is_stream = stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or _descriptor(asked) is not None
        if not is_stream and not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "neither a file nor a pipe"
            raise InvalidFile(f"{asked}: is {kind}, need the name of a file to write")
        first = Path(tempfile.gettempdir(), asked.name) if is_stream else place
        return cls(asked, place, beside(first), is_stream)

    def create(self) -> None:
        """Create the temporary file. *Raises* ``InvalidFile`` when the target cannot be written."""
        if self.is_stream and not os.access(self.asked, os.W_OK):
            raise InvalidFile(f"{self.asked}: not writable, need a pipe or a device that may be written to")
        try:
            self.temporary.touch(exist_ok=False)
        except OSError as error:
            raise _unwritable(self.asked, error) from error

    def pour(self) -> None:
        """Copy the temporary file into the stream. Opening a pipe waits for its reader."""
        opened = _descriptor(self.asked)
        if opened is None:
            descriptor = os.open(self.asked, os.O_WRONLY)
        else:
            for printed in (sys.stdout, sys.stderr):
                printed.flush()
            descriptor = os.dup(opened)
        with self.temporary.open("rb") as written, os.fdopen(descriptor, "wb") as stream:
            shutil.copyfileobj(written, stream)


def is_stream(path: FilePath) -> bool:
    """Whether ``path`` is a pipe or a device that is written to, not replaced. *Raises* ``InvalidFile``."""
    return Target.of(path).is_stream


def beside(target: Path) -> Path:
    """A hidden name in the same folder, of the same suffix."""
    return target.with_name(f".{target.stem[:100]}.{uuid.uuid4().hex[:8]}{target.suffix}")


def _descriptor(path: Path) -> int | None:
    """The open descriptor of this process that a name such as /dev/stdout leads to.

    It must not be opened a second time: where standard output goes to a file, both would write from its beginning.
    """
    for _ in range(LONGEST_CHAIN_OF_LINKS):
        if path.name.isdecimal() and path.parent.resolve() == DESCRIPTORS.resolve():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _unwritable(path: Path, error: Exception) -> InvalidFile:
    reason = error.strerror if isinstance(error, OSError) else error
    return InvalidFile(f"{path}: not writable ({reason}), need a file in an existing, writable folder")
