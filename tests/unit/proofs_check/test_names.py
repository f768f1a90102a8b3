"""``spanmatch.proofs_check`` imports its names when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import spanmatch.proofs_check
from spanmatch.proofs_check.harness import registry


def test_every_public_name_is_there() -> None:
    for name in spanmatch.proofs_check.__all__:
        assert getattr(spanmatch.proofs_check, name) is not None
    assert set(spanmatch.proofs_check.__all__) <= set(dir(spanmatch.proofs_check))


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = spanmatch.proofs_check.nothing


def test_checks_are_complete_at_first_use() -> None:
    code = (
        "from spanmatch.proofs_check import CHECKS\n"
        "print(sorted({name.partition('-')[0] for name in CHECKS}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    registered = sorted({name.partition("-")[0] for name in spanmatch.proofs_check.CHECKS})
    assert done.stdout == f"{registered}\n"


def test_shrinking_comes_back() -> None:
    before = registry.SHRINKING_SECONDS
    with registry.without_shrinking():
        assert registry.SHRINKING_SECONDS == 0
    assert before == registry.SHRINKING_SECONDS > 0
