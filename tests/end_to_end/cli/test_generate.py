"""``spanmatch generate``: the same bytes from the same seed, readable without spanmatch, with an answer that holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from spanmatch.cli import commands
from spanmatch.files.activations import load_activations
from spanmatch.networks import two_point
from spanmatch.studies.dynamics.two_point_set import two_point_set
from spanmatch.studies.generation import families, write_planted
from spanmatch.synthetic import FAMILIES, generate
from spanmatch.theory.errors import InvalidFile

SMALL: dict[str, tuple[str, ...]] = {
    "relu": ("--set", "inputs=300", "--set", "m=9"),
    "one_hot": ("--set", "inputs=300"),
    "stress": ("--set", "kind=dead"),
}

#: What somebody who has NumPy only may do with the files: residuals from their definition.
READER = """
import json, sys
for name in ("spanmatch", "scipy", "torch"):
    sys.modules[name] = None
import numpy as np
with np.load("set.npz", allow_pickle=False) as arrays, open("set.json", encoding="utf-8") as file:
    X, Y, answer = arrays["X"], arrays["Y"], json.load(file)
level = answer["maximum_match"][0]
x, y = level["match"]["x"], level["match"]["y"]
def residual(v, T):
    c = np.linalg.lstsq(T, v, rcond=None)[0]
    return np.linalg.norm(v - T @ c) / np.linalg.norm(v)
inside = [residual(X[:, i], Y[:, y]) for i in x] + [residual(Y[:, j], X[:, x]) for j in y]
outside = [residual(X[:, i], Y) for i in range(X.shape[1]) if i not in x]
outside += [residual(Y[:, j], X) for j in range(Y.shape[1]) if j not in y]
print(len(x), len(y), max(inside) < 1e-9, min(outside) > level["epsilon_to"])
"""


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, ["generate", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_every_family_is_written_with_its_answer(folder: Path, family: str, suffix: str) -> None:
    result = invoke(family, "--out", f"set.{suffix}", "--seed", "4", *SMALL.get(family, ()))
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in folder.iterdir()) == sorted([f"set.{suffix}", "set.json"])
    assert f"written: set.{suffix}" in result.stdout
    answer = json.loads((folder / "set.json").read_text(encoding="utf-8"))
    layers = load_activations(f"set.{suffix}")
    arrays = {name: layers[name].values for name in layers}
    again = generate(answer["family"], seed=answer["seed"], parameters=answer["parameters"])
    assert sorted(arrays) == ["X", "Y"]
    np.testing.assert_array_equal(arrays["X"], again.X)
    np.testing.assert_array_equal(arrays["Y"], again.Y)
    assert answer == {"schema": 1, **json.loads(json.dumps(again.to_dict()))}
    assert answer["reason"]


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_the_same_seed_gives_the_same_bytes(folder: Path, suffix: str) -> None:
    def contents(name: str, seed: str, threads: str) -> list[bytes]:
        (folder / name).mkdir()
        command = [
            sys.executable,
            "-m",
            "spanmatch",
            "generate",
            "blocks",
            "--seed",
            seed,
            "--out",
            f"{name}/s.{suffix}",
        ]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": threads})
        return [(folder / name / f"s.{suffix}").read_bytes(), (folder / name / "s.json").read_bytes()]

    first = contents("a", "3", "1")
    assert contents("b", "3", "2") == first
    other = contents("c", "4", "1")
    assert other[0] != first[0]
    assert other[1] != first[1]


def test_no_time_is_stored(folder: Path) -> None:
    invoke("staircase", "--out", "set.npz")
    with zipfile.ZipFile("set.npz") as archive:
        assert {(member.date_time, member.create_system) for member in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3)
        }


def test_it_is_read_and_holds_without_spanmatch(folder: Path) -> None:
    invoke("blocks", "--out", "set.npz", "--seed", "2", "--set", "private=[4, 1]")
    done = subprocess.run([sys.executable, "-c", READER], capture_output=True, text=True, check=False)
    assert done.stdout == "8 9 True True\n", done.stderr


def test_parameters_and_json(folder: Path) -> None:
    result = invoke("radii", "--out", "s.npz", "--set", "inputs=90", "--set", "condition=2", "--json")
    printed = json.loads(result.stdout)
    assert printed["files"] == ["s.npz", "s.json"]
    assert (printed["parameters"]["inputs"], printed["parameters"]["condition"]) == (90, 2)
    knobs = json.dumps([{"dead": [1, 0], "seed": 1}])
    assert invoke("blocks", "--force", "--out", "s.npz", "--set", f"modifications={knobs}").exit_code == 0
    assert json.loads((folder / "s.json").read_text(encoding="utf-8"))["dead"] == {"x": [11], "y": []}


def test_several_seeds_and_noise(folder: Path) -> None:
    result = invoke("blocks", "--out", "s.npz", "--seeds", "2-3,5", "--noise", "0.01", "--json")
    printed = json.loads(result.stdout)
    assert [one["files"][0] for one in printed] == ["s-2.npz", "s-3.npz", "s-5.npz"]
    assert len(list(folder.iterdir())) == 6
    for one in printed:
        noisy = generate("blocks", seed=one["seed"], parameters=one["parameters"])
        np.testing.assert_array_equal(np.load(one["files"][0])["X"], noisy.X)
        assert np.linalg.matrix_rank(noisy.X) > np.linalg.matrix_rank(generate("blocks", seed=one["seed"]).X)
    assert "there already" in invoke("blocks", "--out", "s.npz", "--seeds", "5-6").stderr


def test_the_list_has_every_family_with_its_parameters() -> None:
    listed = invoke("--list").stdout
    assert all(f"{name}: " in listed for name in (*FAMILIES, "two-point"))
    assert "kind = 'everything'" in listed
    stored = json.loads(invoke("--list", "--json").stdout)
    assert [one["name"] for one in stored] == [one.name for one in families()] == [*FAMILIES, "two-point"]
    assert stored[-1]["parameters"]["networks"] == 2
    for one in stored[:-1]:
        made = FAMILIES[one["name"]](**one["parameters"])
        assert made.family == one["name"]
        assert one["about"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["blocks"], "got no --out"),
        (["--out", "s.npz"], "got no FAMILY"),
        (["nonsense", "--out", "s.npz"], "FAMILY: got 'nonsense', need one of blocks, conv"),
        (["blocks", "--out", "s.h5"], "unknown suffix '.h5', need one of .npz, .safetensors"),
        (["blocks", "--out", "none/s.npz"], "none/s.npz: not writable"),
        (["blocks", "--out", "s.npz", "--set", "privat=[1, 1]"], "privat: no parameter of family 'blocks'; there are"),
        (["blocks", "--out", "s.npz", "--set", "seed=1"], "seed: no parameter"),
        (["blocks", "--out", "s.npz", "--set", "inputs"], "--set: got 'inputs', need name=value"),
        (["blocks", "--out", "s.npz", "--set", "inputs=many"], "--set inputs: 'many' is not JSON"),
        (["blocks", "--out", "s.npz", "--set", f"private={'[' * 50_000}"], "is not JSON"),
        (
            ["blocks", "--out", "s.npz", "--set", "condition=NaN"],
            "--set condition: 'NaN' is not JSON (NaN is no number)",
        ),
        (["blocks", "--out", "s.npz", "--set", "inputs=9", "--set", "inputs=8"], "--set: got 'inputs' twice"),
        (
            ["blocks", "--out", "s.npz", "--set", 'inputs="9"'],
            "inputs: got '9', need an integer, such as the default 200",
        ),
        (["blocks", "--out", "s.npz", "--set", "inputs=true"], "inputs: got True, need an integer"),
        (["blocks", "--out", "s.npz", "--set", "inputs=2"], "inputs: got 2, need at least the 12 independent"),
        (["blocks", "--out", "s.npz", "--set", "inputs=1000000000000"], "need more memory than there is"),
        (["blocks", "--out", "s.npz", "--set", "blocks=[[1]]"], "family 'blocks' cannot be made of"),
        (["blocks", "--out", "s.npz", "--set", "blocks=[1]"], "family 'blocks' does not take these"),
        (["blocks", "--out", "s.npz", "--set", "modifications=3"], "family 'blocks' does not take these"),
        (["stress", "--out", "s.npz", "--set", "kind=alive"], "kind: got 'alive', need one of dead"),
        (["blocks", "--out", "s.npz", "--seed", "-1"], "--seed"),
        (["blocks", "--out", "s.npz", "--seeds", "9-0"], "--seeds: got '9-0', need FROM-TO such as 0-9"),
        (["blocks", "--out", "s.npz", "--seeds", "0-9", "--seed", "1"], "--seed, --seeds: got both"),
        (["blocks", "--out", "s.npz", "--noise", "1.5"], "--noise: got 1.5, need a relative length in [0, 1)"),
        (["--suite", "tiny", "--out", "s"], "--suite: got 'tiny', need one of quick, standard"),
        (["blocks", "--suite", "quick", "--out", "s"], "--suite: got it with a FAMILY"),
        (["--suite", "quick"], "--suite: got no --out"),
        (["two-point", "--out", "s.npz", "--noise", "0.1"], "--noise: got 0.1 for family 'two-point'"),
        (["two-point", "--out", "s.npz", "--set", "scale=wide"], "scale: got 'wide', need one of 'rich'"),
        (["two-point", "--out", "s.npz", "--set", "architecture=rnn"], "architecture: got 'rnn', need one of"),
        (["two-point", "--out", "s.npz", "--set", "dx=9"], "dx: got 9, need a length from 0.3 to 2.0"),
        (["two-point", "--out", "s.npz", "--set", "networks=0"], "networks: got 0, need an integer from 1"),
        (["two-point", "--out", "s.npz", "--set", "modifications=[]"], "modifications: no parameter of family"),
        (["two-point", "--out", "s.npz", "--seed", "9999999999999"], "seed: got 9999999999999, need"),
    ],
)
def test_bad_usage_leaves_nothing(folder: Path, arguments: list[str], message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_both_files_or_neither(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, old: bool, stop: BaseException
) -> None:
    """Stopped at any of the renamings that put the two files in place."""
    before = {"s.npz": b"old activations", "s.json": b"old answer"} if old else {}
    for name, content in before.items():
        (folder / name).write_bytes(content)
    replace, calls = Path.replace, 0

    def failing(self: Path, target: Any) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise stop
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    renamings = 3 if old else 2
    if fails_at > renamings:
        write_planted("blocks", "s.npz")
        assert calls == renamings
        assert sorted(path.name for path in folder.iterdir()) == ["s.json", "s.npz"]
        return
    with pytest.raises((KeyboardInterrupt, InvalidFile)):
        write_planted("blocks", "s.npz")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class TestTwoPointNetworks:
    SMALL = ("--set", "held_out=3", "--set", "architecture=leaky-relu-mlp")

    def test_activations_and_a_prediction_that_holds(self, folder: Path) -> None:
        result = invoke("two-point", "--out", "s.npz", *self.SMALL, "--set", "networks=3")
        assert result.exit_code == 0, result.stderr
        assert "final distances predicted (measured)" in result.stdout
        arrays, answer = np.load("s.npz"), json.loads((folder / "s.json").read_text(encoding="utf-8"))
        times = len(arrays["times"])
        assert arrays["h"].shape == arrays["y"].shape == arrays["w"].shape == (3, times)
        assert len(answer["networks"]) == 3
        for k, one in enumerate(answer["networks"]):
            hidden = arrays[f"hidden_{k}"]
            assert hidden.shape == (times, 2, 48)
            distances = np.linalg.norm(hidden[:, 0] - hidden[:, 1], axis=1)
            assert distances**2 == pytest.approx(arrays["h"][k], rel=1e-4)
            assert one["measured"] == pytest.approx(distances[-1], rel=1e-4)
            assert one["relative_error"] == pytest.approx(one["predicted"] / one["measured"] - 1)
            assert abs(one["relative_error"]) < 0.2
            assert one["trained"] == pytest.approx(1, abs=0.05)
        dx = np.linalg.norm(arrays["inputs"][0] - arrays["inputs"][1])
        assert dx == pytest.approx(answer["parameters"]["dx"], rel=1e-5)
        assert not np.allclose(arrays["hidden_0"][0], arrays["hidden_1"][0])

    def test_the_prediction_has_not_seen_the_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With everything after the first time changed, the predicted distances stay as they are."""
        monkeypatch.setattr("spanmatch.studies.dynamics.run.STEPS", 600)
        train = two_point.train_two_points

        def other_ends(*arguments: Any) -> list[two_point.TwoPointRun]:
            runs = train(*arguments)
            shown = [replace(run, h=np.array([run.h[0], *(3 * run.h[1:])])) for run in runs[:2]]
            return [*shown, *runs[2:]]

        expected = [one["predicted"] for one in two_point_set(held_out=3).networks]
        monkeypatch.setattr(two_point, "train_two_points", other_ends)
        found = two_point_set(held_out=3).networks
        assert [one["predicted"] for one in found] == expected
        assert all(abs(one["relative_error"]) > 0.25 for one in found)

    def test_the_same_seed_gives_the_same_bytes(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.studies.dynamics.run.STEPS", 40)

        def contents(name: str, seed: str) -> list[bytes]:
            arguments = ("--out", f"{name}.npz", "--seed", seed, *self.SMALL, "--set", "networks=3")
            assert invoke("two-point", *arguments).exit_code == 0
            return [(folder / f"{name}.{suffix}").read_bytes() for suffix in ("npz", "json")]

        first = contents("a", "1")
        assert contents("b", "1") == first
        assert all(one != other for one, other in zip(first, contents("c", "2"), strict=True))

    def test_without_torch_it_says_what_to_install(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda name: None if name == "torch" else name)
        result = invoke("two-point", "--out", "s.npz")
        assert result.exit_code == 2
        assert 'pip install "spanmatch[networks]"' in result.stderr
        assert list(folder.iterdir()) == []
        assert "two-point: " in invoke("--list").stdout
