"""Fashion-MNIST's files: found where they are, read exactly, refused when damaged."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spanmatch.networks import data as data_module
from spanmatch.networks.data import (
    DEBIAN_FOLDER,
    DEVIATION,
    ENVIRONMENT_VARIABLE,
    FashionMNIST,
    find_fashion_mnist,
    load_fashion_mnist,
    make_probes,
    normalise,
    read_idx,
    write_probes,
)
from spanmatch.networks.shipped import PROBE_FILE, read_probes
from spanmatch.theory.errors import InvalidFile, InvalidOption, MissingData

needs_data = pytest.mark.skipif(
    not DEBIAN_FOLDER.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed"
)


def idx(array: np.ndarray, type_code: int = 0x08) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, type_code, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def arrays(train: int = 30, test: int = 20) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(5)
    return {
        "train-images-idx3-ubyte": generator.integers(256, size=(train, 28, 28)),
        "train-labels-idx1-ubyte": np.arange(train) % 10,
        "t10k-images-idx3-ubyte": generator.integers(256, size=(test, 28, 28)),
        "t10k-labels-idx1-ubyte": np.arange(test) % 10,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small IDX files, two of them gzipped."""
    for name, array in arrays().items():
        if name.startswith("train"):
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
        else:
            (tmp_path / name).write_bytes(idx(array))
    return tmp_path


def test_reads_plain_and_gzipped_files_exactly(folder: Path) -> None:
    loaded = load_fashion_mnist(folder)
    expected = arrays()
    np.testing.assert_array_equal(loaded.train_images, expected["train-images-idx3-ubyte"])
    np.testing.assert_array_equal(loaded.train_labels, expected["train-labels-idx1-ubyte"])
    np.testing.assert_array_equal(loaded.test_images, expected["t10k-images-idx3-ubyte"])
    np.testing.assert_array_equal(loaded.test_labels, expected["t10k-labels-idx1-ubyte"])
    assert repr(loaded) == "FashionMNIST(30 training images, 20 test images)"


def test_argument_before_environment_before_default(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, default = tmp_path_factory.mktemp("other"), tmp_path_factory.mktemp("default")
    monkeypatch.setattr(data_module, "DEBIAN_FOLDER", default)
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    assert find_fashion_mnist() == default
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(other))
    assert find_fashion_mnist() == other
    assert find_fashion_mnist(folder) == folder


def test_missing_data_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    how = f"dataset-fashion-mnist.*{ENVIRONMENT_VARIABLE}"
    with pytest.raises(MissingData, match=f"argument `folder`.*{how}"):
        load_fashion_mnist(tmp_path / "nowhere")
    with pytest.raises(MissingData, match=f"neither train-images-idx3-ubyte.gz nor.*{how}"):
        load_fashion_mnist(tmp_path)
    monkeypatch.setattr(data_module, "DEBIAN_FOLDER", tmp_path / "nothing")
    with pytest.raises(MissingData, match=f"the default.*{how}"):
        load_fashion_mnist()
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(MissingData, match=f"gone.*environment variable.*{how}"):
        load_fashion_mnist()


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("train-images-idx3-ubyte.gz", lambda raw: raw[: len(raw) // 2], "cannot be read"),
        ("train-images-idx3-ubyte.gz", lambda _raw: b"plain text", "cannot be read"),
        ("train-labels-idx1-ubyte.gz", lambda raw: raw[:20] + b"\xff\xff" + raw[22:], "cannot be read"),
        ("t10k-images-idx3-ubyte", lambda raw: raw[:-1], "15679 bytes after the header"),
        ("t10k-images-idx3-ubyte", lambda raw: raw + b"\0", "15681 bytes after the header"),
        ("t10k-images-idx3-ubyte", lambda raw: raw[:7], "header takes 16"),
        ("t10k-images-idx3-ubyte", lambda _raw: b"", "nothing"),
        ("t10k-images-idx3-ubyte", lambda raw: b"\x89PNG" + raw[4:], "starts with 89504e47"),
        ("t10k-images-idx3-ubyte", lambda raw: raw[:2] + b"\x0d" + raw[3:], "type code 0x0d"),
        ("t10k-images-idx3-ubyte", lambda _raw: idx(np.zeros((20, 14, 56))), r"shape \(20, 14, 56\)"),
        ("t10k-images-idx3-ubyte", lambda _raw: idx(np.zeros((0, 28, 28))), r"shape \(0, 28, 28\)"),
        ("t10k-labels-idx1-ubyte", lambda _raw: idx(np.zeros(19)), r"shape \(19,\), but \(20,\)"),
        ("t10k-labels-idx1-ubyte", lambda _raw: idx(np.full(20, 10)), "label 10"),
    ],
)
def test_damaged_files_are_refused(folder: Path, name: str, damage: Callable[[bytes], bytes], message: str) -> None:
    path = folder / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InvalidFile, match=f"{name}.*{message}"):
        load_fashion_mnist(folder)


def test_read_idx_of_any_dimension(tmp_path: Path) -> None:
    path = tmp_path / "cube"
    cube = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    path.write_bytes(idx(cube))
    np.testing.assert_array_equal(read_idx(path), cube)


def test_normalise() -> None:
    pixels = np.zeros((2, 28, 28), dtype=np.uint8)
    pixels[1] = 255
    scaled = normalise(pixels)
    assert scaled.shape == (2, 1, 28, 28)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[1] - scaled[0], 1 / DEVIATION, rtol=1e-6)


def test_probes_are_the_first_of_each_class_in_order() -> None:
    labels = np.array([1, 1, 1, *range(10), *range(9, -1, -1)])
    images = np.arange(len(labels), dtype=np.uint8)[:, np.newaxis, np.newaxis] * np.ones((28, 28), np.uint8)
    probes, of_class = make_probes(FashionMNIST(images[:0], labels[:0], images, labels), 20)
    assert probes[:, 0, 0].tolist() == [0, 1, 3, *range(5, 21), 22]
    np.testing.assert_array_equal(of_class, labels[probes[:, 0, 0]])
    assert np.bincount(of_class).tolist() == [2] * 10


@pytest.mark.parametrize(("count", "message"), [(0, "got 0"), (25, "got 25"), (-10, "got -10"), (30, "only 2")])
def test_probes_that_cannot_be_made(count: int, message: str) -> None:
    made = arrays()
    images, labels = made["t10k-images-idx3-ubyte"], made["t10k-labels-idx1-ubyte"]
    with pytest.raises(InvalidOption, match=message):
        make_probes(FashionMNIST(images, labels, images, labels), count)


@needs_data
def test_shipped_probes_are_what_the_data_gives(tmp_path: Path) -> None:
    data = load_fashion_mnist(DEBIAN_FOLDER)
    assert (len(data.train_images), len(data.test_images)) == (60000, 10000)
    write_probes(data, tmp_path / "probes.npz")
    for made, shipped in zip(read_probes(tmp_path / "probes.npz"), read_probes(PROBE_FILE), strict=True):
        np.testing.assert_array_equal(made, shipped)
