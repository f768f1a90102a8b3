"""The images that a result names, where they are the shipped probes and can be shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..report.page.embedded import comparisons_of
from ..report.pictures import Pictures, named_images


def pictures_of(result: dict[str, Any]) -> Pictures | None:
    """The pictures of a result's ``images``; None where there are none, or where torch is not installed."""
    numbers = named_images(comparisons_of(result))
    if not numbers:
        return None
    try:
        from ..networks.shipped import PROBE_FILE, read_probes
    except ImportError:
        return None
    probes, _ = read_probes(PROBE_FILE)
    known = [number for number in numbers if number < len(probes)]
    return Pictures(tuple(known), np.ascontiguousarray(probes[known]))
