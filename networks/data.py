"""Fashion-MNIST from its four IDX files: found, validated, and cut down to the probes that are shipped."""

from __future__ import annotations

import gzip
import io
import math
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from ..files.atomic import write_bytes
from ..theory.errors import InvalidFile, InvalidOption, MissingData

ENVIRONMENT_VARIABLE = "SPANMATCH_FASHION_MNIST"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
HOW_TO_GET_IT = (
    "install Debian's package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or put the four "
    "IDX files of Fashion-MNIST into a folder and name it with `folder` or the environment "
    f"variable {ENVIRONMENT_VARIABLE}"
)

#: Mean and standard deviation of all training pixels / 255; networks see (pixel / 255 - MEAN) / DEVIATION.
MEAN = 0.2860
DEVIATION = 0.3530

CLASSES = 10
PROBES = 1000

_UNSIGNED_BYTE = 0x08  # the IDX type code; the only one these files use


class ImageSet(Protocol):
    """Images with labels, as stored: unsigned bytes; and what networks see of them."""

    @property
    def train_images(self) -> UInt8[np.ndarray, "train ..."]: ...
    @property
    def train_labels(self) -> Int64[np.ndarray, " train"]: ...
    @property
    def test_images(self) -> UInt8[np.ndarray, "test ..."]: ...
    @property
    def test_labels(self) -> Int64[np.ndarray, " test"]: ...

    def seen(self, images: UInt8[np.ndarray, "images ..."]) -> Float32[np.ndarray, "images channels height width"]:
        """Pixels of mean 0 and standard deviation 1 over the training set, channel by channel."""
        ...


@dataclass(frozen=True)
class FashionMNIST:
    """The training and the test images of Fashion-MNIST, as stored: unsigned bytes, with labels 0 to 9."""

    train_images: UInt8[np.ndarray, "train 28 28"] = field(repr=False)
    train_labels: Int64[np.ndarray, " train"] = field(repr=False)
    test_images: UInt8[np.ndarray, "test 28 28"] = field(repr=False)
    test_labels: Int64[np.ndarray, " test"] = field(repr=False)

    def seen(self, images: UInt8[np.ndarray, "images 28 28"]) -> Float32[np.ndarray, "images 1 28 28"]:
        """What networks see of them (``normalise``)."""
        return normalise(images)

    def __repr__(self) -> str:
        return f"FashionMNIST({len(self.train_images)} training images, {len(self.test_images)} test images)"


def normalise(images: UInt8[np.ndarray, "images 28 28"]) -> Float32[np.ndarray, "images 1 28 28"]:
    """What the networks see: one channel, pixels of mean 0 and standard deviation 1 over the training set."""
    scaled = (images.astype(np.float32) / np.float32(255.0) - np.float32(MEAN)) / np.float32(DEVIATION)
    return scaled[:, np.newaxis, :, :]


def find_fashion_mnist(folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder that holds Fashion-MNIST: the argument, the environment variable, or where Debian puts it.

    A folder that was named is the only one looked at: a wrong name is an error, not a reason to use another
    one.

    *Raises* ``MissingData`` when the folder is not there, saying how to get the data.
    """
    named = folder if folder is not None else os.environ.get(ENVIRONMENT_VARIABLE) or None
    source = "argument `folder`" if folder is not None else f"environment variable {ENVIRONMENT_VARIABLE}"
    path = DEBIAN_FOLDER if named is None else Path(named)
    if not path.is_dir():
        came = f"{path} (the default)" if named is None else f"{path} (from the {source})"
        raise MissingData(f"Fashion-MNIST: no folder {came}; {HOW_TO_GET_IT}.")
    return path


def load_fashion_mnist(folder: str | os.PathLike[str] | None = None) -> FashionMNIST:
    """Fashion-MNIST from its four IDX files, gzipped or plain.

    Parameters: ``folder``, as in ``find_fashion_mnist``.
    Guarantee: types, sizes and label range are those that the files' headers and the data set promise.

    *Raises* ``MissingData`` when the folder or a file is missing, ``InvalidFile`` when a file is truncated,
    corrupt or something else.
    """
    found = find_fashion_mnist(folder)
    train_images, train_labels = _load_part(found, "train")
    test_images, test_labels = _load_part(found, "t10k")
    return FashionMNIST(train_images, train_labels, test_images, test_labels)


def read_idx(path: Path) -> UInt8[np.ndarray, "..."]:
    """The array of unsigned bytes in one IDX file (``.gz`` is unpacked).

    The format: two zero bytes, a type code, the number of dimensions, the dimensions as big-endian 32-bit
    integers, then the entries, last dimension fastest.

    *Raises* ``InvalidFile`` when the file cannot be read or its header and its size disagree.
    """
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidFile(f"{path}: cannot be read ({error}); truncated or damaged: get it again.") from error
    if len(content) < 4 or content[0] != 0 or content[1] != 0:
        raise InvalidFile(f"{path}: starts with {content[:4].hex() or 'nothing'}, but IDX files with 0000.")
    if content[2] != _UNSIGNED_BYTE:
        raise InvalidFile(f"{path}: IDX type code 0x{content[2]:02x}, but unsigned bytes (0x08) are needed.")
    header = 4 + 4 * content[3]
    if len(content) < header:
        raise InvalidFile(f"{path}: {len(content)} bytes, but its header takes {header}: it is truncated.")
    shape = tuple(int(size) for size in np.frombuffer(content, dtype=">u4", count=content[3], offset=4))
    if len(content) - header != math.prod(shape):
        raise InvalidFile(
            f"{path}: {len(content) - header} bytes after the header, but shape {shape} needs "
            f"{math.prod(shape)}: it is truncated or damaged: get it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def make_probes(
    data: FashionMNIST, count: int = PROBES
) -> tuple[UInt8[np.ndarray, "count 28 28"], UInt8[np.ndarray, " count"]]:
    """The probes: the first ``count / 10`` test images of each class, in the test set's order; their labels.

    Deterministic; ``networks/probes`` ships what this gives for the default ``count`` (a test compares them).

    *Raises* ``InvalidOption`` when ``count`` is not a positive multiple of 10, or a class has too few images.
    """
    if count < CLASSES or count % CLASSES:
        raise InvalidOption(f"count: got {count}, but a positive multiple of {CLASSES} is needed.")
    per_class = count // CLASSES
    chosen = []
    for label in range(CLASSES):
        of_this_class = np.flatnonzero(data.test_labels == label)
        if len(of_this_class) < per_class:
            raise InvalidOption(
                f"count: got {count}, but there are only {len(of_this_class)} test images of class {label}."
            )
        chosen.append(of_this_class[:per_class])
    order = np.sort(np.concatenate(chosen))
    return data.test_images[order], data.test_labels[order].astype(np.uint8)


def write_probes(data: FashionMNIST, path: str | os.PathLike[str], count: int = PROBES) -> None:
    """Write ``make_probes(data, count)`` as an npz with the arrays ``images`` and ``labels``, or nothing.

    *Raises* ``InvalidOption`` as ``make_probes``; ``InvalidFile`` when the file cannot be written.
    """
    images, labels = make_probes(data, count)
    content = io.BytesIO()
    np.savez_compressed(content, images=images, labels=labels)
    write_bytes(path, content.getvalue())


def _load_part(folder: Path, part: str) -> tuple[UInt8[np.ndarray, "images 28 28"], Int64[np.ndarray, " images"]]:
    images_path = _file(folder, f"{part}-images-idx3-ubyte")
    labels_path = _file(folder, f"{part}-labels-idx1-ubyte")
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or len(images) == 0:
        raise InvalidFile(f"{images_path}: shape {images.shape}, but (number, 28, 28) is needed.")
    if labels.shape != images.shape[:1]:
        raise InvalidFile(f"{labels_path}: shape {labels.shape}, but ({len(images)},) is needed: one an image.")
    if labels.max() >= CLASSES:
        raise InvalidFile(f"{labels_path}: label {labels.max()}, but labels are 0 to {CLASSES - 1}.")
    return images, labels.astype(np.int64)


def _file(folder: Path, name: str) -> Path:
    for candidate in (folder / f"{name}.gz", folder / name):
        if candidate.is_file():
            return candidate
    raise MissingData(f"Fashion-MNIST: neither {name}.gz nor {name} in {folder}; {HOW_TO_GET_IT}.")
