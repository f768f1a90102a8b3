"""Activations survive a round trip; what is loaded can run no code; what is wrong is said."""

from __future__ import annotations

import os
import pickle
import stat
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from spanmatch.files.activations import load_activations, save_activations
from spanmatch.theory.errors import InvalidActivations, InvalidFile, MissingExtra

SUFFIXES = (".npz", ".safetensors", ".h5", ".hdf5")


@pytest.fixture
def activations() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    return {
        "conv1": generator.normal(size=(4, 3, 2, 2)).astype(np.float32),
        "file": generator.normal(size=(5, 2)),
        "counts": np.arange(6).reshape(3, 2),
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestActivations:
    def test_round_trip(self, tmp_path: Path, suffix: str, activations: dict[str, Any]) -> None:
        path = tmp_path / f"a{suffix}"
        save_activations(path, activations)
        loaded = load_activations(path)
        assert set(loaded) == set(activations)
        for name, array in activations.items():
            assert loaded[name].dtype == array.dtype
            np.testing.assert_array_equal(loaded[name], array)
        assert [p.name for p in tmp_path.iterdir()] == [path.name]

    def test_the_same_activations_give_the_same_bytes_for_everyone_to_read(
        self, tmp_path: Path, suffix: str, activations: dict[str, Any]
    ) -> None:
        before = os.umask(0o022)
        try:
            for name in ("a", "b"):
                save_activations(tmp_path / f"{name}{suffix}", activations)
        finally:
            os.umask(before)
        a, b = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        assert a.read_bytes() == b.read_bytes()
        assert stat.S_IMODE(a.stat().st_mode) == 0o644

    def test_torch_tensors_and_views_are_taken(self, tmp_path: Path, suffix: str) -> None:
        tensor = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
        save_activations(tmp_path / f"a{suffix}", {"layer": tensor})
        np.testing.assert_array_equal(load_activations(tmp_path / f"a{suffix}")["layer"], tensor.detach().numpy())

    def test_every_truncation_is_an_error(self, tmp_path: Path, suffix: str, activations: dict[str, Any]) -> None:
        path = tmp_path / f"a{suffix}"
        save_activations(path, activations)
        whole = path.read_bytes()
        for share in (0.0, 0.1, 0.5, 0.9, 0.999):
            path.write_bytes(whole[: int(share * len(whole))])
            with pytest.raises(InvalidFile, match=r"not readable.*again"):
                load_activations(path)

    def test_another_format_is_an_error(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"a{suffix}"
        path.write_text("conv1,1.0,2.0\n" * 40)
        with pytest.raises(InvalidFile, match="not readable"):
            load_activations(path)

    def test_no_layers_are_an_error(self, tmp_path: Path, suffix: str) -> None:
        with pytest.raises(InvalidActivations, match="no layers"):
            save_activations(tmp_path / f"a{suffix}", {})
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("value", [np.array(["a"]), np.array([{}]), np.array([1j]), np.array([True])])
    def test_only_real_numbers_are_written(self, tmp_path: Path, suffix: str, value: Any) -> None:
        with pytest.raises(InvalidActivations, match=r"activations\['layer'\]: got dtype"):
            save_activations(tmp_path / f"a{suffix}", {"layer": value})
        assert list(tmp_path.iterdir()) == []

    def test_a_missing_file_is_an_error(self, tmp_path: Path, suffix: str) -> None:
        with pytest.raises(InvalidFile, match="no such file"):
            load_activations(tmp_path / f"a{suffix}")

    def test_a_missing_package_names_its_extra(
        self, tmp_path: Path, suffix: str, activations: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if suffix == ".npz":
            monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda _: None)
            save_activations(tmp_path / "a.npz", activations)
            assert set(load_activations(tmp_path / "a.npz")) == set(activations)
            return
        save_activations(tmp_path / f"a{suffix}", activations)
        monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda _: None)
        with pytest.raises(MissingExtra, match=r"pip install \"spanmatch\[formats\]\""):
            load_activations(tmp_path / f"a{suffix}")
        with pytest.raises(MissingExtra, match="writing"):
            save_activations(tmp_path / f"b{suffix}", activations)
        assert not (tmp_path / f"b{suffix}").exists()


class Bomb:
    """Unpickling this would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "boom"))


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    bomb = np.empty(1, dtype=object)
    bomb[0] = Bomb(tmp_path / "crater")
    np.savez(tmp_path / "inside.npz", layer=bomb)
    (tmp_path / "bare.npz").write_bytes(pickle.dumps(bomb))
    for name in ("inside.npz", "bare.npz"):
        with pytest.raises(InvalidFile, match="no pickled objects"):
            load_activations(tmp_path / name)
    assert not (tmp_path / "crater").exists()


@pytest.mark.parametrize("content", ["", "text"])
def test_no_message_says_how_to_load_unsafely(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.npz").write_text(content)
    with pytest.raises(InvalidFile, match="no zip archive") as caught:
        load_activations(tmp_path / "a.npz")
    assert "pickle" not in str(caught.value).replace("no pickled objects", "")


def test_an_npy_file_under_the_name_npz_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(2))
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    with pytest.raises(InvalidFile, match="npz archive"):
        load_activations(tmp_path / "a.npz")


def test_archives_without_numbers_are_errors(tmp_path: Path) -> None:
    np.savez(tmp_path / "empty.npz")
    with pytest.raises(InvalidFile, match="no arrays"):
        load_activations(tmp_path / "empty.npz")
    np.savez(tmp_path / "text.npz", layer=np.array(["a"]))
    with pytest.raises(InvalidFile, match="'layer' has dtype <U1, need floats or integers"):
        load_activations(tmp_path / "text.npz")
    with h5py.File(tmp_path / "text.h5", "w") as file:
        file["layer"] = ["words"]
    with pytest.raises(InvalidFile, match="'layer' has dtype object"):
        load_activations(tmp_path / "text.h5")


def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"")
    with pytest.raises(InvalidFile, match=r"'\.pt', need one of \.npz, \.safetensors, \.h5, \.hdf5"):
        load_activations(tmp_path / "a.pt")
    with pytest.raises(InvalidFile, match="unknown suffix"):
        save_activations(tmp_path / "a.pt", {"layer": np.eye(2)})


def test_bfloat16_is_read_exactly(tmp_path: Path) -> None:
    tensor = torch.tensor([[1.0, -0.1], [3e38, 1e-40]], dtype=torch.bfloat16)
    save_file({"layer": tensor, "half": tensor.half()}, tmp_path / "a.safetensors")
    loaded = load_activations(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(loaded["layer"], tensor.float().numpy())
    assert loaded["half"].dtype == np.float16


def test_a_dtype_numpy_does_not_have_is_an_error(tmp_path: Path) -> None:
    save_file({"layer": torch.zeros(2, 2).to(torch.float8_e5m2)}, tmp_path / "a.safetensors")
    with pytest.raises(InvalidFile, match="'layer' has dtype F8_E5M2, need one of BF16"):
        load_activations(tmp_path / "a.safetensors")


def test_groups_become_part_of_the_name(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["block/relu"] = np.eye(2)
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/secret")
    assert set(load_activations(tmp_path / "a.h5")) == {"block/relu"}


def test_one_group_of_an_hdf5_file(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["nets/a/relu"] = np.eye(2)
        file["nets/b/relu"] = np.ones((2, 2))
        file["note"] = "words, not numbers"
        file.create_group("empty")
    assert load_activations(path, "nets/a")["relu"].tolist() == [[1, 0], [0, 1]]
    assert set(load_activations(path, "/nets")) == {"a/relu", "b/relu"}
    for absent in ("nets/c", "note"):
        with pytest.raises(InvalidFile, match=f"no group '{absent}'; it has groups: empty, nets, nets/a, nets/b; data "
                                              "sets: nets/a/relu, nets/b/relu, note"):  # fmt: skip
            load_activations(path, absent)
    with pytest.raises(InvalidFile, match="holds no arrays"):
        load_activations(path, "empty")
    save_activations(tmp_path / "a.npz", {"relu": np.eye(2)})
    with pytest.raises(InvalidFile, match="only HDF5 files"):
        load_activations(tmp_path / "a.npz", "nets")
