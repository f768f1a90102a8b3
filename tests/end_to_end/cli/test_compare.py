"""``spanmatch compare`` as a user meets it: every format, every option, what is printed, and what is said is wrong."""

from __future__ import annotations

import csv
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from spanmatch.cli import commands
from spanmatch.files.activations import save_activations
from spanmatch.studies import compare
from spanmatch.studies.sources import activations_of, capture_network
from spanmatch.theory.errors import SpanmatchWarning

FEW = ("--draws", "2", "--shuffles", "1", "--positions", "150", "--layout", "nchw")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, ["compare", *arguments])


def layers(seed: int, images: int = 20) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {"conv1": (images, 6, 5, 4), "conv2": (images, 8, 3, 4), "fc": (images, 7)}
    return {name: np.maximum(rng.standard_normal(shape), 0) for name, shape in shapes.items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a.npz and groups.h5 as others write them, and b in every format, with its axes."""
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", **layers(0))
    for name in ("b.npz", "b.safetensors", "b.h5", "b.zarr", "b"):
        save_activations(name, layers(1), layout="nchw")
    with h5py.File("groups.h5", "w") as file:
        for name, seed in (("nets/a", 0), ("nets/b", 1)):
            for layer, values in layers(seed).items():
                file[f"{name}/{layer}"] = values
    return tmp_path


def stored(*arguments: str) -> dict[str, Any]:
    result = invoke(*arguments, *FEW, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.usefixtures("folder")
class TestSources:
    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("a.npz", "b.safetensors"),
            ("a.npz", "b.h5"),
            ("a.npz", "b.zarr"),
            ("a.npz", "b"),
            ("groups.h5::nets/a", "groups.h5::nets/b"),
            ("a.npz", "groups.h5::nets/b"),
        ],
    )
    def test_every_format_gives_the_same_numbers(self, a: str, b: str) -> None:
        assert stored(a, b)["layers"] == stored("a.npz", "b.npz")["layers"]
        assert stored(a, b)["networks"] == [a, b]

    def test_one_group_for_both_files(self) -> None:
        assert stored("groups.h5", "groups.h5", "--group", "nets/a")["layers"][0]["area"] == 1.0
        whole = stored("groups.h5", "groups.h5", "--layers", "nets/a/*")["layers"]
        assert [layer["name"] for layer in whole] == [f"nets/a/{name}" for name in layers(0)]

    def test_shipped_networks_run_on_the_shipped_probes(self) -> None:
        found = stored("vgg-0", "vgg-untrained", "--layers", "fc*", "--layers", "logits")["layers"]
        assert [(layer["name"], layer["neurons"], layer["images"]) for layer in found] == [
            ("fc.relu", [128, 128], 1000),
            ("logits", [10, 10], 1000),
        ]
        itself = stored("vgg-0", "vgg-0", "--layers", "conv1*")["layers"]
        assert set(itself[0]["lowest"]) == {1.0}

    def test_untrained_networks_as_a_baseline(self) -> None:
        result = invoke("vgg-0", "vgg-1", "--baseline", "2", "--layers", "logits", "--shuffles", "19", "--json")
        (layer,) = json.loads(result.stdout)["layers"]
        assert layer["baseline"]["pairs"] == 2
        assert "2 pairs of untrained networks" in layer["sentence"]
        refused = invoke("a.npz", "b.npz", "--baseline", "2")
        assert refused.exit_code == 2
        assert "--baseline: got a.npz, which is no network" in refused.stderr

    def test_groups_do_not_belong_to_networks(self) -> None:
        with pytest.raises(ValueError, match="no HDF5 file"):
            activations_of("vgg-0", group="a")
        with pytest.raises(ValueError, match="images: got 1001, need 1 to 1000"):
            capture_network("vgg-0", images=1001)


@pytest.mark.usefixtures("folder")
class TestOptions:
    def test_they_arrive(self) -> None:
        found = stored(
            "a.npz", "b.npz", "--layers", "conv*", "--layers", "fc", "--all-pairs", "--seed", "3",
            "--dead-neurons", "drop", "--layout", "ntc",
        )  # fmt: skip
        assert found["seed"] == 3
        assert found["settings"] | {"epsilons": [], "verdict": {}} == {
            "positions": 150, "draws": 2, "shuffles": 1, "bootstrap": 0, "layout": ["ntc", "nchw"], "pool": False,
            "dead_neurons": "drop", "rank_tol": None,
            "all_pairs": True, "epsilons": [], "verdict": {}, "minimal": None, "units": None, "images": None,
        }  # fmt: skip
        assert found["layers"][0]["neurons"] == [6, 6]
        assert len(found["notes"]) == 6

    def test_the_numbers_are_those_of_python(self) -> None:
        options: dict[str, Any] = {"draws": 2, "shuffles": 1, "positions": 150, "layout": "nchw"}
        with pytest.warns(SpanmatchWarning, match="similarity is near chance"):
            expected = json.loads(compare(layers(0), layers(1), names=("a.npz", "b.npz"), **options).to_json())
        assert stored("a.npz", "b.npz") == expected

    @pytest.mark.parametrize(
        ("typed", "grid"), [(".5,.1", [0.1, 0.5]), ("1/4", [0.25]), ("0.1:0.7:0.2", [0.1, 0.3, 0.5, 0.7])]
    )
    def test_the_grid_is_as_typed(self, typed: str, grid: list[float]) -> None:
        assert stored("a.npz", "b.npz", "--layers", "fc", "--epsilons", typed)["layers"][0]["epsilons"] == grid

    @pytest.mark.parametrize("typed", ["", ".1,", "1", ".1:.5", ".5:.1:.1", "0:.5:0", "0:.5:1/1000000", ".1:.5:.1:.1"])
    def test_grids_that_are_none(self, typed: str) -> None:
        result = invoke("a.npz", "b.npz", "--epsilons", typed)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "epsilon" in result.stderr

    def test_minimal_matches_on_request(self) -> None:
        pieces = stored("a.npz", "b.npz", "--simple")["minimal"]
        assert {(piece["layer"], piece["epsilon"]) for piece in pieces} == {
            (name, epsilon) for name in layers(0) for epsilon in (0.3, 0.5)
        }
        assert "Minimal matches" in invoke("a.npz", "b.npz", "--simple", "--out", "pieces", *FEW).stdout
        assert "<h3>Minimal matches</h3>" in Path("pieces", "report.html").read_text(encoding="utf-8")

    def test_units_on_request(self) -> None:
        options = ("--seed", "3", "--layers", "conv*", "--dead-neurons", "drop")
        found = stored("a.npz", "b.npz", "--units", "--images", *options)
        with pytest.warns(SpanmatchWarning, match="similarity is near chance"):
            expected = compare(
                layers(0), layers(1), layers="conv*", positions=150, draws=2, shuffles=1, layout="nchw", seed=3,
                dead_neurons="drop", units=True, images=True, names=("a.npz", "b.npz"),
            )  # fmt: skip
        assert found == json.loads(expected.to_json())
        assert [layer["participation"] for layer in found["layers"]] == [
            pytest.approx(layer["participation"]) for layer in found["units"]["layers"]
        ]
        assert [len(one["best"][0]) for one in found["images"]] == [one["neurons"][0] for one in found["layers"]]
        alone = stored("a.npz", "b.npz", *options)
        settings = found["settings"] | {"units": None, "images": None}
        assert alone == found | {"units": None, "images": [], "settings": settings}

    def test_units_for_people_and_on_the_page(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        for name in ("c", "d"):
            still = np.ones((4, 3, 2, 2))
            still[:, 0] = rng.standard_normal((4, 2, 2))
            save_activations(
                f"{name}.npz", {"still": still, "all": np.ones((4, 2)), "single": rng.standard_normal((4, 1))},
                layout="nchw",
            )  # fmt: skip
        result = invoke("c.npz", "d.npz", "--units", "--all-pairs", "--out", "units", *FEW[2:], "--shuffles", "0")
        assert result.exit_code == 0, result.stderr
        assert "Units of " in result.stdout
        assert "R² over 4 folds: there are only so many images" in " ".join(result.stdout.split())
        written = json.loads((folder / "units" / "comparison.json").read_text(encoding="utf-8"))
        told = {layer["name"]: layer for layer in written["units"]["layers"]}
        assert list(told) == [layer["name"] for layer in written["layers"]]
        assert told["still"]["constant"] == [2, 2]
        assert [layer["participation"] for layer in written["layers"] if layer["name"] == "all"] == [[0.0, 0.0]]
        assert told["single"]["neurons"] == [1, 1]
        assert "NaN" not in json.dumps(written)
        root = ElementTree.fromstring((folder / "units" / "report.html").read_text().partition("\n")[2])
        assert "Units" in {node.text for node in root.iter("h3")}
        assert len([node for node in root.iter("svg") if node.get("class") == "views-by-layer"]) == 1

    def test_a_table_for_people_with_the_notes(self) -> None:
        result = invoke("a.npz", "b.npz", *FEW)
        assert result.exit_code == 0
        assert all(name in result.stdout for name in layers(0))
        assert "fc: only 20 inputs (150 requested), so one draw uses all" in result.stdout
        assert result.stderr.startswith("spanmatch: warning: similarity is near chance")
        assert result.stderr.count("\n") == 1

    def test_files_are_written(self, folder: Path) -> None:
        result = invoke("a.npz", "b.npz", *FEW, "--csv", "t.csv", "--out", "x/report", "--json")
        assert result.exit_code == 0
        assert {path.name for path in (folder / "x/report").iterdir()} == {
            "comparison.json", "similarity.png", "report.html", "layers",
        }  # fmt: skip
        assert (folder / "x/report/comparison.json").read_text(encoding="utf-8") == result.stdout
        with (folder / "t.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 3 * 19
        assert float(rows[0]["epsilon"]) == 0.05
        invoke("a.npz", "b.npz", *FEW, "--csv", "alone.csv")
        assert (folder / "alone.csv").read_bytes() == (folder / "t.csv").read_bytes()


def test_a_missing_scikit_learn_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda name: None if name == "sklearn" else object())
    result = invoke("a.npz", "b.npz", "--units", "--out", "units")
    assert result.exit_code == 2
    assert 'spanmatch compare --units needs sklearn, not installed here: pip install "spanmatch[convergent]"' in (
        result.stderr
    )
    assert not (folder / "units").exists()


@pytest.mark.usefixtures("folder")
class TestSeveral:
    def test_a_table_files_and_json(self, folder: Path) -> None:
        result = invoke("a.npz", "b.npz", "a.npz", *FEW, "--layers", "fc", "--out", "all", "--csv", "t.csv")
        assert result.exit_code == 0, result.stderr
        assert result.stdout.startswith("Layers of 3 networks (")
        assert "a.npz / b.npz" in result.stdout
        written = json.loads((folder / "all" / "comparison.json").read_text(encoding="utf-8"))
        assert written["networks"] == ["a.npz", "b.npz", "a.npz"]
        assert written["layers"][0]["areas"][0][2] == 1.0
        assert (folder / "t.csv").read_text(encoding="utf-8").startswith("network_a,network_b,layer_a")
        ElementTree.fromstring((folder / "all" / "report.html").read_text().partition("\n")[2])
        again = json.loads(invoke("a.npz", "b.npz", "a.npz", *FEW, "--layers", "fc", "--json").stdout)
        assert again == written

    def test_checkpoints(self, folder: Path) -> None:
        options = (*FEW, "--layers", "fc", "--training", "--out", "run")
        result = invoke("a.npz", "b.npz", "groups.h5::nets/b", *options)
        assert result.exit_code == 0, result.stderr
        assert "Checkpoints compared with the last one, groups.h5::nets/b: s at epsilon 0.5" in result.stdout
        written = json.loads((folder / "run" / "comparison.json").read_text(encoding="utf-8"))
        assert written["training"] is True
        assert [one["of"] for one in written["comparisons"]] == [[0, 1], [0, 2], [1, 2]]
        assert set(written["layers"][0]["to_last"][1]) == {1.0}  # b.npz is that group
        page = (folder / "run" / "report.html").read_text(encoding="utf-8")
        assert "Similarity to the last checkpoint" in page
        ElementTree.fromstring(page.partition("\n")[2])

    def test_errors_name_the_file(self) -> None:
        save_activations("short.npz", layers(1, images=5), layout="nchw")
        result = invoke("a.npz", "b.npz", "short.npz", *FEW, "--layers", "fc")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "short.npz, layer 'fc'" in result.stderr
        assert "more[0]" not in result.stderr


def test_a_bad_layer_is_named_and_the_others_stay(folder: Path) -> None:
    bad = layers(1)
    bad["fc"][3, 2] = np.nan
    np.savez("bad.npz", **bad)
    result = invoke("a.npz", "bad.npz", *FEW, "--out", "report")
    assert result.exit_code == 1
    assert "conv1" in result.stdout
    assert "spanmatch: fc failed: bad.npz, layer 'fc':" in result.stderr
    several = invoke("a.npz", "b.npz", "bad.npz", *FEW, "--layers", "fc", "--layers", "conv2")
    assert several.exit_code == 1
    assert "spanmatch: b.npz against bad.npz, fc failed: bad.npz['fc']" in several.stderr
    written = json.loads((folder / "report" / "comparison.json").read_text(encoding="utf-8"))
    assert [layer["name"] for layer in written["layers"]] == ["conv1", "conv2"]
    assert list(written["failed"]) == ["fc"]
    # Mended, the same command goes on.
    np.savez("bad.npz", **layers(1))
    assert invoke("a.npz", "bad.npz", *FEW, "--out", "report").exit_code == 0
    assert len(list((folder / "report" / "layers").iterdir())) == 3


def truncated(path: Path) -> None:
    save_activations(path, layers(1), layout="nchw")
    path.write_bytes(path.read_bytes()[:3000])


def pickled(path: Path) -> None:
    np.savez(path, conv1=np.array([{}], dtype=object))


def another_layout(path: Path) -> None:
    save_activations(path, {"conv1": layers(1)["conv1"].transpose(0, 2, 3, 1)}, layout="nchw")


@pytest.mark.usefixtures("folder")
class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["a.npz"], "Missing argument"),
            (["a.npz", "none.npz"], "none.npz: no such file, need a file of activations"),
            (["a.npz", "nonsense"], "nonsense: no such file and no shipped network, need activations (.npz"),
            (["a.npz", "text.txt"], "text.txt: unknown suffix '.txt', need one of .npz"),
            (["a.npz", "b.npz", "--layers", "conv9"], "'conv9' matches no layer that both networks have; a.npz has"),
            (["a.npz", "groups.h5"], "no layer name is in both networks"),
            (["a.npz", "groups.h5::nets/c"], "has no group 'nets/c' with layers; it has groups: nets, nets/a, nets/b;"),
            (["a.npz", "b.h5::conv1"], "has no group 'conv1' with layers; it has groups: none; layers: conv1, conv2"),
            (["a.npz::x", "b.npz"], "a.npz: has no group 'x' with layers"),
            (["a.npz", "short.npz", "--layout", "nchw"], "got 20 and 5 images, need the same"),
            (["a.npz", "b.npz", "--layout", "hwc"], "layout: got 'hwc', need one letter an axis"),
            (["a.npz", "b.npz"], "a.npz, layer 'conv1': got shape (20, 6, 5, 4) (4-D), which does not tell"),
            (["a.npz", "b.npz", "--draws", "0"], "--draws"),
            (["a.npz", "b.npz", "--dead-neurons", "x"], "'x' is not one of 'match'"),
            (["a.npz", "b.npz", "--out", "a.npz"], "a.npz: is a file, need a folder"),
            (["a.npz", "b.npz", "--csv", "none/t.csv"], "none/t.csv: not writable"),
            (["one.npz", "one.npz", "--units"], "got 1 image in 1 inputs, need at least 2, for sparse prediction"),
            (["a.npz", "odd.npz", "--layers", "conv1", "--layout", "nchw"], "need the same number of positions"),
            (["a.npz", "truncated.npz"], "truncated.npz: not readable as an .npz archive"),
            (["a.npz", "truncated.safetensors"], "truncated.safetensors: not readable as a safetensors file"),
            (["a.npz", "truncated.h5"], "truncated.h5: not readable as an HDF5 file"),
            (["a.npz", "pickled.npz"], "'conv1' holds pickled objects, which are never loaded"),
            (["a.npz", "bare.npz"], "no pickled objects"),
        ],
    )
    def test_each_has_a_message_and_leaves_nothing(self, folder: Path, arguments: list[str], message: str) -> None:
        (folder / "text.txt").write_text("conv1")
        save_activations("short.npz", layers(1, images=5), layout="nchw")
        for suffix in ("npz", "safetensors", "h5"):
            truncated(folder / f"truncated.{suffix}")
        pickled(folder / "pickled.npz")
        another_layout(folder / "odd.npz")
        save_activations("one.npz", {"fc": np.ones((1, 3))})
        (folder / "bare.npz").write_bytes(pickle.dumps([1]))
        before = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert message in " ".join(result.stderr.split())
        assert result.stdout == ""
        assert {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

    def test_one_line_on_standard_error_from_the_command_itself(self) -> None:
        command = [sys.executable, "-m", "spanmatch", "compare", "a.npz", "none.npz"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("spanmatch: none.npz: no such file")
        assert done.stderr.count("\n") == 1


def interrupted_after(seconds: float) -> tuple[int, str, str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "spanmatch", "compare", "a.npz", "b.npz", "--draws", "100000", "--positions", "30",
         "--layout", "nchw", "--out", "report", "--csv", "t.csv", "--force"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A runner in the background ignores interruptions, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    time.sleep(seconds)
    assert process.poll() is None, "it ended before it could be interrupted"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    return process.returncode, out, error


def test_ctrl_c_leaves_the_old_report_whole(folder: Path) -> None:
    (folder / "report").mkdir()
    for name in ("comparison.json", "report.html"):
        (folder / "report" / name).write_text("old")
    # A busy machine takes long to start it; what counts is an interruption at work.
    for seconds in (4.0, 20.0, 60.0):
        code, out, error = interrupted_after(seconds)
        if "import" not in error:
            break
    # A shell reports 130 for both; see the same test of the verification.
    assert code in (130, -signal.SIGINT), error
    assert out == ""
    assert error == "spanmatch: interrupted; no file was left half-written\n"
    assert {path.name: path.read_text() for path in (folder / "report").iterdir()} == {
        "comparison.json": "old",
        "report.html": "old",
    }
    assert not (folder / "t.csv").exists()
