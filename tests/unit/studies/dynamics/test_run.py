"""Networks on two points, and the study that holds the theory against them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from report_results import everything
from rich.console import Console

from spanmatch.networks.two_point import TWO_POINT_ARCHITECTURES, Setting, train_two_points
from spanmatch.report.page import page
from spanmatch.report.page.dynamics import dynamics_section
from spanmatch.studies.dynamics.matching import match_two_point_networks
from spanmatch.studies.dynamics.run import DynamicsResult, run_dynamics
from spanmatch.studies.dynamics.wrong_equations import OTHERS, TEST, WEAK, altered
from spanmatch.theory.dynamics import right_hand_side
from spanmatch.theory.errors import InvalidOption

# One worker trains the networks that the tests of the study share.
pytestmark = pytest.mark.xdist_group("two points")

SETTINGS = [Setting(1.0, 0.5, 0.8, 0.05, seed=3), Setting(0.5, 1.0, 1.2, 0.02, seed=4)]


@pytest.fixture(scope="module")
def result() -> DynamicsResult:
    weak = "outputs blind to the moving representation"
    chosen = ("w' with w for 3w", "y' of the wrong sign")
    altered = {name: TEST[name] for name in chosen} | {weak: WEAK[weak]}
    return run_dynamics(grid=2, architectures=("leaky-relu-mlp",), altered=altered)


@pytest.mark.parametrize("architecture", TWO_POINT_ARCHITECTURES)
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


def test_networks_share_points_but_not_weights() -> None:
    settings = [Setting(1.0, 0.5, 0.8, 0.05, seed=k, points=9) for k in (1, 2)]
    probes = np.random.default_rng(0).standard_normal((7, 4))
    one, other = train_two_points("leaky-relu-mlp", settings, 30, probes=probes)
    assert np.array_equal(one.inputs, other.inputs)
    assert np.array_equal(one.targets, other.targets)
    assert not np.allclose(one.hidden, other.hidden)
    assert one.hidden.shape == (len(one.times), 2, 48)
    assert np.square(one.hidden[:, 0] - one.hidden[:, 1]).sum(axis=1) == pytest.approx(one.h, rel=1e-4)
    assert one.probed is not None
    assert one.probed.shape == (2, 7, 48)
    assert not np.allclose(one.probed[0], one.probed[1])


def test_predictions_and_wrong_equations(result: DynamicsResult) -> None:
    rich = next(row for row in result.summary() if row["scale"] == "rich")
    assert rich["fitted_near"] >= 3
    found = result.worse()
    must = result.to_dict()["test"]
    assert len(must) == 2
    assert all(found[name]["share"] >= 0.9 for name in must)
    weak = found["outputs blind to the moving representation"]
    assert weak["can_tell"] < 0.5 < min(found[name]["can_tell"] for name in must)


def test_every_altered_equation_is_altered() -> None:
    state, setting = (0.3, 0.2, -0.07), (0.7, 0.5, 1.3, 0.8)
    right = right_hand_side(state, *setting)
    assert altered()(state, *setting) == pytest.approx(right)
    everything = {**TEST, **WEAK, **OTHERS}
    assert len(everything) == len(TEST) + len(WEAK) + len(OTHERS)
    for name, ode in everything.items():
        found = ode(state, *setting)
        wrong = {part for part, one, other in zip("hyw", found, right, strict=True) if abs(one - other) > 1e-12}
        # "h' ..." alters h' and nothing else.
        assert wrong == ({name[0]} if name[1:2] == "'" else wrong)
        assert wrong, name


def test_written_and_printed(result: DynamicsResult, tmp_path: Path) -> None:
    numbers, picture, page = result.save(tmp_path)
    assert len(json.loads(numbers.read_text(encoding="utf-8"))["runs"]) == 12
    assert picture.read_bytes().startswith(b"\x89PNG")
    root = ElementTree.fromstring(page.read_text(encoding="utf-8").partition("\n")[2])
    assert len(root.findall(".//figure/div/svg/g/circle")) == 12
    console = Console(width=160, record=True)
    result.print(console)
    assert "fits worse on" in console.export_text()


def test_section_says_when_a_wrong_equation_fits_too_well(result: DynamicsResult) -> None:
    found = result.to_dict()
    good = dynamics_section(found)
    assert "All 2 altered equations do." in good
    name = found["test"][0]
    found["altered"][name]["share"] = 0.8
    assert f"Not so: {name.replace(chr(39), '&#x27;')}" in dynamics_section(found)


def test_the_verification_page_holds_the_section(result: DynamicsResult) -> None:
    written = page(everything() | {"dynamics": result.to_dict()})
    ElementTree.fromstring(written.removeprefix("<!DOCTYPE html>"))
    assert dynamics_section(result.to_dict()) in written
    assert 'href="#dynamics"' in written
    assert "dynamics" not in page(everything())


def test_matching_of_networks_of_other_seeds() -> None:
    (found,) = match_two_point_networks(architectures=("leaky-relu-mlp",), scales=("rich",), networks=3, probes=300)
    assert found.spread < 0.2
    assert found.error < 0.2
    assert found.trained[-1] == 1 > max(found.shuffled)
    with pytest.raises(InvalidOption, match="networks: got 2"):
        match_two_point_networks(networks=2)


@pytest.mark.parametrize("grid", [1, 0, True, 2.5])
def test_grid_is_checked(grid: object) -> None:
    with pytest.raises(InvalidOption, match="grid: got"):
        run_dynamics(grid=grid)  # type: ignore[arg-type]


def test_no_architecture() -> None:
    with pytest.raises(InvalidOption, match="architectures: got none"):
        run_dynamics(grid=2, architectures=())
