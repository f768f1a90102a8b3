"""The page that people look at: pictures, sentences and tables of a result, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...files.atomic import atomic_write
from ..markup import Markup, element, join
from ..table import Table
from ..tables import (
    agreements_table,
    checks_table,
    control_table,
    grouped_notes,
    has_null,
    layers_table,
    minimal_table,
    planted_table,
    sizes_table,
    theorems_table,
)
from .curves import curves, heat_map, legend
from .dynamics import dynamics_section
from .matrices import matrix_map
from .minimal_matches import figures
from .populations import population_section
from .sentences import against_trained, count, in_common, itself, what_is_seen
from .style import STYLE
from .units import units_section

TRAINED = "other seed"
CONTROLS = ("untrained", "random labels")
MOST_CURVES = 24
"""Of more layers against layers than this, the curves are not drawn beside the matrix."""
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
    if "comparisons" in result:
        return _population_page(result)
    pairs = _pairs(result)
    title = "spanmatch: verification" if "pairs" in result else f"spanmatch: {pairs[0]['name']}"
    sections = [_pair(number, pair, _trained(pair, pairs)) for number, pair in enumerate(pairs, 1)]
    evidence = _evidence(result) if "pairs" in result else Markup("")
    dynamics = dynamics_section(result["dynamics"]) if result.get("dynamics") else Markup("")
    header = (_opening(result), _contents(pairs, bool(evidence), bool(dynamics)))
    bounds = next((pair["comparison"]["settings"]["verdict"] for pair in pairs if has_null(pair["comparison"])), None)
    return _document(title, header, (_guide(bounds), *sections, dynamics, evidence), _origin(result))


def inline(result: dict[str, Any], table: Table) -> str:
    """The page in a frame of its own, as a notebook shows it inside a cell; below it the table, for viewers that leave
    frames out."""
    frame = element(
        "iframe",
        srcdoc=page(result),
        sandbox="allow-scripts",
        style="width: 100%; height: 42rem; border: 1px solid #8888",
        title="Result of spanmatch",
    )
    return join(frame, element("details", element("summary", table.title), table.html()))


def _population_page(population: dict[str, Any]) -> str:
    """``Population.to_dict()``: all networks first, then each pair, folded."""
    names = population["networks"]
    pairs = [_pairs(one)[0] for one in population["comparisons"]]
    folded = [
        element("details", element("summary", pair["name"]), _pair(number, pair, None))
        for number, pair in enumerate(pairs, 1)
    ]
    title = f"spanmatch: {len(names)} {'checkpoints' if population['training'] else 'networks'}"
    bounds = population["settings"]["verdict"] if has_null(population) else None
    main = (population_section(population), _guide(bounds), element("h2", "Each pair"), *folded)
    return _document(title, (), main, _origin(population))


def dynamics_page(result: dict[str, Any]) -> str:
    """``DynamicsResult.to_dict()`` as a page of the same kind."""
    origin = [f"seed {result['seed']}", f"{result['grid']} × {result['grid']} distances", f"{result['seconds']} s"]
    origin += [f"{name} {version}" for name, version in result["versions"].items()]
    title = "spanmatch: the effective theory and trained networks"
    return _document(title, (), (dynamics_section(result),), " · ".join(origin))


def _document(title: str, header: Iterable[object], main: Iterable[object], origin: str) -> str:
    """What every page has: the title, what is below it, the sections, and where the numbers come from."""
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
    return [{"name": " against ".join(result["networks"]), "kind": "", "comparison": result, "agreements": []}]


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


def _guide(bounds: dict[str, float] | None) -> Markup:
    """What the numbers mean; of verdicts only where there is a null to compare with."""
    lines = [
        "Similarity s(ε) is the share of the neurons of both networks that are in the maximum match at ε: those that "
        "are linear combinations of the matched neurons of the other network up to the relative error ε. "
        "Area: the mean of s over all ε from 0 to 1. Dead: a neuron that is 0 on every input. Participation: the "
        "ratio (tr C)²/tr(C²) of the covariance C, an effective number of directions, in the first draw."
    ]
    if bounds:
        lines.append(
            "The null is the similarity after the images of one network have been shuffled, which leaves only what "
            "chance shares. The p-value is that of the permutation test on the area, for all layers together (Holm). "
            "The corrected area, (area − null) / (1 − null), is 0 where it is that of chance and 1 where everything "
            "matches. A layer is above chance where p is at most "
            f"{bounds['significance']}, little above it where its corrected area is at most {bounds['little']} all the "
            "same. Two untrained networks are above chance too, for they see the same images: where pairs of them were "
            "compared, a layer is above untrained if one more such pair would reach its corrected area with a "
            f"probability of at most {bounds['significance']}, for all layers together. A layer is rank-bound where "
            "both sides span the same few dimensions, whatever was learned."
        )
        lines.append(
            f"Chance epsilon: from this ε on at least {bounds['chance_share']:.0%} of the live neurons match with "
            "shuffled images too."
        )
    return element("section", element("h2", "How to read this"), *(element("p", line) for line in lines))


def _pair(number: int, pair: dict[str, Any], trained: dict[str, Any] | None) -> Markup:
    comparison = pair["comparison"]
    seen = what_is_seen(comparison)
    if pair["kind"] == "itself":
        seen = [itself(comparison), *seen]
    if pair["kind"] in CONTROLS:
        seen += against_trained(comparison, trained) if trained else ["This run has no trained pair to compare with."]
    parts: list[object] = [
        element("h2", pair["name"], " ", _kind(pair), id=f"pair-{number}"),
        element("ul", *(element("li", line) for line in seen), class_="seen"),
    ]
    if comparison.get("matrix"):
        parts += _matrix(comparison, pair["name"])
    crowded = comparison.get("matrix") and len(comparison["layers"]) > MOST_CURVES
    if not crowded and any(layer["epsilons"] for layer in comparison["layers"]):
        parts += _figures(comparison, pair["name"])
    if comparison["layers"]:
        parts.append(layers_table(comparison).html())
    if notes := [*comparison["notes"], *grouped_notes(comparison["layers"])]:
        parts.append(element("ul", *(element("li", note) for note in notes), class_="notes"))
    if trained:
        parts.append(control_table(comparison, trained, in_common(comparison, trained)).html())
    if pair["agreements"]:
        parts.append(agreements_table(pair["agreements"]).html())
    if minimal := comparison.get("minimal"):
        parts += [
            element("h3", "Minimal matches"),
            element(
                "p",
                "Each cell is a pair of neurons that are in a minimal match together: the fewer neurons the smallest "
                "such match has, the darker the cell. Neurons are ordered by the size of their minimal match: single "
                "dark cells are neurons shared one to one, pale blocks are shared only as groups.",
            ),
            *figures(minimal),
            minimal_table(minimal).html(),
            *([sizes_table(minimal).html()] if any(one.get("orders") for one in minimal) else []),
        ]
    if units := comparison.get("units"):
        parts.append(units_section(units, pair["name"]))
    return element("section", *parts)


def _figures(comparison: dict[str, Any], name: str) -> list[Markup]:
    null = has_null(comparison)
    said = ["Line: s, the mean over draws of inputs. Band: from the lowest draw to the highest."]
    if null:
        shuffles = count(comparison["settings"]["shuffles"], "shuffle")
        said.append(f"Dashed, in the layer's colour: the null, the mean over {shuffles} of the images.")
    heat: list[object] = ["One row per layer; the stronger the cell, the larger s."]
    if null:
        heat += [" ", element("span", class_="swatch"), " from here on shuffled images match too."]
    drawn = element("div", curves(comparison, name), legend(comparison), class_="pictures")
    return [
        element("h3", "Similarity curves"),
        element("figure", drawn, element("figcaption", " ".join(said))),
        element("h3", "Layer by epsilon"),
        element("figure", heat_map(comparison, name), element("figcaption", *heat)),
    ]


def _matrix(comparison: dict[str, Any], name: str) -> list[Markup]:
    matrix = comparison["matrix"]
    drawn = matrix_map(
        matrix["layers_a"], matrix["layers_b"], matrix["area"], title=f"Layer against layer, {name}", measure="area"
    )
    rows, columns = comparison["networks"]
    said = (
        f"Rows: layers of {rows}. Columns: layers of {columns}. The stronger the cell, the larger the area; a dot "
        "stands where nothing was compared."
    )
    return [element("h3", "Layer against layer"), element("figure", drawn, element("figcaption", said))]


def _evidence(result: dict[str, Any]) -> Markup:
    shares = result["shares"]
    cases = "; ".join(
        f"{name} {share:.0%} (at least {shares['required'][name]:.0%})" for name, share in shares["found"].items()
    )
    return join(
        element("h2", "Checks of the theorems", id="checks"),
        *(checks_table(name, outcomes).html() for name, outcomes in result["checks"].items()),
        element("p", f"Of {count(shares['cases'], 'generated case')}: {cases}.", class_="soft"),
        element("h2", "Planted answers", id="planted"),
        planted_table(result["planted"]).html(),
        element("h2", "Theorems", id="theorems"),
        element("div", theorems_table(result["theorems"], result["checks"]).html(), class_="theorems"),
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
