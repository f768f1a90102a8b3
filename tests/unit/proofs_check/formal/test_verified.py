"""The proved checker, where it can be built: it reads what it should, and agrees with the checker in Python."""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import CertificateError, InvalidFile, MissingExtra
from spanmatch.proofs_check.formal import verified

EPSILON = 0.4


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return verified.build_checker(tmp_path_factory.mktemp("checker"))
    except MissingExtra as error:
        pytest.skip(f"not run: {error}")


@pytest.fixture
def refusal(program: Path, tmp_path: Path) -> Callable[..., str | None]:
    """Why the proved checker refuses a certificate, or None when it accepts."""

    def ask(X: Any, Y: Any, content: Any) -> str | None:
        file = tmp_path / "certificate.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        try:
            verified.check_by_proof(X, Y, file, program)
        except CertificateError as error:
            return str(error)
        return None

    return ask


def sample(kind: str, dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    """Two layers with a proper maximum match; "dead" and "doubled" have such neurons, so exact arithmetic decides."""
    rng = np.random.default_rng(3)
    common = rng.integers(-4, 5, (30, 3))
    X, Y = (
        np.hstack([common @ rng.integers(-3, 4, (3, 4)), rng.integers(-6, 7, (30, 2))]).astype(dtype) for _ in range(2)
    )
    if kind == "dead":
        X[:, 1] = Y[:, 4] = 0
    if kind == "doubled":
        X[:, 4], Y[:, 0] = X[:, 5], Y[:, 1]
    if kind == "plain":
        X, Y = (Z + rng.standard_normal(Z.shape).astype(dtype) / 4 for Z in (X, Y))
    return X, Y


def certificates(X: Any, Y: Any, policy: Any = "match") -> list[dict[str, Any]]:
    maximum = spanmatch.certify(X, Y, EPSILON, dead_neurons=policy)
    assert 0 < len(maximum.match) < X.shape[1] + Y.shape[1]
    neuron = maximum.match.neurons[-1]
    return [maximum.to_dict(), spanmatch.certify(X, Y, EPSILON, neuron, dead_neurons=policy).to_dict()]


@pytest.mark.parametrize("kind", ["plain", "dead", "doubled"])
@pytest.mark.parametrize("policy", ["match", "unmatched"])
def test_what_is_certified_is_accepted(kind: str, policy: Any, refusal: Callable[..., str | None]) -> None:
    X, Y = sample(kind)
    for content in certificates(X, Y, policy):
        assert refusal(X, Y, content) is None


@pytest.mark.parametrize(
    "dtype", ["float16", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)
def test_every_type_of_number_is_read(dtype: str, refusal: Callable[..., str | None]) -> None:
    X, Y = (np.abs(Z) for Z in sample("doubled", dtype if dtype[0] != "u" else "int64"))
    X, Y = X.astype(dtype), Y.astype(dtype)
    assert refusal(X, Y, spanmatch.certify(X, Y, EPSILON).to_dict()) is None


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_numbers_below_the_normal_ones_are_read(dtype: Any, refusal: Callable[..., str | None]) -> None:
    """X has subnormal numbers beside others, Y the same numbers times a power of 2, all of them normal."""
    X = np.random.default_rng(4).integers(-9, 10, (30, 3)) * float(np.finfo(dtype).tiny) / 4
    Y = X * 2.0**60
    X = X.astype(dtype)
    assert np.any(np.abs(X[X != 0]) < np.finfo(dtype).tiny)
    assert np.any(np.abs(X) > np.finfo(dtype).tiny)
    content = spanmatch.certify(X, Y, 0).to_dict()
    assert content["match"] == {"x": [0, 1, 2], "y": [0, 1, 2]}
    assert refusal(X, Y, content) is None


def test_the_claim_is_the_one_that_is_printed(program: Path, tmp_path: Path) -> None:
    X, Y = sample("plain")
    minimal = spanmatch.certify(X, Y, EPSILON, spanmatch.certify(X, Y, EPSILON).match.neurons[0])
    file = tmp_path / "c.json"
    file.write_text(json.dumps(minimal.to_dict()))
    found = minimal.to_dict()
    sides = [f"{side}: {' '.join(map(str, found['match'][side])) or 'none'}" for side in "xy"]
    assert verified.check_by_proof(X, Y, file, program).splitlines() == [
        f"holds: x:{found['neuron'][1]}-minimal match at epsilon {found['epsilon']}, dead neurons: match",
        *sides,
    ]


def changes(content: dict[str, Any]) -> list[dict[str, Any]]:
    """A certificate changed in one place each, so that it proves nothing."""
    fewer = copy.deepcopy(content)
    side = "x" if fewer["match"]["x"] else "y"
    fewer["match"][side].pop()
    fewer["members"][side].pop()
    wrong = copy.deepcopy(content)
    k = len(wrong["members"][side]) - 1
    wrong["members"][side][k] = " ".join("0x1.0p+3" for _ in (wrong["members"][side][k] or "0").split())
    evidence = "peeled" if content["neuron"] is None else "evictions"
    return [
        fewer,
        wrong,
        content | {evidence: content[evidence][:-1]},
        content | {"epsilon": "0/1"},
        content | {"epsilon": "999/1000", "least_eigenvalue": {"x": None, "y": None}},
        content | {"least_eigenvalue": {"x": "0x1.0p+4", "y": "0x1.0p+4"}},
        content | {"neuron": None, "claim": "maximum match", "evictions": [], "peeled": []},
        content | {"activations": content["activations"] | {"x": content["activations"]["y"]}},
    ]


@pytest.mark.parametrize("kind", ["plain", "doubled"])
def test_what_proves_nothing_is_refused_by_both(kind: str, refusal: Callable[..., str | None]) -> None:
    X, Y = sample(kind)
    for content in certificates(X, Y):
        for number, changed in enumerate(changes(content)):
            with pytest.raises(CertificateError):
                spanmatch.check_certificate(X, Y, changed)
            assert refusal(X, Y, changed) is not None, number


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"version": 1', '"version": 2', "another format"),
        ('"version": 1', '"version": 1, "version": 1', "a field stands twice"),
        ('"version": 1', '"version": 1, "more": 1', "other fields"),
        ('"dead_neurons": "match"', '"dead_neurons": "none"', "none of the policies"),
        ('"epsilon": "', '"epsilon": "-', "epsilon: not p/q"),
        ('"epsilon": "', '"epsilon": "00', "lowest terms"),
        ('"neuron": null', '"neuron": ["x", 0]', "the claim is not that of its evidence"),
        ('"match": {"x": [', '"match": {"x": [99, ', "indices not ascending"),
        ('"match": {', '"match": {"z": [], ', "a match of other sides"),
        ("0x1", "nanx1", "no number: nanx1"),
        ('"members": {"x": ["', '"members": {"x": ["0x1p-65 ', "not one coefficient for each neuron"),
        ('"side": "', '"side": "z', "no side"),
        ("{", "[", "JSON"),
        ("}", "} more", "JSON"),
    ],
)
def test_malformed_certificates_say_what_is_wrong(
    old: str, new: str, reason: str, refusal: Callable[..., str | None]
) -> None:
    X, Y = sample("plain")
    text = json.dumps(certificates(X, Y)[0])
    assert old in text
    assert reason in str(refusal(X, Y, text[::-1].replace(old[::-1], new[::-1], 1)[::-1] if old == "}" else
                                 text.replace(old, new, 1)))  # fmt: skip


def test_the_file_of_a_layer_is_what_is_hashed(tmp_path: Path) -> None:
    X, Y = sample("plain")
    verified.write_layer(tmp_path / "x", X)
    hashed = hashlib.sha256((tmp_path / "x").read_bytes()).hexdigest()
    assert spanmatch.certify(X, Y, EPSILON).activations["x"]["sha256"] == hashed


def test_one_other_bit_is_other_activations(refusal: Callable[..., str | None]) -> None:
    X, Y = sample("plain")
    content = certificates(X, Y)[0]
    X[3, 2] = np.nextafter(X[3, 2], np.float32(9))
    assert "is of other activations" in str(refusal(X, Y, content))


def test_a_checker_that_cannot_check_refuses_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho no room >&2\nexit 2\n")
    program.chmod(0o755)
    with pytest.raises(InvalidFile, match="no room"):
        verified.check_by_proof(*sample("plain"), tmp_path / "c.json", program)


def test_a_checker_that_was_not_built_says_how(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MissingExtra, match="make checker"):
        verified.find_checker()
    (tmp_path / verified.PROGRAM).touch()
    assert verified.find_checker() == tmp_path / verified.PROGRAM
