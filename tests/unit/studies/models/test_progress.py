"""An interrupted run goes on: the same call ends with the same bytes, and other batches or models are refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn

from spanmatch import InvalidActivations, InvalidFile, compare_models
from spanmatch.files.atomic import write_text
from spanmatch.studies.comparison.results import Comparison
from spanmatch.studies.models import progress

pytestmark = pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
OPTIONS: dict[str, Any] = {"layers": ["0", "1"], "shuffles": 5, "bootstrap": 3, "baseline": 1}


def model(seed: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4))


def batches(stop: int = -1, seed: int = 3) -> Iterator[Tensor]:
    for number, part in enumerate(torch.randn(60, 1, 6, 6, generator=torch.Generator().manual_seed(seed)).split(7)):
        if number == stop:
            raise KeyboardInterrupt
        yield part


def text(folder: Path) -> str:
    return (folder / "comparison.json").read_text()


@pytest.fixture(scope="module", autouse=True)
def _only_numbers() -> Iterator[None]:
    """Pictures are not looked at here."""

    def save(found: Comparison, folder: Path) -> None:
        write_text(folder / "comparison.json", found.to_json())

    with patch.object(Comparison, "save", save):
        yield


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("whole")
    compare_models([model(0), model(1)], batches(), **OPTIONS, out=folder)
    return text(folder)


def test_after_several_interruptions(expected: str, tmp_path: Path) -> None:
    tmp_path, forwards = tmp_path / "new" / "folder", []
    models = [model(0), model(1)]
    models[0].register_forward_hook(lambda *_: forwards.append(1))
    for stop in (1, 2, 2, 7, 0):
        with pytest.raises(KeyboardInterrupt):
            compare_models(models, batches(stop), **OPTIONS, out=tmp_path)
        assert (tmp_path / "state.npz").exists()
        assert not (tmp_path / "comparison.json").exists()
    # The first batch always runs; the untrained copy of a model has its hooks.
    assert len(forwards) == 2 * (1 + 2 + 1 + 6 + 0)
    compare_models(models, batches(), **OPTIONS, out=tmp_path)
    assert len(forwards) == 2 * (10 + 3)
    assert text(tmp_path) == expected
    assert not (tmp_path / "state.npz").exists()


def test_an_error_while_a_batch_is_taken_in_keeps_what_was_written_before(
    expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "WRITTEN_EVERY", 0.0)
    monkeypatch.setattr(progress, "WRITING_SHARE", float("inf"))
    broken = [part if k < 4 else part * torch.nan for k, part in enumerate(batches())]
    with pytest.raises(InvalidActivations, match="NaN"):
        compare_models([model(0), model(1)], broken, **OPTIONS, out=tmp_path)
    compare_models([model(0), model(1)], batches(), **OPTIONS, out=tmp_path)
    assert text(tmp_path) == expected


def test_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        compare_models([model(0), model(1)], batches(5), **OPTIONS, out=tmp_path)
    with pytest.raises(InvalidActivations, match=r"^batches: others than the 5 that were taken in before"):
        compare_models([model(0), model(1)], batches(seed=4), **OPTIONS, out=tmp_path)
    with pytest.raises(InvalidActivations, match=r"^batches: others than the 5"):
        compare_models([model(0), model(1)], list(batches())[:4], **OPTIONS, out=tmp_path)
    for models, options in (([model(0), model(2)], OPTIONS), ([model(0), model(1)], {**OPTIONS, "bootstrap": 0})):
        with pytest.raises(InvalidFile, match="is the state of another run"):
            compare_models(models, batches(), **options, out=tmp_path)
    again = {**OPTIONS, "bootstrap": 0}
    compare_models([model(0), model(1)], batches(), **again, out=tmp_path / "other")
    compare_models([model(0), model(1)], batches(), **again, out=tmp_path, overwrite=True)
    assert text(tmp_path) == text(tmp_path / "other")


def test_ctrl_c_waits_while_a_batch_is_taken_in() -> None:
    came = []

    def changed() -> None:
        with progress.StateFile(None, "").changing():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            came.append("the end")
        came.append("after")

    with pytest.raises(KeyboardInterrupt):
        changed()
    assert came == ["the end"]


SCRIPT = """
import sys, time, warnings
sys.path.insert(0, sys.argv[2])
import test_progress as run
from spanmatch import compare_models
from spanmatch.studies.models import progress
warnings.simplefilter("ignore")
progress.WRITTEN_EVERY, progress.WRITING_SHARE = 0.0, float("inf")
def slowly():
    for part in run.batches():
        time.sleep(float(sys.argv[3]))
        print("batch", flush=True)
        yield part
compare_models([run.model(0), run.model(1)], slowly(), **run.OPTIONS, out=sys.argv[1])
"""


def test_killed(expected: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(Path(__file__).parent), "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for _ in range(3):
            assert process.stdout.readline() == "batch\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert (tmp_path / "state.npz").exists()
    compare_models([model(0), model(1)], batches(), **OPTIONS, out=tmp_path)
    assert text(tmp_path) == expected
