"""``spanmatch compare file.py:model`` as a user meets it: models of one's own on one's own batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spanmatch.cli import commands

pytestmark = pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")

MINE = """
import torch
from torch import nn

print("this is not output of spanmatch")
with open("runs", "a") as file:
    file.write("x")


def make(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))


net_a, net_b = make(0), make(1)
loader = [(part, 0) for part in torch.randn(200, 6).split(50)]


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = make(2)

    def forward(self, inputs):
        return self.layers(inputs)


def broken():
    raise ValueError("not today")


def batches():
    yield from loader
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE, encoding="utf-8")
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, ["compare", *arguments])


def test_models_of_a_file_which_runs_once() -> None:
    result = invoke("mine.py:net_a", "mine.py:net_b", "--data", "mine.py:loader", "--baseline", "2", "--shuffles", "9",
                    "--layers", "1", "--layers", "2", "--epsilons", ".3,.5", "--json")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["networks"] == ["mine.py:net_a", "mine.py:net_b"]
    assert [layer["name"] for layer in found["layers"]] == ["1", "2"]
    assert [layer["baseline"]["pairs"] for layer in found["layers"]] == [2, 2]
    assert found["layers"][0]["inputs"] == 200
    assert Path("runs").read_text(encoding="utf-8") == "x"


def test_functions_and_classes_are_called_and_several_models_compared() -> None:
    result = invoke("mine.py:net_a", "mine.py:net_b", "mine:net_a", "--data", "mine.py:batches", "--shuffles", "0",
                    "--layers", "2")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "mine:net_a" in result.stdout
    result = invoke("mine.py:Own", "mine.py:Own", "--data", "mine.py:batches", "--shuffles", "0", "--json")
    assert [layer["name"] for layer in json.loads(result.stdout)["layers"]] == [f"layers.{k}" for k in range(3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mine.py:net_a", "mine.py:net_b"), "mine.py:net_a: is a model in a Python file, need --data file.py:NAME"),
        (("mine.py:net_a", "mine.py:no", "--data", "mine.py:loader"), "mine.py has no 'no', need the name of a torch"),
        (("mine.py:net_a", "mine.py:loader", "--data", "mine.py:loader"), "mine.py:loader is a list, need a torch"),
        (("mine.py:net_a", "mine.py:broken", "--data", "mine.py:loader"), "broken() raised ValueError: not today"),
        (("mine.py:net_a", "no.py:net", "--data", "mine.py:loader"), "no.py: no such file, need a Python file"),
        (("mine.py:net_a", "net_b", "--data", "mine.py:loader"), "got net_b, need file.py:NAME or MODULE:NAME"),
        (("mine.py:net_a", "mine.py:net_b", "--data", "mine.py:net_a"), "--data: mine.py:net_a is a Sequential"),
        (
            ("mine.py:net_a", "mine.py:net_b", "--data", "mine.py:loader", "--draws", "3", "--units"),
            "--data: got --draws, --units too, which is for activations; leave it out",
        ),
    ],
)
def test_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
