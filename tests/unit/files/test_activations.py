"""Activations keep their meaning in every format; what is loaded can run no code; what is wrong is said."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import re
import stat
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import zarr
from safetensors import safe_open
from safetensors.torch import save_file

import spanmatch
from spanmatch import InvalidActivations, InvalidFile, Layer, MissingExtra, UnknownLayer
from spanmatch.files.activations import load_activations, save_activations

NAMES = ("a.npz", "a.safetensors", "a.h5", "a.hdf5", "a.zarr", "a")
PRECISIONS = {
    "float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64,
    "int64": torch.int64,
}  # fmt: skip
SHAPES = {"nc": (20, 6), "nchw": (20, 6, 2, 3), "nhwc": (20, 2, 3, 6), "ntc": (20, 6, 6), "tnc": (6, 20, 6)}
CONTAINERS = ("array", "tensor", "layer")


@pytest.fixture
def activations() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "conv10": Layer(rng.normal(size=(4, 3, 2, 2)).astype(np.float32), "nchw"),
        "conv2": Layer(rng.normal(size=(4, 2)), inputs=[10, 11, 12, 13]),
        "counts": np.arange(6).reshape(3, 2),
    }


def in_the_middle(axes: str, precision: str, container: str, seed: int) -> tuple[Any, dict[str, Any]]:
    """A layer that nobody has looked at yet, and the options that say what it cannot."""
    generator = torch.Generator().manual_seed(seed)
    tensor = (8 * torch.randn(SHAPES[axes], generator=generator)).to(PRECISIONS[precision])
    if container == "tensor":
        return tensor, {"layout": axes}
    if container == "layer":
        return Layer(tensor, axes, inputs="x"), {}
    return tensor.float().numpy() if precision == "bfloat16" else tensor.numpy(), {"layout": axes}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("axes", SHAPES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_meaning_arrives(tmp_path: Path, precision: str, axes: str, container: str) -> None:
    """In memory, in a file of every format and in a mapping of its layers: the same layer and the same curve."""
    if (precision, container) == ("bfloat16", "array"):
        pytest.skip("NumPy has no bfloat16")
    given, options = zip(*(in_the_middle(axes, precision, container, seed) for seed in (0, 1)), strict=True)
    images, positions = 20, int(np.prod(SHAPES[axes])) // (20 * 6)
    settings: dict[str, Any] = {"draws": 1, "positions": 50, "shuffles": 1, "epsilons": [0.9]}
    with spanmatch.theory.errors.without_advice():
        expected = spanmatch.compare({"l": given[0]}, {"l": given[1]}, **settings, **options[0])["l"]
        for name in NAMES:
            files = []
            for side, values, said in zip("xy", given, options, strict=True):
                (tmp_path / side).mkdir(exist_ok=True)
                save_activations(tmp_path / side / name, {"l": values}, **said)
                files.append(load_activations(tmp_path / side / name))
            layer, known = files[0]["l"], files[0].outline("l")
            for one in (layer, known):
                assert (one.axes, one.precision) == (axes, precision)
                assert (one.images, one.positions, one.neurons) == (images, positions, 6)
                assert one.inputs == ("x" if container == "layer" else None)
            assert np.array_equal(layer.values, np.asarray(torch.as_tensor(Layer(given[0], axes).values)))
            assert layer.dtype == known.dtype == Layer(given[0], axes).dtype
            acts = [{"l": file["l"]} for file in files] if name == "a.npz" else files
            assert spanmatch.compare(*acts, **settings)["l"] == expected


def all_of(path: Path, names: Any) -> list[Layer]:
    loaded = load_activations(path)
    return [loaded[name] for name in names]


@pytest.mark.parametrize("name", NAMES)
class TestActivations:
    def test_round_trip_in_order(self, tmp_path: Path, name: str, activations: dict[str, Any]) -> None:
        for order in itertools.permutations(activations):
            save_activations(tmp_path / name, {key: activations[key] for key in order})
            loaded = load_activations(tmp_path / name)
            assert list(loaded) == list(order)
            for key in order:
                assert repr(loaded[key]) == repr(Layer(activations[key]))
                assert loaded[key].inputs == Layer(activations[key]).inputs
                np.testing.assert_array_equal(loaded[key].values, Layer(activations[key]).values)
        assert [p.name for p in tmp_path.iterdir()] == [name]

    def test_the_same_activations_give_the_same_bytes_for_everyone_to_read(
        self, tmp_path: Path, name: str, activations: dict[str, Any]
    ) -> None:
        before = os.umask(0o022)
        try:
            for folder in ("a", "b"):
                (tmp_path / folder).mkdir()
                save_activations(tmp_path / folder / name, activations)
        finally:
            os.umask(before)
        both = [
            {str(file.relative_to(tmp_path / folder)): file.read_bytes()
             for file in (tmp_path / folder).rglob("*") if file.is_file()}
            for folder in ("a", "b")
        ]  # fmt: skip
        assert both[0] == both[1]
        files = [file for file in (tmp_path / "a").rglob("*") if file.is_file()]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o644}

    def test_views_are_written_as_they_are_seen(self, tmp_path: Path, name: str) -> None:
        tensor = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
        big_endian = np.arange(6.0).reshape(2, 3).astype(">f8")
        save_activations(tmp_path / name, {"layer": tensor, "swapped": big_endian[::-1]})
        loaded = load_activations(tmp_path / name)
        np.testing.assert_array_equal(loaded["layer"].values, tensor.detach().numpy())
        np.testing.assert_array_equal(loaded["swapped"].values, big_endian[::-1])

    def test_every_truncation_is_an_error(self, tmp_path: Path, name: str, activations: dict[str, Any]) -> None:
        save_activations(tmp_path / name, activations)
        files = [tmp_path / name, *(file for file in (tmp_path / name).rglob("*"))]
        for file in [file for file in files if file.is_file()]:
            whole = file.read_bytes()
            for share in (0.0, 0.1, 0.5, 0.9, 0.999):
                file.write_bytes(whole[: int(share * len(whole))])
                with pytest.raises(InvalidFile, match=r"not readable|holds no|does not fit|is no .npy|of 1 chunks"):
                    all_of(tmp_path / name, activations)
            file.write_bytes(whole)
        assert len(all_of(tmp_path / name, activations)) == 3

    def test_a_missing_part_is_an_error(self, tmp_path: Path, name: str, activations: dict[str, Any]) -> None:
        save_activations(tmp_path / name, activations)
        files = [file for file in (tmp_path / name).rglob("*") if file.is_file() and "json" not in file.suffix]
        for file in files:
            content = file.read_bytes()
            file.unlink()
            with pytest.raises(InvalidFile, match=r"holds no layer|of 1 chunks"):
                all_of(tmp_path / name, activations)
            file.write_bytes(content)

    def test_another_format_is_an_error(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("conv1,1.0,2.0\n" * 40)
        with pytest.raises(InvalidFile, match=r"not readable|is a file, need|unknown suffix"):
            load_activations(tmp_path / name)

    def test_nothing_and_what_is_no_number_is_not_written(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InvalidActivations, match="no layers"):
            save_activations(tmp_path / name, {})
        for value in (np.array([["a"]]), np.array([[{}]]), np.array([[1j]]), np.array([[True]])):
            with pytest.raises(InvalidActivations, match=r"activations\['layer'\]: got dtype"):
                save_activations(tmp_path / name, {"layer": value})
        with pytest.raises(InvalidActivations, match=r"activations\['layer'\]: got shape .*which does not tell images"):
            save_activations(tmp_path / name, {"layer": np.ones((2, 3, 4))})
        with pytest.raises(InvalidFile, match=r"a layer named 'spanmatch.json' cannot be written"):
            save_activations(tmp_path / name, {"spanmatch.json": np.eye(2)})
        assert list(tmp_path.iterdir()) == []

    def test_a_missing_file_is_an_error(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InvalidFile, match="no such file"):
            load_activations(tmp_path / name)

    def test_a_missing_package_names_its_extra(
        self, tmp_path: Path, name: str, activations: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save_activations(tmp_path / name, activations)
        monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda _: None)
        if not name.endswith(("h5", "hdf5", "zarr")):
            assert len(load_activations(tmp_path / name)) == 3
            return
        with pytest.raises(MissingExtra, match=r"pip install \"spanmatch\[formats\]\""):
            load_activations(tmp_path / name)
        with pytest.raises(MissingExtra, match="writing"):
            save_activations(tmp_path / f"b{name}", activations)
        assert not (tmp_path / f"b{name}").exists()

    def test_groups(self, tmp_path: Path, name: str) -> None:
        rng = np.random.default_rng(0)
        conv = [Layer(rng.normal(size=(3, 2, 2, 2)), "nchw", precision="bfloat16") for _ in range(2)]
        layers = {"nets/a/conv": conv[0], "nets/b/conv": conv[1]}
        save_activations(tmp_path / name, layers)
        inside = load_activations(tmp_path / name, "nets/b/")
        assert list(inside) == ["conv"]
        assert repr(inside["conv"]) == repr(layers["nets/b/conv"])
        assert np.array_equal(inside["conv"].values, layers["nets/b/conv"].values)
        assert list(load_activations(tmp_path / name, "nets")) == ["a/conv", "b/conv"]
        said = "has no group 'net' with layers; it has groups: nets, nets/a, nets/b; layers: nets/a/conv, nets/b/conv"
        with pytest.raises(InvalidFile, match=said):
            load_activations(tmp_path / name, "net")

    def test_a_layer_file_is_a_value_that_reads_when_asked(
        self, tmp_path: Path, name: str, activations: dict[str, Any]
    ) -> None:
        save_activations(tmp_path / name, activations)
        loaded = load_activations(tmp_path / name)
        again = pickle.loads(pickle.dumps(loaded))
        assert repr(again) == repr(loaded)
        assert "conv10: 4 x 3 x 2 x 2 float32, nchw" in repr(loaded)
        assert np.array_equal(again["conv10"].values, activations["conv10"].values)
        assert "conv10" in loaded
        assert "conv1" not in loaded
        with pytest.raises(UnknownLayer, match="has no layer 'conv1', only conv10, conv2, counts"):
            loaded["conv1"]
        assert not loaded.outline("conv10").values.any()
        assert loaded.outline("conv10").values.strides == (0, 0, 0, 0)


def by_others(folder: Path, name: str, arrays: dict[str, np.ndarray]) -> Path:
    """A file without our header, as other tools write it."""
    path = folder / name
    if name.endswith("npz"):
        np.savez(path, **arrays)
    elif name.endswith("safetensors"):
        save_file({key: torch.tensor(values) for key, values in arrays.items()}, path)
    elif name.endswith("zarr"):
        group = zarr.open_group(str(path), mode="w")
        for key, values in arrays.items():
            group[key] = values
    elif name.endswith("h5"):
        with h5py.File(path, "w") as file:
            for key, values in arrays.items():
                file[key] = values
    else:
        path.mkdir()
        for key, values in arrays.items():
            np.save(path / f"{key}.npy", values)
    return path


@pytest.mark.parametrize("name", ["a.npz", "a.safetensors", "a.h5", "a.zarr", "a"])
def test_files_of_others(tmp_path: Path, name: str) -> None:
    arrays = {f"conv{k}": np.full((4, 3, 2, 2), float(k), np.float32) for k in (10, 2, 1)}
    path = by_others(tmp_path, name, arrays)
    loaded = load_activations(path)
    kept = ["conv10", "conv2", "conv1"] if name == "a.npz" else ["conv1", "conv2", "conv10"]
    if name == "a.safetensors":  # that package sorts by name
        kept = ["conv1", "conv10", "conv2"]
    assert [list(load_activations(path)) for _ in range(3)] == [kept] * 3
    assert loaded.refused == {}
    with pytest.raises(InvalidActivations, match=r"'conv1': got shape \(4, 3, 2, 2\).*which does not tell images"):
        loaded["conv1"]
    assert loaded.with_layout(["nhwc"])["conv2"].axes == "nhwc"
    named = load_activations(path, layout="nchw")
    assert {key: layer.values.max() for key, layer in named.items()} == {f"conv{k}": k for k in (1, 2, 10)}


def test_hdf5_in_the_order_of_creation_where_it_is_known(tmp_path: Path) -> None:
    for tracked, expected in ((True, ["b10", "b2", "g/z", "g/a", "a"]), (False, ["a", "b2", "b10", "g/a", "g/z"])):
        with h5py.File(tmp_path / "a.h5", "w", track_order=tracked) as file:
            for key in ("b10", "b2"):
                file[key] = np.eye(2)
            group = file.create_group("g", track_order=tracked)
            for key in ("z", "a"):
                group[key] = np.eye(2)
            file["a"] = np.eye(2)
        assert list(load_activations(tmp_path / "a.h5")) == expected


def test_hdf5_links_to_elsewhere_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.eye(2)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["layer"] = np.eye(3)
        file["soft"] = h5py.SoftLink("/layer")
        file["external"] = h5py.ExternalLink("other.h5", "/secret")
        file["itself"] = file["/"]
    assert list(load_activations(tmp_path / "a.h5")) == ["layer"]


@pytest.mark.parametrize("name", ["a.npz", "a.h5", "a.zarr", "a"])
def test_one_bad_array_refuses_only_itself(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    path = by_others(tmp_path, name, {"fc": rng.normal(size=(30, 3)), "text": np.array([b"a", b"b"], dtype="S1")})
    loaded = load_activations(path)
    assert list(loaded) == ["fc"]
    assert "text" in loaded.refused
    assert "text: has dtype" in repr(loaded)
    with pytest.raises(InvalidFile, match=r"'text' has dtype .*; the other layers can be read"):
        loaded["text"]
    found = spanmatch.compare(loaded, loaded, shuffles=1)
    assert [layer.name for layer in found] == ["fc"]
    assert found.notes[0].startswith("left out: text of A, which has dtype")
    with pytest.raises(InvalidFile, match="'text' has dtype"):
        spanmatch.compare(loaded, loaded, layers=["fc", "text"])


class Bomb:
    """Unpickling this would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_loading_runs_no_code(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "bare.npz").write_bytes(pickle.dumps(Bomb(trace)))
    with (tmp_path / "bare.npy").open("wb") as file:
        np.lib.format.write_array(file, np.array([Bomb(trace)], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "inside.npz", a=np.array([Bomb(trace)], dtype=object), fine=np.eye(2))
    (tmp_path / "folder").mkdir()
    (tmp_path / "bare.npy").rename(tmp_path / "folder" / "a.npy")
    with pytest.raises(InvalidFile, match=r"not readable as an .npz archive"):
        load_activations(tmp_path / "bare.npz")
    loaded = load_activations(tmp_path / "inside.npz")
    assert list(loaded) == ["fine"]
    with pytest.raises(InvalidFile, match="'a' holds pickled objects, which are never loaded"):
        loaded["a"]
    with pytest.raises(InvalidFile, match=r"holds no arrays.*'a' holds pickled objects"):
        load_activations(tmp_path / "folder")
    assert not trace.exists()
    pickle.loads((tmp_path / "bare.npz").read_bytes())
    assert trace.exists()


def test_an_unknown_suffix_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"unknown suffix '.pt', need one of .npz"):
        load_activations(tmp_path / "a.pt")
    with pytest.raises(InvalidFile, match=r"unknown suffix '.pt'"):
        save_activations(tmp_path / "a.pt", {"layer": np.eye(2)})


@pytest.mark.parametrize("name", ["a.h5", "a.zarr", "a"])
@pytest.mark.parametrize("layer", ["../x", "/x", "a//b", ".", "a/..", "", "x" * 300])
def test_layers_stay_inside_their_folder(tmp_path: Path, name: str, layer: str) -> None:
    with pytest.raises(InvalidFile, match="cannot be written, need one that is a plain path"):
        save_activations(tmp_path / name, {layer: np.eye(2)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.zarr", "a"])
def test_folders_of_the_users_are_not_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidFile, match=r"not readable|with other things in it"):
        save_activations(tmp_path / name, {"layer": np.eye(2)})
    assert (tmp_path / name / "thesis.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / name / "thesis.txt").unlink()
    save_activations(tmp_path / name, {"old": np.eye(2)})
    save_activations(tmp_path / name, {"new": np.eye(2)})
    assert list(load_activations(tmp_path / name)) == ["new"]


def test_safetensors_stores_half_precision_as_such(tmp_path: Path) -> None:
    exact = torch.randn(8, 3, generator=torch.Generator().manual_seed(0)).bfloat16()
    layers = {
        "odd": torch.ones(3, 1, dtype=torch.float16),
        "bf16": exact,
        "held": Layer(exact.float().numpy(), precision="bfloat16"),
        "said": Layer(np.full((3, 1), 1 / 3, np.float32), precision="bfloat16"),
        "wide": np.ones((2, 1)),
    }
    save_activations(tmp_path / "a.safetensors", layers)
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        stored = {name: file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118
        assert torch.equal(file.get_tensor("bf16"), exact)
        assert list(file.metadata()) == ["spanmatch.json"]
    assert stored == {"odd": torch.float16, "bf16": torch.bfloat16, "held": torch.bfloat16, "said": torch.float32,
                      "wide": torch.float64}  # fmt: skip
    content = (tmp_path / "a.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    begins = {name: header[name]["data_offsets"][0] % stored[name].itemsize for name in stored}
    assert set(begins.values()) == {0}, "readers that map the file need aligned numbers"
    loaded = load_activations(tmp_path / "a.safetensors")
    assert {name: layer.precision for name, layer in loaded.items()} == {
        "odd": "float16", "bf16": "bfloat16", "held": "bfloat16", "said": "bfloat16", "wide": "float64",
    }  # fmt: skip
    assert loaded["said"].values[0, 0] == np.float32(1 / 3)


def test_safetensors_of_others_in_the_order_of_the_file(tmp_path: Path) -> None:
    save_file({"b": torch.ones(2, 2, dtype=torch.bfloat16), "a": torch.zeros(1), "c": torch.ones(2, 2) > 0,
               "d": torch.ones(4, 2)}, tmp_path / "a.safetensors")  # fmt: skip
    loaded = load_activations(tmp_path / "a.safetensors")
    assert list(loaded) == ["a", "d", "b"]
    assert loaded.refused["c"].startswith("has dtype BOOL, need one of F64")
    assert loaded["b"].precision == "bfloat16"


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2]}},
        ["a"],
        {"a": {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]}},
        {"__metadata__": 3, "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}},
    ],
)
def test_safetensors_that_do_not_add_up(tmp_path: Path, header: Any) -> None:
    text = json.dumps(header).encode()
    (tmp_path / "a.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(InvalidFile, match="not readable as a safetensors file"):
        load_activations(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spanmatch": 2}, "has version 2, need 1"),
        ({"layers": [{"name": "x", "axes": "nc", "precision": "float64", "inputs": None}]}, "holds no layer 'x'"),
        ({"layers": [{"name": "fc"}]}, "is not what spanmatch writes"),
        ({"layers": 3}, "is not what spanmatch writes"),
        ({"layers": [{"name": "fc", "axes": "ntc", "precision": "float64", "inputs": None}]}, "'fc' does not fit its"),
        ({"layers": [{"name": "fc", "axes": "nn", "precision": "float64", "inputs": None}]}, "'fc' does not fit its"),
        ({"layers": [{"name": "fc", "axes": "nc", "precision": "f8", "inputs": None}]}, "'fc' does not fit its"),
        ({"layers": [{"name": "fc", "axes": "nc", "precision": "float64", "inputs": 1}]}, "is not what spanmatch"),
        ({"inputs": [[1, 2]], "layers": [{"name": "fc", "axes": "nc", "precision": "float64", "inputs": 0}]},
         "'fc' does not fit its"),
    ],
)  # fmt: skip
def test_a_header_that_does_not_fit_is_an_error(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = by_others(tmp_path, "a", {"fc": np.ones((4, 3))})
    (path / "spanmatch.json").write_text(json.dumps({"spanmatch": 1, "inputs": [], "layers": []} | change))
    with pytest.raises(InvalidFile, match=said):
        load_activations(path)["fc"]


def test_planted_sets_stay_plain_files(tmp_path: Path) -> None:
    save_activations(tmp_path / "a.npz", {"X": np.eye(3), "Y": np.ones((3, 2))})
    assert set(np.load(tmp_path / "a.npz")) == {"X", "Y"}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_layers_wanted_are_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, and by the memory that they would have taken."""
    rng = np.random.default_rng(0)
    layers = {"conv": Layer(rng.standard_normal((50, 40, 20, 20)), "nchw"), "fc": rng.standard_normal((50, 3)),
              "bad": np.full((50, 3), np.nan)}  # fmt: skip
    save_activations(tmp_path / name, layers)
    loaded = load_activations(tmp_path / name)
    read = []
    original = type(loaded).__getitem__
    monkeypatch.setattr(type(loaded), "__getitem__", lambda self, key: read.append(key) or original(self, key))
    tracemalloc.start()
    spanmatch.compare(loaded, loaded, layers="fc", shuffles=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == ["fc", "fc"]
    assert peak < layers["conv"].values.nbytes / 4
    with pytest.raises(InvalidActivations, match=r"acts_a\['bad'\]: 150 of 150 values are not finite"):
        spanmatch.compare(loaded, loaded, layers="bad")


def test_the_page_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S):
        exec(compile(block, "formats.md", "exec"), {})
    shown = re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)
    assert set(json.loads(shown[0])) == set(json.loads(zipfile.ZipFile("a.npz").read("spanmatch.json")))


def published(folder: Path, name: str = "best_test_relu.npz", layer: str = "features") -> dict[str, Any]:
    """A folder of one seed as the paper's published code leaves it."""
    rng = np.random.default_rng(len(folder.name))
    layers = {f"{layer}.2": rng.normal(size=(6, 3, 2, 4)).astype(np.float32), "classifier.1": rng.normal(size=(6, 5))}
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / name, **layers)
    return layers


def test_folders_of_the_published_code_are_read_by_name_with_their_axes(tmp_path: Path) -> None:
    a, b = tmp_path / "rnd_0", tmp_path / "rnd_10"
    bare = [published(a), published(b)]
    found = load_activations(a)
    assert (found["features.2"].axes, found["classifier.1"].axes) == ("nchw", "nc")
    # The file says so, and a layout for bare arrays does not turn it over.
    assert load_activations(a / "best_test_relu.npz", layout="nhwc")["features.2"].axes == "nchw"
    read = spanmatch.compare(load_activations(a), load_activations(b), shuffles=0)
    same = spanmatch.compare(*bare, shuffles=0, layout="nchw")
    assert [one.radii for one in read] == [one.radii for one in same]
    published(a, "best_train_features.2.npz")
    assert load_activations(a).path.name == "best_test_relu.npz"


def test_what_the_published_code_would_not_write_is_not_read_as_if_it_had(tmp_path: Path) -> None:
    published(tmp_path / "other", "mine.npz")
    with pytest.raises(InvalidFile, match="is a folder"):
        load_activations(tmp_path / "other")
    published(tmp_path / "names", layer="conv")
    with pytest.raises(InvalidActivations, match="layout"):
        load_activations(tmp_path / "names")["conv.2"]
    published(tmp_path / "other", "best_test_conv.npz")
    published(tmp_path / "other", "best_train_conv.npz")
    with pytest.raises(InvalidFile, match=r"holds best_test_conv.npz, best_train_conv.npz, need the name of one"):
        load_activations(tmp_path / "other")
