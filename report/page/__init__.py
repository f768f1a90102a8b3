"""The page that people look at: pictures, sentences and tables of a result, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...algorithms.structure import SIZE_CLASSES
from ...files.atomic import atomic_write
from ..markup import Markup, element, join
from ..pictures import Pictures
from ..populations import population_table
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
    size_name,
    sizes_table,
    theorems_table,
)
from .curves import curves, heat_map, legend
from .dynamics import dynamics_section
from .embedded import Shown, data_and_script, dial, policy
from .matrices import matrix_map
from .minimal_matches import figures
from .opening import of_comparison, profile, questions, with_controls
from .populations import population_section
from .sentences import against_trained, count, in_common, itself, of_each_layer, what_is_seen
from .style import STYLE
from .terms import guide
from .units import units_section

TRAINED = "other seed"
CONTROLS = ("untrained", "random labels")
MOST_CURVES = 24
"""Of more layers against layers than this, the curves are not drawn beside the matrix."""


def write_page(result: dict[str, Any], path: Path | str, pictures: Pictures | None = None) -> None:
    """Write ``page(result, pictures)`` to ``path``, whole or not at all. Raises: ``InvalidFile``."""
    with atomic_write(path) as target:
        target.write_text(page(result, pictures), encoding="utf-8")


def page(result: dict[str, Any], pictures: Pictures | None = None) -> str:
    """A result as one self-contained HTML page, well-formed as XML too; nothing comes from the network.

    Parameters: ``result``: ``VerificationReport.to_dict()``, ``Population.to_dict()`` (it has "comparisons"), or
    ``Comparison.to_dict()`` (it has "layers"); ``pictures``: of the images that it names, where they can be shown.
    """
    shown = Shown(result, pictures)
    if "comparisons" in result:
        return _population_page(result, shown)
    verified = "pairs" in result
    pairs = _pairs(result)
    title = "spanmatch: verification" if verified else f"spanmatch: {pairs[0]['name']}"
    sections = [
        _pair(number, pair, _trained(pair, pairs), shown, f"pairs.{number - 1}.comparison." if verified else "")
        for number, pair in enumerate(pairs, 1)
    ]
    tables = [population_table(one).html() for one in result.get("populations", ())]
    title_of_all = element("h2", "Networks that differ in their seeds, over all pairs", id="populations")
    over_pairs = join(title_of_all, *tables) if tables else ""
    evidence = _evidence(result) if verified else Markup("")
    dynamics = dynamics_section(result["dynamics"]) if result.get("dynamics") else Markup("")
    first = pairs[0]["comparison"] if pairs else {"layers": []}
    series = [] if not pairs else with_controls(shown, result) if verified else of_comparison(shown, first, "")
    header = (
        _verdict(result) if verified else "",
        element("p", f"First of {len(pairs)} pairs: {pairs[0]['name']}.", class_="soft") if len(pairs) > 1 else "",
        questions(shown, first, series),
    )
    contents = _contents(pairs, bool(evidence), bool(dynamics)) if verified else ""
    top = dial(shown), profile(shown, first, series, "pair-1"), contents
    bounds = next((pair["comparison"]["settings"]["verdict"] for pair in pairs if has_null(pair["comparison"])), None)
    return _document(title, header, (*top, over_pairs, *sections, dynamics, evidence, guide(bounds)), shown)


def inline(result: dict[str, Any], table: Table, pictures: Pictures | None = None) -> str:
    """The page in a frame of its own, as a notebook shows it inside a cell; below it the table, for viewers that leave
    frames out."""
    frame = element(
        "iframe",
        srcdoc=page(result, pictures),
        sandbox="allow-scripts",
        style="width: 100%; height: 42rem; border: 1px solid #8888",
        title="Result of spanmatch",
    )
    return join(frame, element("details", element("summary", table.title), table.html()))


def _population_page(population: dict[str, Any], shown: Shown) -> str:
    """``Population.to_dict()``: all networks first, then each pair, folded."""
    names = population["networks"]
    pairs = [_pairs(one)[0] for one in population["comparisons"]]
    folded = [
        element(
            "details",
            element("summary", pair["name"]),
            _pair(number, pair, None, shown, f"comparisons.{number - 1}."),
        )
        for number, pair in enumerate(pairs, 1)
    ]
    title = f"spanmatch: {len(names)} {'checkpoints' if population['training'] else 'networks'}"
    bounds = population["settings"]["verdict"] if has_null(population) else None
    series = of_comparison(shown, population, "")
    main = (
        dial(shown),
        profile(shown, population, series, "pair-1"),
        population_section(population, shown),
        element("h2", "Each pair"),
        *folded,
        guide(bounds),
    )
    return _document(title, (questions(shown, population, series),), main, shown)


def dynamics_page(result: dict[str, Any]) -> str:
    """``DynamicsResult.to_dict()`` as a page of the same kind; nothing in it moves."""
    origin = [f"seed {result['seed']}", f"{result['grid']} × {result['grid']} distances", f"{result['seconds']} s"]
    origin += [f"{name} {version}" for name, version in result["versions"].items()]
    title = "spanmatch: the effective theory and trained networks"
    return _written(title, (), (dynamics_section(result),), " · ".join(origin), Markup(""))


def _document(title: str, header: Iterable[object], main: Iterable[object], shown: Shown) -> str:
    """A page that moves: with the run, and the script that shows it."""
    return _written(title, header, main, _origin(shown.result), data_and_script(shown) if shown.grid else Markup(""))


def _written(title: str, header: Iterable[object], main: Iterable[object], origin: str, script: Markup) -> str:
    """What every page has: the title, what is below it, the sections, and where the numbers come from."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("header", element("h1", title), *header),
        element("main", *main),
        element("footer", element("p", origin)),
        script,
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


def _verdict(result: dict[str, Any]) -> Markup:
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
    links.append(element("li", element("a", "how to read this", href="#guide")))
    return element("nav", element("ul", *links), aria_label="Contents")


def _pair(number: int, pair: dict[str, Any], trained: dict[str, Any] | None, shown: Shown, where: str) -> Markup:
    """One pair; ``where``: the path of its comparison in the run."""
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
    if each := of_each_layer(comparison):
        lines = element("ul", *(element("li", line) for line in each), class_="seen")
        parts.append(element("details", element("summary", "Each layer in words"), lines))
    if comparison.get("matrix"):
        parts += _matrix(comparison, pair["name"], shown, where)
    crowded = comparison.get("matrix") and len(comparison["layers"]) > MOST_CURVES
    if not crowded and any(layer["epsilons"] for layer in comparison["layers"]):
        parts += _figures(comparison, pair["name"], shown, where)
    if comparison["layers"]:
        # What the script looks into; of layers without the page's epsilons there is nothing to show.
        follows = all(map(shown.follows, comparison["layers"]))
        place = {"data_where": where, "data_pair": f"pair-{number}"} if follows else {}
        parts.append(element("div", layers_table(comparison).html(), class_="layers" if follows else None, **place))
        classes = "|".join(size_name(*size) for size in SIZE_CLASSES)
        parts.append(element("div", class_="look", data_classes=classes, **place) if follows else "")
    if notes := [*comparison["notes"], *grouped_notes(comparison["layers"])]:
        parts.append(element("ul", *(element("li", note) for note in notes), class_="notes"))
    if trained:
        parts.append(control_table(comparison, trained, in_common(comparison, trained)).html(pair["name"]))
    if pair["agreements"]:
        parts.append(agreements_table(pair["agreements"]).html(pair["name"]))
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
            minimal_table(minimal).html(pair["name"]),
            *([sizes_table(minimal).html(pair["name"])] if any(one.get("orders") for one in minimal) else []),
        ]
    if units := comparison.get("units"):
        parts.append(units_section(units, pair["name"]))
    return element("section", *parts)


def _figures(comparison: dict[str, Any], name: str, shown: Shown, where: str) -> list[Markup]:
    null = has_null(comparison)
    said = ["Line: s, the mean over draws of inputs. Band: from the lowest draw to the highest."]
    if null:
        shuffles = count(comparison["settings"]["shuffles"], "shuffle")
        said.append(f"Dashed, in the layer's colour: the null, the mean over {shuffles} of the images.")
    if any(layer["baseline"] for layer in comparison["layers"]):
        said.append("Dotted: untrained networks, the mean of their pairs.")
    heat: list[object] = ["One row per layer; the stronger the cell, the larger s."]
    if null:
        heat += [" ", element("span", class_="swatch"), " from here on shuffled images match too."]
    drawn = element("div", curves(comparison, name, shown, where), legend(comparison), class_="pictures")
    return [
        element("h3", "Similarity curves"),
        element("figure", drawn, element("figcaption", " ".join(said))),
        element("h3", "Layer by epsilon"),
        element("figure", heat_map(comparison, name, shown), element("figcaption", *heat)),
    ]


def _matrix(comparison: dict[str, Any], name: str, shown: Shown, where: str) -> list[Markup]:
    matrix = comparison["matrix"]
    place = {(layer["layer_a"], layer["layer_b"]): k for k, layer in enumerate(comparison["layers"])}
    paths = [
        [f"{where}layers.{place[a, b]}.similarity.*" if (a, b) in place else None for b in matrix["layers_b"]]
        for a in matrix["layers_a"]
    ]
    drawn = matrix_map(matrix["layers_a"], matrix["layers_b"], paths, shown, title=f"Layer against layer, {name}")
    rows, columns = comparison["networks"]
    said = (
        f"Rows: layers of {rows}. Columns: layers of {columns}. The stronger the cell, the larger s; a dot stands "
        "where nothing was compared."
    )
    heading = element("h3", "Layer against layer, ", shown.text("s at ε = {e}"))
    return [heading, element("figure", drawn, element("figcaption", said))]


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


def _origin(result: Mapping[str, Any]) -> str:
    parts = [f"seed {result['seed']}"]
    if "pairs" in result:
        parts += [f"mode {result['mode']}", f"{result['seconds']} s"]
    else:
        settings = {name: value for name, value in result["settings"].items() if name != "verdict"}
        parts += [f"{name} {value}" for name, value in settings.items() if value is not None]
    parts += [f"{name} {version}" for name, version in result["versions"].items()]
    return " · ".join(parts)
