"""The state of a run comes back to the last bit, and never runs code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spanmatch import Compressor, InvalidFile
from spanmatch.files.digest import Digest
from spanmatch.files.state import load_state, save_state, told_in

ROWS = np.random.default_rng(0).standard_normal((90, 7))


def compressor(method: str) -> Compressor:
    return Compressor(3, 4, method=method, shuffles=5, positions=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["gram", "qr"])
@pytest.mark.parametrize("taken", [0, 1, 2, 9])
def test_goes_on_as_if_nothing_had_happened(method: str, taken: int, tmp_path: Path) -> None:
    batches = [rows * 10.0 ** (60 * (k == 2)) for k, rows in enumerate(np.split(ROWS, 10))]
    whole, first, digests = compressor(method), compressor(method), (Digest(), Digest())
    for k, rows in enumerate(batches):
        whole.update(rows[:, :3], rows[:, 3:])
        digests[0].update(rows)
        if k < taken:
            first.update(rows[:, :3], rows[:, 3:])
            digests[1].update(rows)
    path = tmp_path / "state.npz"
    save_state(path, [taken, "x", None, b"\0"], first, digests[1])
    second, digest = compressor(method), Digest()
    assert told_in(path) == [taken, "x", None, b"\0"]
    load_state(path, second, digest)
    for rows in batches[taken:]:
        second.update(rows[:, :3], rows[:, 3:])
        digest.update(rows)
    assert digest.hex() == digests[0].hex()
    assert np.array_equal(second.finish().factor, whole.finish().factor)
    assert [one.x.tolist() for one in second.null()] == [one.x.tolist() for one in whole.null()]
    assert second.participation() == whole.participation()


def test_a_file_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    save_state(path, "told", compressor("qr"))
    with pytest.raises(InvalidFile, match="no state of this run"):
        load_state(path, compressor("qr"), Digest())
    with pytest.raises(InvalidFile, match="another Digest"):
        load_state(path, Digest())
    path.write_bytes(path.read_bytes()[:100])
    for read in (lambda: load_state(path, compressor("qr")), lambda: told_in(path)):
        with pytest.raises(InvalidFile, match="no state of this run"):
            read()


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "touched",)

    plan = np.array('[{"array": "trap"}, null]')
    np.savez(tmp_path / "state.npz", plan=plan, trap=np.array([Trap()], dtype=object))
    with pytest.raises(InvalidFile, match="no state of this run"):
        told_in(tmp_path / "state.npz")
    assert not (tmp_path / "touched").exists()
