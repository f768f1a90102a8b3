"""Pictures in one PNG: what is in the file, and which images are wanted."""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode

import numpy as np
from report_results import comparison

from spanmatch.report.pictures import ACROSS, Pictures, named_images, png
from spanmatch.studies.pictures import pictures_of

IMAGES = {"name": "fc", "best": [[[4, 2], []], [[2]]], "worst": [[[7], []], [[4]]]}


def pixels_of(file: bytes) -> np.ndarray:
    """Levels of grey, read back without a library: every row has the filter 0, two pixels a byte."""
    parts, rest = {}, file[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        content, (check,) = rest[8 : 8 + length], struct.unpack(">I", rest[8 + length : 12 + length])
        assert zlib.crc32(kind + content) == check
        parts[kind], rest = content, rest[12 + length :]
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colour, [*parts]) == (4, 0, [b"IHDR", b"IDAT", b"IEND"])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any()
    return np.stack([rows[:, 1:] >> 4, rows[:, 1:] & 15], axis=2).reshape(height, -1)[:, :width]


def test_a_png_holds_its_pixels() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3) * 50
    assert (pixels_of(png(pixels)) == pixels // 16).all()


def test_each_picture_is_at_its_place() -> None:
    images = np.random.default_rng(0).integers(0, 256, (ACROSS + 2, 4, 3), np.uint8)
    style = Pictures(tuple(range(ACROSS + 2)), images).style()
    found = re.search("base64,([^)]+)", style)
    assert found is not None
    sheet = pixels_of(b64decode(found[1]))
    assert (sheet[:4, 3:6] == images[1] // 16).all()
    assert (sheet[4:8, 3:6] == images[ACROSS + 1] // 16).all()


def test_probes_are_shown_and_other_images_are_numbers() -> None:
    run = comparison() | {"images": [IMAGES]}
    assert pictures_of(run) is None
    run["settings"] = run["settings"] | {"images": {"shown": "probes"}}
    assert named_images([run]) == [2, 4, 7]
    pictures = pictures_of(run)
    assert pictures is not None
    assert pictures.numbers == (2, 4, 7)
    assert pictures.images.shape == (3, 28, 28)
    assert pictures_of(comparison()) is None
