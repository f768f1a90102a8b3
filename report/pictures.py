"""Small grey pictures for a page: all in one PNG inside its style, of which each place shows a part."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from .markup import Markup, element

ACROSS = 32
"""Pictures in a row of the PNG."""
SCALE = 2
"""Pixels of the page for one of a picture."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """The ``images`` of these ``numbers``, unsigned bytes."""

    numbers: tuple[int, ...]
    images: UInt8[np.ndarray, "images height width"]

    def style(self) -> Markup:
        """A ``style`` element by which elements of class ``thumb`` show the first one; ``explore.js`` moves them."""
        count, height, width = self.images.shape
        rows = -(-count // ACROSS)
        sheet = np.zeros((rows * ACROSS, height, width), np.uint8)
        sheet[:count] = self.images
        sheet = sheet.reshape(rows, ACROSS, height, width).swapaxes(1, 2).reshape(rows * height, ACROSS * width)
        data = b64encode(png(sheet)).decode()
        rule = (
            f".thumb {{ width: {SCALE * width}px; height: {SCALE * height}px; "
            f"background: url(data:image/png;base64,{data}) 0 0 / {SCALE * ACROSS * width}px auto; }}"
        )
        numbers = " ".join(map(str, self.numbers))
        sizes = {"data_across": ACROSS, "data_width": SCALE * width, "data_height": SCALE * height}
        return element("style", Markup(rule), id="pictures", data_numbers=numbers, **sizes)


def named_images(comparisons: Iterable[dict[str, Any]]) -> list[int]:
    """The images that comparisons name, of those that are the shipped probes."""
    found: set[int] = set()
    for comparison in comparisons:
        if (comparison["settings"].get("images") or {}).get("shown"):
            for layer in comparison.get("images", ()):
                for side in (*layer["best"], *layer["worst"]):
                    found.update(*side)
    return sorted(found)


def png(pixels: UInt8[np.ndarray, "height width"]) -> bytes:
    """A picture in 16 levels of grey as a PNG file: half the size of 256, and hardly to be told from it.

    >>> png(np.zeros((2, 3), np.uint8))[1:4]
    b'PNG'
    """
    height, width = pixels.shape
    levels = np.pad(pixels >> 4, ((0, 0), (0, width % 2)))
    pairs = levels[:, ::2] << 4 | levels[:, 1::2]
    rows = np.hstack([np.zeros((height, 1), np.uint8), pairs])  # each begins with its filter, 0 for none
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )
