"""What inputs a network has seen, and in which order: a fingerprint, and not the inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

_BYTES = 16


class Fingerprint:
    """Of the inputs of batches in their order: the same whatever the size of the batches.

    An input is what all tensors of a batch hold of one image: their dtypes, shapes and bytes, and their names where
    they have some. ``str`` gives two numbers: the first depends on the order, the second does not, so that the same
    inputs in another order can be told from others. Inputs that hold no tensor (nor array, nor list of strings) with
    an entry for each image leave none.

    >>> seen, turned = Fingerprint(), Fingerprint()
    >>> images = torch.arange(12.0).reshape(4, 3)
    >>> seen.update(images, 4)
    >>> turned.update(images.flip(0), 4)
    >>> str(seen) == str(turned), str(seen)[33:] == str(turned)[33:]
    (False, True)
    """

    def __init__(self) -> None:
        self._ordered, self._any_order, self._complete = hashlib.blake2b(digest_size=_BYTES), 0, True

    def update(self, inputs: Any, images: int) -> None:
        """Take in a batch of so many images."""
        columns = list(_columns(inputs, images, ""))
        self._complete &= bool(columns)
        for image in range(images):
            one = hashlib.blake2b(digest_size=_BYTES)
            for name, column in columns:
                one.update(name)
                one.update(column[image])
            self._ordered.update(one.digest())
            self._any_order += int.from_bytes(one.digest(), "big")

    def __str__(self) -> str:
        """Empty where there was a batch that had nothing to tell images by."""
        if not self._complete:
            return ""
        return f"{self._ordered.hexdigest()}-{self._any_order % 2 ** (8 * _BYTES):0{2 * _BYTES}x}"


def _columns(value: Any, images: int, name: str) -> Iterator[tuple[bytes, Any]]:
    """Everything with an entry for each image: what it is, and the bytes of each entry."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _columns(one, images, f"{name}.{key}")
    elif isinstance(value, (tuple, list)) and not all(isinstance(one, str) for one in value):
        for key, one in enumerate(value):
            yield from _columns(one, images, f"{name}.{key}")
    elif isinstance(value, (tuple, list)) and len(value) == images:
        yield name.encode(), [one.encode() for one in value]
    elif isinstance(value, (Tensor, np.ndarray)):
        tensor = torch.as_tensor(value).detach()
        if tensor.ndim > 1 and len(tensor) != images == tensor.shape[1]:
            tensor = tensor.movedim(1, 0)
        if tensor.ndim and len(tensor) == images and tensor.layout == torch.strided:
            flat = tensor.cpu().reshape(images, -1).contiguous()
            yield f"{name} {tensor.dtype} {tuple(tensor.shape[1:])}".encode(), flat.view(torch.uint8).numpy()


def batch_hash(batch: Any, before: bytes = b"") -> bytes:
    """Of everything in a batch that has values, and of the hash of the batch before: that of a whole sequence."""
    found = hashlib.blake2b(before, digest_size=_BYTES)
    _hash_into(found, batch)
    return found.digest()


def _hash_into(found: Any, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            found.update(f"{key!r}".encode())
            _hash_into(found, one)
    elif isinstance(value, (tuple, list)):
        found.update(f"{len(value)}".encode())
        for one in value:
            _hash_into(found, one)
    elif isinstance(value, (Tensor, np.ndarray)):
        tensor = torch.as_tensor(value).detach()
        found.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        if tensor.layout == torch.strided and tensor.numel() and not tensor.is_meta:
            found.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    elif isinstance(value, (str, bytes, int, float)):
        found.update(repr(value).encode())
