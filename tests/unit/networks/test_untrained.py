"""Untrained copies: other weights of the same architecture, reproducible, and never the learned ones by oversight."""

from __future__ import annotations

import pytest
import torch
from model_zoo import KINDS, made
from torch import nn

from spanmatch.networks.untrained import untrained_copy
from spanmatch.theory.errors import InvalidOption


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_was_never_trained_has_copies_too(kind: str) -> None:
    """Some of its parameters, biases of 0, are drawn anew as what they were."""
    untrained_copy(made(kind, 1), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_every_weight_is_drawn_anew(kind: str) -> None:
    model = made(kind, 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.linspace(7, 8, parameter.numel()).reshape(parameter.shape))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.get_rng_state()
    first, again, other = (untrained_copy(model, seed) for seed in (1, 1, 2))
    assert torch.equal(generator, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    for parameter in first.parameters():
        assert float(parameter.abs().max()) < 5
    pairs = list(zip(first.parameters(), again.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


def test_statistics_of_the_data_are_forgotten() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    model(torch.full((5, 3), 9.0))
    assert untrained_copy(model, 0)[1].running_mean.tolist() == [0.0] * 4


def test_parameters_that_nothing_draws_anew() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ParameterList(nn.Parameter(torch.ones(2)) for _ in range(9)))
    with pytest.raises(InvalidOption, match=r"^baseline: got a Sequential .*: 1\.0, 1\.1, 1\.2, 1\.3, 1\.4 and 4 more"):
        untrained_copy(model, 0)


class Half(nn.Module):
    """Resets its weight, and leaves its bias as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight)


# Parametrised weights are computed from others, which no reset_parameters reaches.
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Half(), "bias"),
        (nn.utils.spectral_norm(nn.Linear(6, 8)), "weight_orig"),
        (nn.utils.parametrizations.orthogonal(nn.Linear(6, 8)), r"parametrizations\.weight\.original"),
        (nn.utils.parametrizations.weight_norm(nn.Linear(6, 8)), r"parametrizations\.weight\.original0"),
    ],
)
def test_what_reset_parameters_does_not_reach_is_never_kept(model: nn.Module, name: str) -> None:
    with pytest.raises(InvalidOption, match=rf"draws anew: {name}"):
        untrained_copy(model, 0)


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_a_model_that_cannot_be_copied() -> None:
    model = nn.utils.weight_norm(nn.Linear(3, 4))
    model(torch.ones(2, 3))
    with pytest.raises(InvalidOption, match=r"^baseline: got a Linear that cannot be copied"):
        untrained_copy(model, 0)
