"""CIFAR-10 from its binary files: found and validated."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from ..theory.errors import InvalidFile, MissingData
from .data import CLASSES

SIZE = 32
RECORD = 1 + 3 * SIZE * SIZE
"""Bytes of an image: its label, then the red, the green and the blue pixels, row by row."""
TRAINING_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILES = ("test_batch.bin",)

#: Mean and standard deviation of each channel's training pixels / 255.
MEANS = (0.4914, 0.4822, 0.4465)
DEVIATIONS = (0.2470, 0.2435, 0.2616)


@dataclass(frozen=True)
class CIFAR10:
    """The training and the test images of CIFAR-10, as stored: unsigned bytes, with labels 0 to 9."""

    train_images: UInt8[np.ndarray, "train 3 32 32"] = field(repr=False)
    train_labels: Int64[np.ndarray, " train"] = field(repr=False)
    test_images: UInt8[np.ndarray, "test 3 32 32"] = field(repr=False)
    test_labels: Int64[np.ndarray, " test"] = field(repr=False)

    def __repr__(self) -> str:
        return f"CIFAR10({len(self.train_images)} training images, {len(self.test_images)} test images)"

    def seen(self, images: UInt8[np.ndarray, "images 3 32 32"]) -> Float32[np.ndarray, "images 3 32 32"]:
        """What networks see: each channel with mean 0 and standard deviation 1 over the training set."""
        means, deviations = (np.array(values, np.float32)[:, None, None] for values in (MEANS, DEVIATIONS))
        return np.asarray((images.astype(np.float32) / np.float32(255) - means) / deviations)


def load_cifar10(folder: str | os.PathLike[str]) -> CIFAR10:
    """CIFAR-10 from the folder that its binary version unpacks to: five files of training images, one of test images.

    *Raises* ``MissingData`` when the folder or a file is missing, ``InvalidFile`` when a file is truncated or something
    else.
    """
    found = Path(folder)
    if not found.is_dir():
        raise MissingData(f"CIFAR-10: no folder {found}; unpack the binary version of CIFAR-10 and name its folder.")
    parts = [[_read(found / name) for name in names] for names in (TRAINING_FILES, TEST_FILES)]
    (train_images, train_labels), (test_images, test_labels) = (
        tuple(np.concatenate(arrays) for arrays in zip(*part, strict=True)) for part in parts
    )
    return CIFAR10(train_images, train_labels, test_images, test_labels)


def _read(path: Path) -> tuple[UInt8[np.ndarray, "images 3 32 32"], Int64[np.ndarray, " images"]]:
    if not path.is_file():
        raise MissingData(f"CIFAR-10: no file {path}; unpack the binary version of CIFAR-10 and name its folder.")
    try:
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise InvalidFile(f"{path}: cannot be read ({error}); get it again.") from error
    if not content.size or content.size % RECORD:
        raise InvalidFile(
            f"{path}: {content.size} bytes, but a multiple of {RECORD} is needed, a label and {RECORD - 1} pixels for "
            "each image: it is truncated or something else."
        )
    records = content.reshape(-1, RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() >= CLASSES:
        raise InvalidFile(f"{path}: label {labels.max()}, but labels are 0 to {CLASSES - 1}: something else.")
    return records[:, 1:].reshape(-1, 3, SIZE, SIZE), labels
