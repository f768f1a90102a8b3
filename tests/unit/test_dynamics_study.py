"""Networks on two points, and the study that holds the theory against them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from spanmatch.networks.two_point import ARCHITECTURES, Setting, train_two_points
from spanmatch.studies.dynamics import ALTERED, DynamicsResult, run_dynamics
from spanmatch.theory.errors import InvalidOption

SETTINGS = [Setting(1.0, 0.5, 0.8, 0.05, seed=3), Setting(0.5, 1.0, 1.2, 0.02, seed=4)]


@pytest.fixture(scope="module")
def result() -> DynamicsResult:
    return run_dynamics(grid=2, architectures=("leaky-relu-mlp",))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
class TestNetworks:
    def test_learn_and_record_possible_states(self, architecture: str) -> None:
        for run in train_two_points(architecture, SETTINGS, 600):
            assert run.times[0] == 0
            assert run.times[-1] == pytest.approx(600 * run.setting.step)
            assert (run.h > 0).all()
            assert (np.abs(run.y - run.w) <= np.sqrt(run.y) * run.setting.dy * (1 + 1e-4)).all()
            assert abs(run.w[-1]) < abs(run.w).max()

    def test_depend_on_their_own_setting_only(self, architecture: str) -> None:
        both, alone = train_two_points(architecture, SETTINGS, 40), train_two_points(architecture, SETTINGS[1:], 40)
        assert both[1].h == pytest.approx(alone[0].h, rel=1e-4)

    def test_leave_the_random_state_alone(self, architecture: str) -> None:
        before = torch.get_rng_state()
        train_two_points(architecture, SETTINGS, 1)
        assert torch.equal(before, torch.get_rng_state())


def test_unknown_architecture() -> None:
    with pytest.raises(InvalidOption, match="architecture: got 'rnn'"):
        train_two_points("rnn", SETTINGS, 1)


def test_predictions_and_wrong_equations(result: DynamicsResult) -> None:
    rich = next(row for row in result.summary() if row["scale"] == "rich")
    assert rich["fitted_near"] >= 3
    assert set(result.worse()) == set(ALTERED)
    assert result.worse()["h' of the wrong sign"]["share"] >= 0.75


def test_written_and_printed(result: DynamicsResult, tmp_path: Path) -> None:
    numbers, picture = result.save(tmp_path)
    assert len(json.loads(numbers.read_text(encoding="utf-8"))["runs"]) == 12
    assert picture.read_bytes().startswith(b"\x89PNG")
    console = Console(width=160, record=True)
    result.print(console)
    assert "fits worse on" in console.export_text()


@pytest.mark.parametrize("grid", [1, 0, True, 2.5])
def test_grid_is_checked(grid: object) -> None:
    with pytest.raises(InvalidOption, match="grid: got"):
        run_dynamics(grid=grid)  # type: ignore[arg-type]
