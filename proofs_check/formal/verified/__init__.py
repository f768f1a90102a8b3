"""The proved checker of certificates (A8): building it from its Coq source, and asking it.

``docs/trusted-base.md`` says what has to be believed. Nothing of this module does, as long as the files that it hands
over are those of the certificate and, by their hash, of the activations.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from jaxtyping import Real
from numpy.typing import ArrayLike

from ....theory.errors import CertificateError, InvalidFile, MissingExtra
from ....theory.validation import as_matrix
from .. import SOURCES

PROGRAM = "spanmatch-checker"


def build_checker(folder: Path) -> Path:
    """Build the checker from its sources in ``folder``, and return where it is.

    Raises: ``MissingExtra`` where Coq, OCaml or zarith is absent, with what to install.
    """
    done = subprocess.run(
        ["sh", str(SOURCES / "verified" / "build.sh"), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode == 2:
        raise MissingExtra(f"proved checker: {' '.join(done.stderr.split())}")
    done.check_returncode()
    return folder / PROGRAM


def find_checker() -> Path:
    """Where the built checker is: beside the Python interpreter (``make checker`` puts it there) or on the PATH.

    Raises: ``MissingExtra`` if it was not built.
    """
    beside = Path(sys.executable).with_name(PROGRAM)
    found = str(beside) if beside.exists() else shutil.which(PROGRAM)
    if found is None:
        raise MissingExtra(
            f"proved checker: no program {PROGRAM} beside {sys.executable} or on the PATH; build it by `make checker` "
            f"or by {SOURCES / 'verified' / 'build.sh'} FOLDER (Debian packages coq, libcoq-mathcomp-algebra, "
            f"libzarith-ocaml-dev); without --verified the checker in Python checks the same"
        )
    return Path(found)


def check_by_proof(
    X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"], certificate: Path, program: Path
) -> str:
    """What the proved checker says of a certificate's file when it holds: the claim, in three lines.

    Raises: ``CertificateError`` when the checker refuses it, ``InvalidFile`` when it cannot check it (too many inputs
    for the largest stack that the system allows, for instance), ``InvalidActivations``.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("x", "y")]
        for file, values, name in zip(files, (X, Y), ("X", "Y"), strict=True):
            write_layer(file, as_matrix(values, name)[0])
        done = subprocess.run(
            [program, certificate, *files], capture_output=True, text=True, check=False, preexec_fn=_with_a_deep_stack
        )
    reason = " ".join(done.stderr.split())
    if done.returncode == 1:
        raise CertificateError(f"{reason}; certify again")
    if done.returncode != 0:
        raise InvalidFile(f"{certificate}: the proved checker could not check it (status {done.returncode}): {reason}")
    return done.stdout


def _with_a_deep_stack() -> None:
    """The program goes down one level for each input."""
    most = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


def write_layer(file: Path, values: np.ndarray) -> None:
    """A layer as the checker reads it: the very bytes of which a certificate holds the SHA-256."""
    numbers = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    file.write_bytes(f"{values.dtype.name} {len(values)} {values.shape[1]}\n".encode() + numbers.tobytes())
