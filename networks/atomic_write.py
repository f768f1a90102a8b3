"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..theory.errors import InvalidFile


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` whole or not at all: a failed or interrupted write leaves what was there.

    *Raises* ``InvalidFile`` when the folder is missing or cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InvalidFile(f"{path}: not writable ({error.strerror}); name a file in a writable folder.") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp makes it private; a checkpoint is an ordinary file
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InvalidFile(f"{path}: cannot be written ({error.strerror}).") from error
        raise
