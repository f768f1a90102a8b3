"""The page that people look at: pictures, sentences and tables of a result, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...files.atomic import atomic_write
from ..page_tables import (
    agreements_table,
    checks_table,
    control_table,
    layers_table,
    planted_table,
    theorems_table,
)
from .curves import curves, heat_map, legend
from .dynamics import dynamics_section
from .markup import Markup, element, join
from .minimal_matches import blocks, structure_table
from .sentences import CHANCE_SHARE, LEAD, NEGLIGIBLE, SHARED, against_trained, count, has_null, itself, what_is_seen
from .style import STYLE
from .units import units_section

TRAINED = "other seed"
CONTROLS = ("untrained", "random labels")
#: Nothing is fetched and nothing is run, even if a name held markup that escaped notice.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(result: dict[str, Any], path: Path | str) -> None:
    """Write ``page(result)`` to ``path``, whole or not at all. Raises: ``InvalidFile``."""
    with atomic_write(path) as target:
        target.write_text(page(result), encoding="utf-8")


def page(result: dict[str, Any]) -> str:
    """A result as one self-contained HTML page, well-formed as XML too; no script, nothing from the network.

    Parameters: ``result``: ``VerificationReport.to_dict()``, or ``Comparison.to_dict()`` (it has "layers").
    """
    pairs = _pairs(result)
    title = "spanmatch: verification" if "pairs" in result else f"spanmatch: {pairs[0]['name']}"
    sections = [_pair(number, pair, _trained(pair, pairs)) for number, pair in enumerate(pairs, 1)]
    evidence = _evidence(result) if "pairs" in result else Markup("")
    dynamics = dynamics_section(result["dynamics"]) if result.get("dynamics") else Markup("")
    header = (_opening(result), _contents(pairs, bool(evidence), bool(dynamics)))
    return document(title, header, (_guide(), *sections, dynamics, evidence), _origin(result))


def document(title: str, header: Iterable[object], main: Iterable[object], origin: str) -> str:
    """What every page has: the title, what stands below it, the sections, and where the numbers come from."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("header", element("h1", title), *header),
        element("main", *main),
        element("footer", element("p", origin)),
    )
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en") + "\n"


def _pairs(result: dict[str, Any]) -> list[dict[str, Any]]:
    if "pairs" in result:
        return list(result["pairs"])
    pair = {"name": " against ".join(result["networks"]), "kind": "", "comparison": result, "agreements": []}
    return [pair | {"structure": result.get("structure", []), "units": result.get("units")}]


def _trained(pair: dict[str, Any], pairs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """For a control, the comparison of trained networks with the same first network."""
    if pair["kind"] not in CONTROLS:
        return None
    first = pair["comparison"]["networks"][0]
    same = (other for other in pairs if other["kind"] == TRAINED and other["comparison"]["networks"][0] == first)
    return next((other["comparison"] for other in same), None)


def _opening(result: dict[str, Any]) -> Markup:
    if "pairs" not in result:
        return Markup("")
    outcomes = [one["verdict"] for outcomes in result["checks"].values() for one in outcomes]
    idle = outcomes.count("not run")
    what = f"{count(outcomes.count('passed'), 'check')} passed"
    not_run = element("p", f"{count(idle, 'check')} not run, which is not the same as passed.", class_="unsure")
    faults = result["faults"]
    if faults:
        verdict = element("p", f"{count(len(faults), 'fault')} found; {what}.", class_="verdict bad")
        verdict = join(verdict, element("ul", *(element("li", fault, class_="bad") for fault in faults)))
    else:
        verdict = element("p", f"Nothing failed; {what}.", class_="verdict good")
    return join(verdict, not_run if idle else "")


def _contents(pairs: list[dict[str, Any]], evidence: bool, dynamics: bool) -> Markup:
    links = [
        element("li", element("a", pair["name"], href=f"#pair-{k}"), " ", _kind(pair))
        for k, pair in enumerate(pairs, 1)
    ]
    if dynamics:
        links.append(element("li", element("a", "when representations align", href="#dynamics")))
    if evidence:
        links += [element("li", element("a", name, href=f"#{name}")) for name in ("checks", "planted", "theorems")]
    return element("nav", element("ul", *links), aria_label="Contents")


def _guide() -> Markup:
    lines = (
        "Similarity s(ε) is the share of the neurons of both networks that are in the maximum match at ε: those that "
        "the matched neurons of the other network express linearly, up to the relative error ε.",
        "The null is the same with one network's images shuffled, so that nothing is shared but chance. The excess is "
        "what the lowest draw has above the highest shuffle, the shuffle being read at the next ε of the grid that is "
        f"larger by {LEAD} or more, because curves are steep and may be shifted a little by sampling alone. A layer is "
        f"called beyond the null when its excess is at least {SHARED} at some ε, little beyond it when it is more than "
        f"{NEGLIGIBLE} but nowhere that much, or when the area is more than {LEAD} above the null's, and no better "
        "than the null otherwise.",
        f"Chance from: the ε from which on at least {CHANCE_SHARE:.0%} of the live neurons match with shuffled images. "
        "Area: the mean of s over all ε from 0 to 1. Dead: a neuron that is 0 on every input. "
        "Dimensions: participation ratios (tr C)²/tr(C²) of the covariance C, the effective numbers of directions, in "
        "the first draw. Differences are rounded to three decimals before they are compared.",
    )
    return element("section", element("h2", "How to read this"), *(element("p", line) for line in lines))


def _pair(number: int, pair: dict[str, Any], trained: dict[str, Any] | None) -> Markup:
    comparison = pair["comparison"]
    seen = what_is_seen(comparison)
    if pair["kind"] == "itself":
        seen = [itself(comparison), *seen]
    if pair["kind"] in CONTROLS:
        seen += against_trained(comparison, trained) if trained else ["No trained pair in this run to set it against."]
    parts: list[object] = [
        element("h2", pair["name"], " ", _kind(pair), id=f"pair-{number}"),
        element("ul", *(element("li", line) for line in seen), class_="seen"),
    ]
    if any(layer["epsilons"] for layer in comparison["layers"]):
        parts += _figures(comparison, pair["name"])
    if comparison["layers"]:
        parts.append(layers_table(comparison))
    if trained:
        parts.append(control_table(comparison, trained))
    if pair["agreements"]:
        parts.append(agreements_table(pair["agreements"]))
    if pieces := pair.get("structure"):
        parts += [
            element("h3", "Shared pieces"),
            element(
                "p",
                "Cell: two neurons of a minimal match, the smallest match that holds both being the darker the smaller "
                "it is. Neurons are ordered by their smallest match: single dark cells are shared one to one, pale "
                "blocks only together.",
            ),
            *blocks(pieces),
            structure_table(pieces),
        ]
    if units := pair.get("units"):
        parts.append(units_section(units, pair["name"]))
    return element("section", *parts)


def _figures(comparison: dict[str, Any], name: str) -> list[Markup]:
    null = has_null(comparison)
    said = ["Line: s, the mean over draws of inputs. Band: from the lowest draw to the highest."]
    if null:
        shuffles = count(comparison["settings"]["shuffles"], "shuffle")
        said.append(f"Dashed, in the layer's colour: the null, the mean of {shuffles} of the images.")
    heat: list[object] = ["Rows are layers; the stronger the cell, the larger s."]
    if null:
        heat += [" ", element("span", class_="swatch"), " from here on shuffled images match too."]
    drawn = element("div", curves(comparison, name), legend(comparison), class_="pictures")
    return [
        element("h3", "Similarity curves"),
        element("figure", drawn, element("figcaption", " ".join(said))),
        element("h3", "Layer by epsilon"),
        element("figure", heat_map(comparison, name), element("figcaption", *heat)),
    ]


def _evidence(result: dict[str, Any]) -> Markup:
    shares = result["shares"]
    cases = "; ".join(
        f"{name} {share:.0%} (needed {shares['required'][name]:.0%})" for name, share in shares["found"].items()
    )
    return join(
        element("h2", "Checks of the theorems", id="checks"),
        *(checks_table(name, outcomes) for name, outcomes in result["checks"].items()),
        element("p", f"Of {count(shares['cases'], 'generated case')}: {cases}.", class_="soft"),
        element("h2", "Planted answers", id="planted"),
        planted_table(result["planted"]),
        element("h2", "Theorems", id="theorems"),
        theorems_table(result["checks"]),
    )


def _kind(pair: dict[str, Any]) -> Markup:
    return element("span", f"({pair['kind']})", class_="kind") if pair["kind"] else Markup("")


def _origin(result: dict[str, Any]) -> str:
    parts = [f"seed {result['seed']}"]
    if "pairs" in result:
        parts += [f"mode {result['mode']}", f"{result['seconds']} s"]
    else:
        settings = {name: value for name, value in result["settings"].items() if name != "verdict"}
        parts += [f"{name} {value}" for name, value in settings.items() if value is not None]
    parts += [f"{name} {version}" for name, version in result["versions"].items()]
    return " · ".join(parts)
