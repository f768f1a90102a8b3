"""Certificates: the answers are the exact ones, their proofs are accepted, and nothing false is."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import CertificateError, InvalidNeuron, Match, exact
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.algorithms.proving import ProvingCover
from spanmatch.proofs_check import certificate_checker, check_certificate

Arrays = tuple[np.ndarray, np.ndarray]


def integers(seed: int, inputs: int = 30, rank: int = 3, m: int = 5, n: int = 6) -> Arrays:
    """All but one neuron of each side in a common space of dimension ``rank``; some are dead or doubled."""
    rng = np.random.default_rng(seed)
    common = rng.integers(-4, 5, (inputs, rank))
    X = np.hstack([common @ rng.integers(-3, 4, (rank, m - 1)), rng.integers(-9, 10, (inputs, 1))])
    Y = np.hstack([common @ rng.integers(-3, 4, (rank, n - 1)), rng.integers(-9, 10, (inputs, 1))])
    if seed % 3 == 1:
        X[:, 1] = 0
    if seed % 3 == 2:
        Y[:, 2] = Y[:, 0]
    return X, Y


def reals(seed: int, inputs: int = 60, m: int = 6, n: int = 7) -> Arrays:
    """Overlapping ReLU-like layers of full rank in float32, with radii all over (0, 1)."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((inputs, 3)) + 0.8
    noise = np.geomspace(0.05, 1.5, max(m, n))
    X, Y = (
        np.maximum(common @ rng.standard_normal((3, k)) + rng.standard_normal((inputs, k)) * noise[:k], 0)
        for k in (m, n)
    )
    return X.astype(np.float32), Y.astype(np.float32)


def through_json(certificate: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(certificate.to_dict()))
    return content


def is_true(X: Any, Y: Any, content: dict[str, Any]) -> bool:
    """The claim of a certificate, decided by the exact oracle."""
    epsilon, policy = Fraction(content["epsilon"]), content["dead_neurons"]
    match = Match(content["match"]["x"], content["match"]["y"])
    if content["neuron"] is None:
        return exact.max_match(X, Y, epsilon, dead_neurons=policy) == match
    return is_minimal(X, Y, epsilon, match, tuple(content["neuron"]), policy)


def is_minimal(X: Any, Y: Any, epsilon: Any, match: Match, neuron: Any, policy: Any = "match") -> bool:
    cover = exact.ExactGeometry(X, Y, dead_neurons=policy).at(Fraction(epsilon))
    return (
        neuron in match
        and cover.is_match(match)
        and all(neuron not in batch_peel(cover, match.without(u)) for u in match)
    )


CASES = [*(integers(seed) for seed in range(6)), *(reals(seed) for seed in range(4))]


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.parametrize("policy", ["match", "unmatched", "drop"])
def test_the_maximum_match_is_the_exact_one(case: int, policy: Any) -> None:
    X, Y = CASES[case]
    for epsilon in (0, Fraction(1, 10), 0.3, 0.5, 0.9):
        certificate = spanmatch.certify(X, Y, epsilon, dead_neurons=policy)
        assert certificate.match == exact.max_match(X, Y, epsilon, dead_neurons=policy)
        assert check_certificate(X, Y, certificate) is None
        check_certificate(X, Y, through_json(certificate))


def test_full_rank_layers_need_no_exact_arithmetic_and_deficient_ones_do() -> None:
    assert all(spanmatch.certify(*reals(seed), 0.4).decided_exactly == 0 for seed in range(4))
    assert spanmatch.certify(*integers(0), 0).decided_exactly > 0


@pytest.mark.parametrize("case", range(len(CASES)))
def test_minimal_matches_are_minimal(case: int) -> None:
    X, Y = CASES[case]
    for epsilon in (0, 0.5):
        maximum = exact.max_match(X, Y, epsilon)
        for neuron in list(maximum)[::3]:
            certificate = spanmatch.certify(X, Y, epsilon, neuron)
            assert is_minimal(X, Y, epsilon, certificate.match, neuron)
            assert len(certificate.evictions) == len(certificate.match) - 1
            check_certificate(X, Y, through_json(certificate))


def test_a_breakpoint_is_decided_to_the_last_bit() -> None:
    """Columns at angles with rational sine: r is exactly the epsilon, which no finite precision could tell."""
    X = np.zeros((6, 3), dtype=np.int64)
    Y = np.zeros((6, 3), dtype=np.int64)
    for k, (adjacent, opposite) in enumerate([(4, 3), (12, 5), (8, 15)]):
        X[2 * k : 2 * k + 2, k] = adjacent, opposite
        Y[2 * k, k] = 7
    for k, sine in enumerate([Fraction(3, 5), Fraction(5, 13), Fraction(15, 17)]):
        tiny = Fraction(1, 2**200)
        for epsilon, inside in ((sine, True), (sine - tiny, False), (sine + tiny, True)):
            certificate = spanmatch.certify(X, Y, epsilon)
            assert (("x", k) in certificate.match) is inside
            assert certificate.match == exact.max_match(X, Y, epsilon)
            check_certificate(X, Y, certificate)
            if not inside:
                continue
            widened = through_json(certificate) | {"epsilon": str(sine - tiny)}
            with pytest.raises(CertificateError, match="is not shown to be within epsilon"):
                check_certificate(X, Y, widened)


def test_breakpoints_of_real_valued_layers_are_decided() -> None:
    """The nearest floats to each radius: on which side the true one lies, only exact arithmetic says."""
    X, Y = reals(7, inputs=40, m=4, n=5)
    radii = exact.match_radii(X, Y)
    decided = set()
    for square in (*radii.x, *radii.y):
        nearest = float(np.sqrt(float(square)))
        for epsilon in (np.nextafter(nearest, 0), nearest, np.nextafter(nearest, 1)):
            if epsilon < 1:
                certificate = spanmatch.certify(X, Y, epsilon)
                assert certificate.match == radii.max_match(epsilon)
                check_certificate(X, Y, certificate)
                decided.add(len(certificate.match))
    assert len(decided) >= 3


def test_the_stored_numbers_count_not_a_rank_tolerance() -> None:
    """float32 rounding fills a layer of rank 3: under a tolerance all of it matches exactly, as stored nothing does."""
    rng = np.random.default_rng(5)
    common = rng.standard_normal((50, 3))
    X, Y = ((common @ rng.standard_normal((3, k))).astype(np.float32) for k in (5, 6))
    assert len(spanmatch.max_match(X, Y, 0)) == 11
    certificate = spanmatch.certify(X, Y, 0)
    assert not certificate.match
    check_certificate(X, Y, certificate)
    # Here the floats' proposal for a minimal match does not hold, and the exact search takes over.
    for epsilon in (1e-7, 3e-7, 1e-3):
        maximum = exact.max_match(X, Y, epsilon)
        for neuron in list(maximum)[:3]:
            certificate = spanmatch.certify(X, Y, epsilon, neuron)
            assert is_minimal(X, Y, epsilon, certificate.match, neuron)
            check_certificate(X, Y, certificate)


def test_a_proposal_that_does_not_hold_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    X, Y = reals(1)
    maximum = exact.max_match(X, Y, 0.5)
    neuron = maximum.neurons[0]
    assert not is_minimal(X, Y, 0.5, maximum, neuron)
    for proposed in (None, Match.everything(6, 7), Match([neuron.index]), maximum):
        monkeypatch.setattr(spanmatch.Compressed, "min_match", lambda self, epsilon, v, proposed=proposed: proposed)
        certificate = spanmatch.certify(X, Y, 0.5, neuron)
        assert is_minimal(X, Y, 0.5, certificate.match, neuron)
        check_certificate(X, Y, certificate)


@pytest.mark.parametrize(
    "convert",
    [
        lambda Z: Z.astype(np.float16),
        lambda Z: Z.astype(np.float64) * np.logspace(-150, 150, Z.shape[1]),
        lambda Z: (Z * 2**20).astype(np.int64) * 2**38 + 1,
        lambda Z: np.asfortranarray(Z),
        lambda Z: Z.astype(">f4"),
        lambda Z: Z * (np.arange(Z.shape[1]) != 2),
        lambda Z: np.zeros_like(Z),
    ],
    ids=["float16", "scales", "int64", "fortran", "big-endian", "dead", "all-dead"],
)
def test_dtypes_and_scales(convert: Any) -> None:
    X, Y = map(convert, reals(2))
    for epsilon in (0.3, 0.6):
        certificate = spanmatch.certify(X, Y, epsilon)
        assert certificate.match == exact.max_match(X, Y, epsilon)
        check_certificate(X, Y, through_json(certificate))


def test_one_hash_for_the_same_numbers() -> None:
    X, Y = reals(0)
    certificate = spanmatch.certify(X, Y, 0.5)
    check_certificate(np.asfortranarray(X), Y.astype(">f4"), certificate)
    bit = X.copy()
    bit[3, 2] = np.nextafter(bit[3, 2], np.float32(9))
    for other in (bit, X.astype(np.float64), X[::-1], X[:, ::-1]):
        with pytest.raises(CertificateError, match="of other activations"):
            check_certificate(other, Y, certificate)
    with pytest.raises(CertificateError, match="of other activations"):
        check_certificate(Y, X, certificate)


def test_errors_say_what_is_wrong() -> None:
    X, Y = reals(0)
    outside = next(v for v in Match.everything(6, 7) if v not in exact.max_match(X, Y, 0.3))
    with pytest.raises(InvalidNeuron, match=r"is in no match at epsilon 0\.3"):
        spanmatch.certify(X, Y, 0.3, outside)
    with pytest.raises(InvalidNeuron, match="out of range"):
        spanmatch.certify(X, Y, 0.3, ("x", 6))
    with pytest.raises(spanmatch.InvalidEpsilon):
        spanmatch.certify(X, Y, 1)
    with pytest.raises(spanmatch.InvalidActivations, match="not finite"):
        spanmatch.certify(X * np.float32(np.nan), Y, 0.3)
    with pytest.raises(spanmatch.InvalidActivations, match="not finite"):
        check_certificate(X * np.float32(np.nan), Y, spanmatch.certify(X, Y, 0.3))
    with pytest.raises(CertificateError, match="need exactly the fields"):
        check_certificate(X, Y, [])
    assert "maximum match at epsilon 0.5" in repr(spanmatch.certify(X, Y, 0.5))


def tampered(content: dict[str, Any], rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    """A copy with one number, index or entry changed, and where."""
    changed = copy.deepcopy(content)
    places = [place for place in entries(changed) if rng.random() < 0.5 or place[0] != "activations"]
    # Each field as likely as the others: coefficients are by far the most.
    fields = sorted({place[0] for place in places})
    field = fields[int(rng.integers(len(fields)))]
    inside = [place for place in places if place[0] == field]
    *path, last = inside[int(rng.integers(len(inside)))]
    holder: Any = changed
    for key in path:
        holder = holder[key]
    holder[last] = altered(holder[last], rng)
    return ".".join(map(str, (*path, last))), changed


def entries(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the numbers, texts and lists are."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict) and path:
        yield path
    for key, item in inside:
        yield from entries(item, (*path, key))


def altered(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, int):
        return value + int(rng.choice([-1, 1, 2]))
    if isinstance(value, list):
        if not value or rng.random() < 0.2:
            return [*value, 0]
        gone = int(rng.integers(len(value)))
        return value[:gone] + value[gone + 1 :]
    if value is None:
        return str(rng.choice(["", "0x1p+0", "0x1.8p-1 0x1p-2"]))
    words = str(value).split(" ")
    which = int(rng.integers(len(words)))
    if "/" in words[0]:
        numerator, denominator = map(int, words[0].split("/"))
        change = int(rng.choice([-2, -1, 1, 2])) * max(1, numerator // 4)
        return f"{numerator + change}/{denominator}" if rng.random() < 0.5 else f"{numerator}/{denominator + change}"
    if "0x" in words[0]:
        number = float.fromhex(words[which])
        factor = rng.choice([-1.0, 0.0, 0.5, 2.0, 1 + 1e-3, 1e6])
        words[which] = float(number * factor + (rng.random() < 0.2)).hex()
        return None if rng.random() < 0.05 else " ".join(words)
    digit = int(rng.integers(len(value))) if value else 0
    return value[:digit] + rng.choice(list("0123456789abcdef")) + value[digit + 1 :]


def test_no_tampering_makes_a_false_claim_pass() -> None:
    """More than 200 single-entry changes: what is still accepted is true, and what is now false is rejected."""
    rng = np.random.default_rng(20)
    subjects = []
    for (X, Y), epsilon in ((reals(0), 0.5), (reals(3), 0.35), (integers(1), 0.2), (integers(2), 0), (reals(1), 0.5)):
        content = through_json(spanmatch.certify(X, Y, epsilon))
        subjects.append((X, Y, content))
        live = [v for v in exact.max_match(X, Y, epsilon) if (X if v.side == "x" else Y)[:, v.index].any()]
        subjects.append((X, Y, through_json(spanmatch.certify(X, Y, epsilon, live[0]))))
    tally = {"true, accepted": 0, "true, rejected": 0, "false, rejected": 0, "unreadable, rejected": 0}
    touched = set()
    for number in range(600):
        X, Y, content = subjects[number % len(subjects)]
        place, changed = tampered(content, rng)
        if changed == content:
            continue
        try:
            check_certificate(X, Y, changed)
            accepted = True
        except CertificateError:
            accepted = False
        touched.add(place.partition(".")[0])
        try:
            truth = is_true(X, Y, changed)
        except (spanmatch.SpanmatchError, ValueError, TypeError, ZeroDivisionError, IndexError):
            assert not accepted, f"accepted with an unreadable claim: {place}"
            tally["unreadable, rejected"] += 1
            continue
        assert truth or not accepted, f"accepted a false claim: {place}"
        tally[f"{str(truth).lower()}, {'accepted' if accepted else 'rejected'}"] += 1
        if changed["activations"] != content["activations"]:
            assert not accepted
    # Worth something only if the changes are of all kinds.
    assert sum(tally.values()) >= 500, tally
    assert tally["false, rejected"] >= 60, tally
    assert tally["true, rejected"] >= 100, tally
    assert touched >= set(subjects[1][2]) - {"format", "version"}


def test_every_change_of_the_match_is_rejected() -> None:
    """Each neuron added or left out, with the lists of evidence kept in step and left to exact arithmetic."""
    for (X, Y), epsilon in ((reals(0), 0.5), (integers(1), Fraction(1, 5)), (integers(2), 0)):
        for neuron in (None, next(iter(exact.max_match(X, Y, epsilon) - Match([1], [])))):
            content = through_json(spanmatch.certify(X, Y, epsilon, neuron))
            for v in Match.everything(X.shape[1], Y.shape[1]):
                changed = copy.deepcopy(content)
                indices = set(changed["match"][v.side]) ^ {v.index}
                changed["match"][v.side] = sorted(indices)
                changed["members"] = {side: [None] * len(changed["match"][side]) for side in "xy"}
                with pytest.raises(CertificateError):
                    check_certificate(X, Y, changed)
                if v.index in indices:
                    continue
                # Also with the one left out "peeled", or no longer said to be needed.
                changed["peeled"].append({"side": v.side, "neurons": [v.index], "coefficients": [None]})
                changed["evictions"] = [one for one in changed["evictions"] if one["without"] != list(v)]
                with pytest.raises(CertificateError):
                    check_certificate(X, Y, changed)


def test_a_least_eigenvalue_must_be_true(monkeypatch: pytest.MonkeyPatch) -> None:
    X, Y = reals(4)
    content = through_json(spanmatch.certify(X, Y, 0.5))
    Z = X.astype(float) / 2.0 ** np.floor(np.log2(np.linalg.norm(X.astype(float), axis=0)))
    least = float(np.linalg.eigvalsh(Z.T @ Z)[0])
    for factor, accepted in ((0.6, True), (1.01, False), (1.5, False), (1e3, False), (-1, False)):
        changed = copy.deepcopy(content)
        changed["least_eigenvalue"]["x"] = (factor * least).hex()
        if accepted:
            check_certificate(X, Y, changed)
        else:
            with pytest.raises(CertificateError, match=r"least eigenvalue|LinAlgError"):
                check_certificate(X, Y, changed)
    # A dependent side has none, however small.
    S = np.random.default_rng(0).integers(-99, 100, (20, 4))
    S[:, 3] = S[:, :3].sum(axis=1)
    dependent = through_json(spanmatch.certify(S, S[:, :1], 0.5))
    assert dependent["least_eigenvalue"]["x"] is None
    dependent["least_eigenvalue"]["x"] = (2.0**-300).hex()
    with pytest.raises(CertificateError, match=r"least eigenvalue|LinAlgError"):
        check_certificate(S, S[:, :1], dependent)
    # On some processors rounding leaves such a side a Cholesky factor: a factor alone proves nothing.
    factor = np.linalg.cholesky
    monkeypatch.setattr(np.linalg, "cholesky", lambda A: factor(A + 2.0**-40 * np.eye(len(A))))
    with pytest.raises(CertificateError, match="least eigenvalue of side x is not shown to be"):
        check_certificate(S, S[:, :1], dependent)
    monkeypatch.undo()
    # Without it, coefficients alone prove no distance.
    content["least_eigenvalue"] = {"x": None, "y": None}
    with pytest.raises(CertificateError, match="is not shown to be beyond epsilon"):
        check_certificate(X, Y, content)


@pytest.mark.parametrize("case", [1, 2, 6])
def test_the_proving_cover_answers_as_the_exact_one(case: int) -> None:
    X, Y = CASES[case]
    for policy in ("match", "unmatched"):
        proving = ProvingCover(X, Y, Fraction(1, 2), policy)
        truth = exact.ExactGeometry(X, Y, dead_neurons=policy).at(Fraction(1, 2))
        for v in proving.everything:
            for others in (frozenset(), frozenset({0}), frozenset({0, 2, 3}), frozenset(range(5))):
                assert proving.covers(v, others) == truth.covers(v, others)


def test_the_policy_for_dead_neurons_belongs_to_the_claim() -> None:
    X, Y = integers(1)
    assert not X[:, 1].any()
    for neuron in (None, ("x", 1)):
        content = through_json(spanmatch.certify(X, Y, 0.2, neuron))
        check_certificate(X, Y, content)
        for policy in ("unmatched", "drop"):
            with pytest.raises(CertificateError, match="dead neurons"):
                check_certificate(X, Y, content | {"dead_neurons": policy})


def test_a_match_is_listed_in_order_and_once() -> None:
    X, Y = reals(0)
    content = through_json(spanmatch.certify(X, Y, 0.5))
    listed = content["match"]["x"]
    for other in ([*listed[:-1], listed[-1], listed[-1]], listed[::-1]):
        with pytest.raises(CertificateError, match="ascending"):
            check_certificate(X, Y, content | {"match": content["match"] | {"x": other}})


def test_near_orthogonality_alone_proves_nothing() -> None:
    """Two nearly parallel predictors: w = z_u is nearly orthogonal to both, yet z_u lies in their span."""
    tiny = 2.0**-12
    Y = np.array([[1.0, 1.0], [0.0, tiny], [0.0, 0.0]])
    X = np.array([[0.0], [1.0], [0.0]])
    content = through_json(spanmatch.certify(X, Y, 0.5))
    assert content["match"] == {"x": [0], "y": [0, 1]} or ("x", 0) not in exact.max_match(X, Y, 0.5)
    false = copy.deepcopy(content)
    false["match"] = {"x": [], "y": []}
    false["members"] = {"x": [], "y": []}
    false["peeled"] = [
        {"side": "x", "neurons": [0], "coefficients": ["0x0p+0 0x0p+0"]},
        {"side": "y", "neurons": [0, 1], "coefficients": ["", ""]},
    ]
    with pytest.raises(CertificateError, match="is not shown to be beyond epsilon"):
        check_certificate(X, Y, false)


def test_whatever_the_file_says_the_error_is_ours() -> None:
    X, Y = reals(0)
    for neuron in (None, next(iter(exact.max_match(X, Y, 0.5)))):
        content = through_json(spanmatch.certify(X, Y, 0.5, neuron))
        for place in list(entries(content)):
            for junk in ([], {}, "nonsense", -1, 1.5, True, "0x1p+2000", "nan", [[]]):
                changed = copy.deepcopy(content)
                holder: Any = changed
                for key in place[:-1]:
                    holder = holder[key]
                if holder[place[-1]] == junk or (place[0] == "activations" and junk != "nonsense"):
                    continue
                holder[place[-1]] = junk
                with pytest.raises(CertificateError):
                    check_certificate(X, Y, changed)
        for field in content:
            with pytest.raises(CertificateError):
                check_certificate(X, Y, {key: value for key, value in content.items() if key != field})


def padded(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Longer certificates of the same claim that prove it no better, and why each of them is turned away."""
    stages, evictions = content["peeled"], content["evictions"]
    gone = "what it removes is gone already"
    if stages:
        nothing = {"side": "x", "neurons": [], "coefficients": []}
        yield gone, content | {"peeled": stages * 30}
        yield gone, content | {"peeled": [stages[0]] * 30 + stages[1:]}
        yield gone, content | {"peeled": [nothing] * 30 + stages}
    if evictions:
        first, *others = evictions
        again = first | {"peeled": first["peeled"] * 30}
        covered = next(member for member in others if member["peeled"])
        yield "stands there twice", content | {"evictions": [first] * 30 + others}
        yield "stands there twice", content | {"evictions": [first | {"without": content["neuron"]}, *evictions]}
        yield gone, content | {"evictions": [again, *others]}
        yield gone, content | {"evictions": [first | {"peeled": first["peeled"] + covered["peeled"]}, *others]}
    first, *others = content["members"]["x"]
    for number in ("0x1p-1074", "0x1.0000000000001p-20", "0x1p+64", "0x1p+1000", "-0x1p+64", "inf", "nan"):
        words = " ".join([number, *first.split()[1:]])
        yield "a coefficient is no multiple", content | {"members": content["members"] | {"x": [words, *others]}}
    numerator, denominator = content["epsilon"].split("/")
    zeros = "0" * 10_000
    yield "epsilon|malformed", content | {"epsilon": f"{numerator}{zeros}/{denominator}{zeros}"}
    yield "epsilon|malformed", content | {"epsilon": f"1/1{zeros}"}


def test_what_a_certificate_costs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said again, or finer than it need be, is turned away before it is computed with."""
    X, Y = reals(0)
    asked = 0
    bounds = certificate_checker._Evidence._bounds

    def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return bounds(*arguments)

    monkeypatch.setattr(certificate_checker._Evidence, "_bounds", counted)
    tried = 0
    for neuron in (None, next(iter(exact.max_match(X, Y, 0.5)))):
        content = through_json(spanmatch.certify(X, Y, 0.5, neuron))
        check_certificate(X, Y, content)
        honest, asked = asked, 0
        for reason, longer in padded(content):
            with pytest.raises(CertificateError, match=reason):
                check_certificate(X, Y, longer)
            assert asked <= honest
            asked, tried = 0, tried + 1
    assert tried == 25


def test_an_epsilon_too_long_for_a_certificate_is_an_error() -> None:
    X, Y = reals(0)
    check_certificate(X, Y, through_json(spanmatch.certify(X, Y, Fraction(1, 2**7_998))))
    with pytest.raises(spanmatch.InvalidEpsilon, match=r"denominator of 8001 bits, need one of at most 8000"):
        spanmatch.certify(X, Y, Fraction(1, 2**8_000))


def test_the_checker_is_small_and_independent() -> None:
    source = Path(certificate_checker.__file__).read_text(encoding="utf-8")
    documented = [
        node.body[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    ]
    docstrings = sum((one.end_lineno or one.lineno) - one.lineno + 1 for one in documented)
    assert len(source.splitlines()) - docstrings <= 200
    imports = {
        f"{'.' * node.level}{node.module}" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)
    } | {alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for alias in node.names}
    third_party = {"numpy", "numpy.typing", "flint", "jaxtyping"}
    ours = {"..theory.errors", "..theory.matches", "..theory.validation"}
    assert imports == third_party | ours | {"__future__", "collections.abc", "hashlib", "itertools", "typing"}
