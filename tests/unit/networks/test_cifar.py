"""CIFAR-10 is read as it is stored; files that are something else are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spanmatch.networks.cifar import TEST_FILES, TRAINING_FILES, load_cifar10
from spanmatch.theory.errors import InvalidFile, MissingData


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two images in each file, whose pixels say which file, image, channel, row and column they are."""
    for number, name in enumerate((*TRAINING_FILES, *TEST_FILES)):
        records = []
        for image in range(2):
            channel, row, column = np.indices((3, 32, 32))
            pixels = (17 * number + 7 * image + 50 * channel + 5 * row + column) % 256
            records.append(np.concatenate([[(number + image) % 10], pixels.ravel()]).astype(np.uint8))
        (tmp_path / name).write_bytes(np.concatenate(records).tobytes())
    return tmp_path


def test_channels_rows_and_columns_are_where_the_file_has_them(folder: Path) -> None:
    data = load_cifar10(folder)
    assert repr(data) == "CIFAR10(10 training images, 2 test images)"
    assert data.train_images.shape == (10, 3, 32, 32)
    assert data.train_labels.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert data.train_images[3, 2, 4, 9] == (17 * 1 + 7 + 100 + 20 + 9) % 256
    assert data.test_images[1, 0, 31, 0] == (17 * 5 + 7 + 155) % 256


def test_what_networks_see(folder: Path) -> None:
    data = load_cifar10(folder)
    seen = data.seen(data.test_images)
    assert (seen.dtype, seen.shape) == (np.float32, (2, 3, 32, 32))
    assert seen[0, 2, 3, 1] == pytest.approx((data.test_images[0, 2, 3, 1] / 255 - 0.4465) / 0.2616, rel=1e-5)


def test_files_that_are_something_else(folder: Path) -> None:
    path = folder / TRAINING_FILES[2]
    whole = path.read_bytes()
    for content, said in ((whole[:-1], "a multiple of 3073"), (b"", "0 bytes"), (b"\x0a" + whole[1:], "label 10")):
        path.write_bytes(content)
        with pytest.raises(InvalidFile, match=said):
            load_cifar10(folder)
    path.unlink()
    with pytest.raises(MissingData, match=r"no file .*data_batch_3\.bin"):
        load_cifar10(folder)
    with pytest.raises(MissingData, match="no folder"):
        load_cifar10(folder / "nowhere")
