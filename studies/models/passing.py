"""One pass over the batches: all pairs of layers take each in, and an interrupted pass goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...algorithms.compressed.compressor import Method, compress
from ...networks.capture.batches import Batches, batches_in
from ...networks.capture.fingerprint import batch_hash
from ...theory.errors import InvalidActivations, without_advice
from ...theory.validation.layer import Layer
from ...theory.validation.options import Tell
from ..comparison.blocks.stream import PairStream, Side, StreamedPair
from ..comparison.layers import paired_layers
from ..comparison.protocol import Protocol
from ..comparison.unread import UnreadPair
from .networks import Networks
from .progress import Progress, StateFile

HELD_PAIRS = 8
"""So many pairs of layers have the usual memory for the images of their shuffles; more share it."""


@dataclass(frozen=True)
class Pairing:
    """Which networks are compared, by their numbers; how; and what is to be said of it."""

    a: int
    b: int
    protocol: Protocol
    all_pairs: bool
    pool: bool


class Streams:
    """What is kept of all pairs of layers of all pairs of networks, made from what the first batch shows."""

    def __init__(self, pairings: Sequence[Pairing], first: Sequence[Mapping[str, Layer]], method: Method) -> None:
        self.notes: list[list[str]] = [[] for _ in pairings]
        chosen = [_paired(one, first, notes) for one, notes in zip(pairings, self.notes, strict=True)]
        share = min(1.0, HELD_PAIRS / sum(map(len, chosen)))
        self._sides: dict[tuple[int, str, str], Side] = {}
        self._pairs: list[list[tuple[PairStream, tuple[int, str, str], tuple[int, str, str]]]] = []
        self._measures = [[pair.measures for pair in pairs] for pairs in chosen]
        for of, pairs in zip(pairings, chosen, strict=True):
            self._pairs.append([self._stream(of, pair, method, share) for pair in pairs])

    def _stream(self, of: Pairing, pair: UnreadPair, method: Method, share: float) -> Any:
        sides = (of.a, pair.A.name, str(pair.resolution)), (of.b, pair.B.name, str(pair.resolution))
        for side in sides:
            self._sides.setdefault(side, Side(pair.resolution))
        read = pair.read()
        with without_advice():
            route = compress(read.A, read.B).route if method == "auto" else method
        stream = PairStream(read.a, read.b, read.A, read.B, of.protocol, route, share, read.notes)
        return stream, *sides

    def add(self, layers: Sequence[Mapping[str, Layer]]) -> None:
        """Take in a batch: layer -> what it gave, of each network. Raises: ``InvalidActivations``."""
        taken = {side: one.taken(layers[side[0]][side[1]]) for side, one in self._sides.items()}
        for pairs in self._pairs:
            for stream, a, b in pairs:
                stream.add(taken[a], taken[b])

    def pairs(self, number: int) -> Iterator[StreamedPair]:
        """The pairs of layers of one pair of networks, with what is to be measured of them."""
        for (stream, a, b), measures in zip(self._pairs[number], self._measures[number], strict=True):
            yield StreamedPair(stream, (self._sides[a].digest.hex(), self._sides[b].digest.hex()), measures)

    @property
    def state(self) -> list[Any]:
        """All objects that change as batches come."""
        compressors = [one for pairs in self._pairs for stream, *_ in pairs for one in stream.compressors]
        return [*(side.digest for side in self._sides.values()), *compressors]


def _paired(of: Pairing, first: Sequence[Mapping[str, Layer]], notes: list[str]) -> list[UnreadPair]:
    try:
        return paired_layers(
            first[of.a], first[of.b], of.protocol, layers=None, all_pairs=of.all_pairs, pool=of.pool, notes=notes
        )
    except InvalidActivations as error:
        said = str(error).replace("acts_a", f"models[{of.a}]").replace("acts_b", f"models[{of.b}]")
        raise InvalidActivations(said) from error


def passed(
    networks: Networks,
    batches: Batches,
    pairings: Sequence[Pairing],
    *,
    method: Method,
    state: StateFile | None,
    tell: Tell,
) -> Streams:
    """All batches, taken in by all pairs.

    What was taken in before an interruption is skipped, once its values have been seen to be the same; only the first
    batch runs again, which shows what the layers are. Raises: ``InvalidActivations``, ``InvalidFile``; what the models
    and the iterable raise comes through.
    """
    streams: Streams | None = None
    chain, before = b"", Progress()
    state = state or StateFile(None, "")
    with state:
        for number, batch in enumerate(batches_in(batches)):
            chain = batch_hash(batch, chain)
            if number == 0 or number >= before.batches:
                layers = networks.on(batch)
            if streams is None:
                streams = Streams(pairings, layers, method)
                before = state.restored(streams)
            if number + 1 == before.batches and chain.hex() != before.chain:
                raise _others(before)
            if number >= before.batches:
                with state.changing():
                    streams.add(layers)
                    images = before.images + next(iter(layers[0].values())).images
                    before = Progress(number + 1, images, chain.hex())
                    state.holds(streams, before)
                tell(f"batch {number + 1}, {images} images")
                state.write_in_time()
    if streams is None or number + 1 < before.batches:
        raise _others(before)
    return streams


def _others(before: Progress) -> InvalidActivations:
    return InvalidActivations(
        f"batches: others than the {before.batches} that were taken in before the interruption, need the same in the "
        "same order (a DataLoader that shuffles needs a generator of a fixed seed); or name another folder"
    )
