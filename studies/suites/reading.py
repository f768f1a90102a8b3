"""A suite read back from its folder: only what its manifest lists, and only where the hashes are those of the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from ...proofs_check.harness.capabilities import Capabilities
from ...theory.errors import InvalidFile
from ..generation import load_planted
from .asked import Asked
from .writing import KIND, MANIFEST, SETS, sha256


@dataclass(frozen=True)
class Suite:
    """A suite in ``folder``, its manifest, and its sets by name, each read when it is asked for."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def of(cls, folder: str | PathLike[str]) -> Suite:
        """*Raises* ``InvalidFile`` where there is none, or a file is absent or was changed."""
        place = Path(folder)
        try:
            manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
            if manifest["kind"] != KIND:
                raise ValueError(f"it is a {manifest['kind']}")
            hashes = [(place / file, told) for one in manifest["sets"] for file, told in one["sha256"].items()]
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            needed = "need the folder of a suite; `spanmatch generate --suite quick --out FOLDER` makes one"
            raise InvalidFile(f"{place}: {MANIFEST} cannot be read ({error}), {needed}") from error
        for file, told in hashes:
            if not file.is_file() or sha256(file) != told:
                raise InvalidFile(f"{file}: absent, or other than when the suite was made; make the suite again")
        return cls(place, manifest)

    def __iter__(self) -> Iterator[tuple[str, str, Asked]]:
        """Name, group and questions of each set, in the order of the manifest."""
        return self.asked(Capabilities())

    def asked(self, can: Capabilities) -> Iterator[tuple[str, str, Asked]]:
        """The same for an implementation that has these capabilities."""
        for one in self.manifest["sets"]:
            planted = load_planted(self.folder / SETS / f"{one['name']}.npz")
            yield one["name"], one["group"], Asked(planted, can)
