"""Claims about the frame: what the wheel contains, how large it is, what importing the package loads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from zipfile import ZipFile

from claim import MUST, ROOT, Claim, Measured

LIMIT = 8_000_000

LOADED = """
import sys
import numpy, scipy.sparse.csgraph, jaxtyping
before = {name.partition(".")[0] for name in sys.modules}
import spanmatch
after = {name.partition(".")[0] for name in sys.modules}
print(*sorted(after - before - set(sys.stdlib_module_names) - {"spanmatch"}))
"""


def project_files() -> list[str]:
    """Every file of the project, committed or not yet, as a path relative to the root."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def source_modules() -> set[str]:
    """The Python files that belong into the wheel."""
    outside = ("tests/", "benchmarks/", "examples/", "docs/")
    return {f"spanmatch/{n}" for n in project_files() if n.endswith(".py") and not n.startswith(outside)}


@cache
def wheel_sizes() -> dict[str, int]:
    """Name -> bytes of the files in a wheel built from a copy of the project, so that no stale build gets in."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "copy")
        for name in project_files():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        done = subprocess.run(
            [*command, "--wheel-dir", scratch, str(copy)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the wheel does not build: {done.stderr.strip()[-500:]}")
        (wheel,) = Path(scratch).glob("spanmatch-*.whl")
        with ZipFile(wheel) as archive:
            return {entry.filename: entry.file_size for entry in archive.infolist()}


def modules_in_wheel() -> Measured:
    wanted, shipped = source_modules(), {n for n in wheel_sizes() if n.endswith(".py")}
    missing, strange = sorted(wanted - shipped), sorted(shipped - wanted)
    if missing or strange:
        return f"missing: {missing}; not from the project: {strange}", False
    packages = sum(name.endswith("/__init__.py") for name in shipped)
    return f"{packages} packages, {len(shipped)} modules, none missing, none strange", packages > 1


def data_in_wheel(folder: str, suffix: str, least: int) -> Measured:
    found = [n for n in wheel_sizes() if n.startswith(f"spanmatch/{folder}/") and n.endswith(suffix)]
    tracked = [n for n in project_files() if n.startswith(f"{folder}/") and n.endswith(suffix)]
    return f"{len(found)} of {len(tracked)}", len(found) == len(tracked) >= least


def typed_marker() -> Measured:
    there = "spanmatch/py.typed" in wheel_sizes()
    return "there" if there else "absent", there


def shipped_bytes() -> Measured:
    kept = "spanmatch/networks/checkpoints/", "spanmatch/networks/probes/"
    total = sum(size for name, size in wheel_sizes().items() if name.startswith(kept))
    return f"{total:,} bytes", total < LIMIT


def loaded_on_import() -> Measured:
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [sys.executable, "-c", LOADED],
            capture_output=True, text=True, check=True, cwd=elsewhere, env=environment,
        )  # fmt: skip
    extra = [name for name in done.stdout.split() if not name.startswith("__editable__")]
    return f"also loads {', '.join(extra)}" if extra else "nothing else", not extra


CLAIMS = [
    Claim("frame.wheel-modules", MUST, "modules in the wheel", "each of the project's", modules_in_wheel),
    Claim(
        "frame.wheel-checkpoints",
        MUST,
        "networks/checkpoints/*.safetensors in the wheel",
        "all, at least 2",
        lambda: data_in_wheel("networks/checkpoints", ".safetensors", 2),
    ),
    Claim(
        "frame.wheel-probes",
        MUST,
        "networks/probes/*.npz in the wheel",
        "all, at least 1",
        lambda: data_in_wheel("networks/probes", ".npz", 1),
    ),
    Claim("frame.wheel-typed", MUST, "py.typed in the wheel", "there", typed_marker),
    Claim("frame.shipped-bytes", MUST, "bytes of networks and images shipped", f"< {LIMIT:,} bytes", shipped_bytes),
    Claim(
        "frame.light-import",
        "design, public names",
        "import spanmatch",
        "nothing heavier than numpy, scipy, jaxtyping",
        loaded_on_import,
    ),
]
