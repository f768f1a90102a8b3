"""Which layers can be compared is known before any work: axes, images, ids and resolutions; what numbers then mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spanmatch
from spanmatch import InvalidActivations, Layer
from spanmatch.files.activations import load_activations, save_activations
from spanmatch.networks.shipped import activations
from spanmatch.studies.comparison import compare as module
from spanmatch.theory.errors import without_advice

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with without_advice():
        yield


def tokens(seed: int) -> np.ndarray:
    """An untrained transformer block over 8 patches of 100 images: (images, tokens, features)."""
    torch.manual_seed(seed)
    block = torch.nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, dropout=0.0).eval()
    patch, position = torch.nn.Linear(48, 16), torch.randn(1, 8, 16)
    images = torch.randn(100, 8, 48, generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        return np.asarray(block(0.5 * patch(images) + position))


def test_the_null_of_tokens_shuffles_images() -> None:
    """What the positions share stays in every shuffle of images; tokens taken for images lose it, and the null is 0."""
    a, b = tokens(0), tokens(1)
    options: dict[str, Any] = {"epsilons": [0.6], "shuffles": 4}
    kept = spanmatch.compare({"t": a}, {"t": b}, layout="ntc", **options)["t"]
    lost = spanmatch.compare({"t": a.reshape(-1, 16)}, {"t": b.reshape(-1, 16)}, **options)["t"]
    assert kept.null[0] == pytest.approx(0.91, abs=0.06)
    assert lost.null[0] == 0.0


def test_flattened_convolutions_remember_their_images() -> None:
    """conv1 of the shipped pair at 0.8: the null is a third of the neurons, whoever flattens it."""
    A, B = (activations(name, 300)["conv1.relu"] for name in ("vgg-0", "vgg-1"))
    options: dict[str, Any] = {"epsilons": [0.8], "draws": 1, "shuffles": 4, "positions": 4000}
    whole, flat, matrix = (
        spanmatch.compare({"c": a}, {"c": b}, **options)["c"].null[0]
        for a, b in (
            (A, B),
            (spanmatch.flatten_conv(A.values), spanmatch.flatten_conv(B.values)),
            (np.asarray(A), np.asarray(B)),
        )
    )
    assert whole == flat == pytest.approx(0.33, abs=0.05)
    assert matrix == 0.0


@pytest.mark.parametrize("name", [None, "a.npz", "a.safetensors", "a.h5", "a.zarr", "a"])
def test_bfloat16_decides_the_rank(tmp_path: Path, name: str | None) -> None:
    """A linear layer from 12 to 128 features has rank 12; by the tolerance of float32 its rounding has rank 128."""
    torch.manual_seed(0)
    linear = torch.nn.Linear(12, 128, bias=False).bfloat16()
    with torch.no_grad():
        layers: Any = {"l": linear(torch.randn(1000, 12).bfloat16())}
    if name is not None:
        save_activations(tmp_path / name, layers)
        layers = load_activations(tmp_path / name)
    assert spanmatch.compare(layers, layers, shuffles=1)["l"].rank == (12, 12)
    held = {"l": np.asarray(Layer(layers["l"]).values)}
    assert spanmatch.compare(held, held, shuffles=1)["l"].rank == (128, 128)


def test_inputs_in_another_order_are_an_error(tmp_path: Path) -> None:
    """The same network over a shuffling loader: a similarity of 0 before, without a word."""
    values, order = rng.standard_normal((200, 12)), rng.permutation(200)
    save_activations(tmp_path / "a.npz", {"l": Layer(values, inputs=range(200))})
    save_activations(tmp_path / "b.npz", {"l": Layer(values[order], inputs=order)})
    a, b = (load_activations(tmp_path / name) for name in ("a.npz", "b.npz"))
    with pytest.raises(InvalidActivations, match=r"acts_a\['l'\], acts_b\['l'\]: got the same inputs in another order"):
        spanmatch.compare(a, b)
    assert spanmatch.compare(a, a, shuffles=1)["l"].area == 1.0


def many(count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One good layer, then some with everything that can be wrong."""
    good = rng.standard_normal((20, 3))
    wrong: list[tuple[Any, Any]] = [
        (np.ones((20, 4, 4)), good),
        (good[:10], good),
        (np.where(np.arange(20)[:, None] == 7, np.nan, good), good),
        (good, np.array([["a"]])),
        (Layer(good, inputs=range(20)), Layer(good, inputs=range(1, 21))),
        (Layer(np.ones((20, 2, 3)), "ntc"), good),
    ]
    sides: tuple[dict[str, Any], dict[str, Any]] = {"good": good}, {"good": good}
    for k in range(count):
        for side, value in zip(sides, wrong[k % len(wrong)], strict=True):
            side[f"l{k}"] = value
    return sides


@pytest.mark.parametrize(("count", "lines"), [(6, 7), (30, 12)])
def test_everything_wrong_is_said_before_any_work(count: int, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[Any] = []
    monkeypatch.setattr(module, "measure", worked.append)
    with pytest.raises(InvalidActivations) as raised:
        spanmatch.compare(*many(count))
    message = str(raised.value)
    assert message.startswith(f"acts_a, acts_b: {count} problems:\n")
    assert message.count("\n") + 1 == lines
    assert not worked
    if count > 10:
        assert message.endswith(f"\n  and {count - 10} more")
        return
    said = ["does not tell images", "10 and 20 images", "NaN at input 7", "dtype str32", "19 of 20 ids in common",
            "same number of positions"]  # fmt: skip
    assert all(part in message for part in said)


def test_files_are_checked_before_the_first_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, images in (("a.npz", 20), ("b.npz", 10)):
        np.savez(tmp_path / name, first=rng.standard_normal((20, 3)), last=rng.standard_normal((images, 3)))
    a, b = (load_activations(tmp_path / name) for name in ("a.npz", "b.npz"))
    monkeypatch.setattr(type(a), "__getitem__", lambda *_: pytest.fail("it was read"))
    with pytest.raises(InvalidActivations, match=r"acts_b\['last'\]: got 20 and 10 images"):
        spanmatch.compare(a, b)


def test_data_sets_of_an_open_file_are_read_when_their_turn_comes() -> None:
    """Anything that gives an array when asked: it is not held between the check and the work."""

    class Slow(dict[str, Any]):
        held = 0

    class Data:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.arange(60.0).reshape(20, 3) ** 0.5

    acts = Slow(a=Data(), b=Data())
    pairs = module.paired_layers(
        acts, acts, module.Protocol.checked(
            epsilons=[0.5], layout=None, dead_neurons="match", rank_tol=None, minimal=False, units=False, positions=10,
            draws=1, shuffles=0, bootstrap=0, seed=0,
        ), layers=None, all_pairs=False, pool=False, notes=[],
    )  # fmt: skip
    assert [pair.A.known.values.strides for pair in pairs] == [(0, 0)] * 2
    assert pairs[0].read().A.values[1, 0] == 3**0.5


class TestPool:
    def test_the_smaller_resolution_wins_and_the_notes_say_so(self) -> None:
        fine = Layer(rng.standard_normal((30, 4, 6, 4)).astype(np.float32), "nchw")
        coarse = Layer(rng.standard_normal((30, 3, 2, 5)).astype(np.float32), "nhwc")
        with pytest.raises(InvalidActivations, match=r"of positions an image along each axis; .*pool=True averages"):
            spanmatch.compare({"l": fine}, {"l": coarse})
        found = spanmatch.compare({"l": fine}, {"l": coarse}, pool=True, shuffles=1)["l"]
        assert (found.images, found.positions) == (30, 6)
        assert found.notes[:2] == (
            "acts_a['l']: averaged from 6 x 4 positions to 3 x 2 positions",
            found.notes[1],
        )
        averaged = torch.nn.functional.adaptive_avg_pool2d(torch.tensor(fine.values), (3, 2))
        assert found.similarity == spanmatch.compare(
            {"l": Layer(averaged, "nchw")}, {"l": coarse}, shuffles=1
        )["l"].similarity  # fmt: skip

    def test_grids_of_as_many_positions_are_not_the_same(self) -> None:
        wide, square, tokens = (
            {"l": Layer(rng.standard_normal(shape), axes)}
            for shape, axes in (((30, 2, 8, 4), "nhwc"), ((30, 4, 4, 4), "nhwc"), ((30, 16, 4), "ntc"))
        )
        with pytest.raises(InvalidActivations, match=r"along each axis; .*pool=True"):
            spanmatch.compare(wide, square)
        assert spanmatch.compare(wide, square, pool=True, shuffles=1)["l"].positions == 8
        assert spanmatch.compare(square, tokens, shuffles=1)["l"].positions == 16

    def test_what_cannot_be_read_is_not_said_to_be_missing(self, tmp_path: Path) -> None:
        values = rng.standard_normal((30, 4))
        np.savez(tmp_path / "a.npz", l=values, labels=np.array(["x"] * 30))
        np.savez(tmp_path / "b.npz", l=values, labels=values, other=values)
        found = spanmatch.compare(*(load_activations(tmp_path / f"{name}.npz") for name in "ab"), shuffles=1)
        left = [note for note in found.notes if note.startswith("left out")]
        assert left == ["left out: labels of A, which has dtype <U1, need numbers", "left out: other, only in B"]

    def test_all_pairs_meet(self) -> None:
        acts = {"conv": Layer(rng.standard_normal((30, 4, 6, 4)), "nchw"), "fc": rng.standard_normal((30, 3)),
                "tokens": Layer(rng.standard_normal((30, 5, 4)), "ntc")}  # fmt: skip
        apart = spanmatch.compare(acts, acts, all_pairs=True, shuffles=0)
        assert [layer.name for layer in apart] == ["conv", "fc", "tokens"]
        together = spanmatch.compare(acts, acts, all_pairs=True, pool=True, shuffles=0)
        assert len(together) == 7
        assert (together["conv / fc"].images, together["conv / fc"].positions) == (30, 1)
        assert [note.partition(",")[0] for note in together.notes] == [
            "left out: conv / tokens", "left out: tokens / conv",
        ]  # fmt: skip
        with pytest.raises(InvalidActivations, match="axes 'nchw' and 'ntc' have no positions in common"):
            spanmatch.compare({"l": acts["conv"]}, {"l": acts["tokens"]}, pool=True)
