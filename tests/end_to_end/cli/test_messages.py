"""Errors name what was typed, a flag or a file, in one line; errors of usage and Ctrl-C while importing too."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from spanmatch.cli import commands
from spanmatch.cli.messages import FLAGS, VALUES, as_typed

OPTION = {"all_pairs": "--all-pairs", "layers": "--layers", "layout": "--layout", "acts_a": "a.npz", "acts_b": "b.npz"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("a.npz", u=rng.standard_normal((50, 3)))
    np.savez("b.npz", v=rng.standard_normal((50, 3)))
    np.savez("short.npz", u=rng.standard_normal((40, 3)))
    np.savez("nan.npz", X=np.full((50, 3), np.nan), u=np.eye(3))
    (tmp_path / "empty").mkdir()
    (tmp_path / "none.py").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("compare a.npz b.npz", "--layers: no layer name is in both networks; a.npz has u; b.npz has v; "
         "rename them, or use --all-pairs"),
        ("compare a.npz a.npz --layers z", "--layers: 'z' matches no layer that both networks have; a.npz has u"),
        ("compare a.npz short.npz", "a.npz, layer 'u', short.npz, layer 'u': got 50 and 40 images"),
        ("compare a.npz a.npz --draws 0", "--draws: the value should be greater than or equal to 1; see spanmatch"),
        ("compare a.npz", "Missing argument 'B'; see spanmatch compare --help"),
        ("compare a.npz a.npz --shufles 3", "No such option: --shufles"),
        ("nonsense", "No such command 'nonsense'; see spanmatch --help"),
        ("verify --cases", "Option '--cases' requires an argument; see spanmatch --help"),
        ("conform none.py:f", "MODULE:ATTRIBUTE: none.py has no attribute 'f'"),
        ("conform numpy.linalg:lstsq --expect T1=so", "MODULE:ATTRIBUTE: lstsq is a function that is called none of"),
        ("conform spanmatch --expect T1=so", "--expect: got 'T1', need some of"),
        ("conform spanmatch --level low", "--level: got 'low', need some of"),
        ("generate stress --set kind=alive --out s.npz", "--set kind: got 'alive', need one of"),
        ("generate stress --set kind=3 --out s.npz", "--set kind: got 3, need a string"),
        ("capture a.npz --out o.npz", "a.npz: is no network, need a checkpoint"),
        ("capture vgg-0 --images 2000 --out o.npz", "--images: got 2000, need 1 to 1000"),
        ("capture vgg-0 --data empty --out o.npz", "Fashion-MNIST: neither train-images"),
        ("certify empty --epsilon 0.3 --out c.json", "empty: is a folder, need a file of activations"),
        ("certify nan.npz --epsilon 0.3 --out c.json", "nan.npz: has no array 'Y', only X, u; name the two"),
        ("certify nan.npz --y X --epsilon 0.3 --out c.json", "X: 150 of 150 values are not finite"),
        ("certify a.npz --x u --y u --epsilon 0.3 --neuron x:9 --out c.json",
         "--neuron: got x:9, the index is out of range; need x:0..2 or y:0..2"),
        ("check missing.json a.npz", "missing.json: no such file, need a certificate"),
        ("check empty a.npz", "empty: is a folder, need a certificate"),
    ],
)  # fmt: skip
def test_what_was_typed_is_named(folder: Path, typed: str, said: str) -> None:
    done = CliRunner().invoke(commands.app, typed.split(), prog_name="spanmatch")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"spanmatch: {said}")
    assert done.stderr.count("\n") == 1
    assert not re.search(r"\b(acts_[ab]|all_pairs|expected_failures|folder`)", done.stderr)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("layers: got 'a=1', need layers", "--layers: got 'a=1', need layers"),  # the word is no argument
        ("acts_a['x: y'], acts_b[\"z\"]: no", "a.npz, layer 'x: y', b.npz, layer \"z\": no"),
        ('x: is layout="nhwc" meant?', "x: is --layout nhwc meant?"),
        ("x: set all_pairs=True, all_pairs", "x: set --all-pairs, --all-pairs"),
        ("file.npz: layers differ", "file.npz: layers differ"),
        ("my_acts_a: acts_abc", "my_acts_a: acts_abc"),
        ("no colon at all", "no colon at all"),
    ],
)
def test_arguments_are_told_from_words(message: str, said: str) -> None:
    assert as_typed(message, OPTION) == said


def test_every_other_name_is_of_a_parameter() -> None:
    parameters = {
        parameter.name
        for command in commands.app.registered_commands
        for parameter in inspect.signature(command.callback).parameters.values()
    }
    assert {*FLAGS.values(), *VALUES.values()} <= parameters


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has loaded is not to be seen here")
@pytest.mark.parametrize("library", ["_multiarray_umath", "libscipy_openblas"])
def test_ctrl_c_while_importing_is_one_line(tmp_path: Path, library: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "spanmatch", "theorems", "--run"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    maps, deadline = Path(f"/proc/{process.pid}/maps"), time.monotonic() + 60
    while library not in maps.read_text() and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT), error
    assert (out, error) == ("", "spanmatch: interrupted; no file was left half-written\n")
