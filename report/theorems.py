"""The ledger of theorems as tables for a terminal and as a page of the documentation; from records only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from .table import Record

HEAD = """\
# Theorems and their evidence

<!-- Written by `spanmatch theorems --markdown`; a test compares. -->

What each numbered statement says, what it needs, and what stands behind it; every name leads to the file that defines
it. `spanmatch theorems` prints the ledger, `spanmatch theorems T6` all of this for one statement, with lines and the
proof, and `--run` runs everything below but the Coq proofs (`make proofs`).

- **proved formally**: Coq has checked the whole statement ([how](../proofs_check/formal/README.md)).
- **symbolic**: sympy derives it in general symbols; *in part*: for the sizes, or the steps, that the proof names. Every
  derivation has been seen rejecting the wrong statements listed.
- **exhaustive to 3+2**: in the test suite a check visits all 86 400 monotone covers on 3 + 2 neurons; `--run` visits
  the 1 296 on 2 + 2.
- **property-tested**: checks on generated activations or covers. Sampling proves nothing, but each check rejects the
  broken implementations listed, which answer most ordinary questions rightly.
- **needed**: an object, verified in exact arithmetic (T17's by integration), on which the theorem fails without that
  hypothesis alone.
"""


def ledger_table(theorems: Sequence[Record]) -> Table:
    """Every theorem of the ledger: what implements it, what checks it, how far that goes."""
    table = Table(title="Ledger of theorems", show_lines=True)
    for heading in ("id", "theorem", "implemented by", "evidence", "status"):
        table.add_column(heading, overflow="fold")
    for theorem in theorems:
        table.add_row(
            theorem["id"],
            f"[bold]{escape(theorem['name'])}[/]\n{escape(theorem['statement'])}",
            "\n".join(theorem["implemented_by"]),
            escape("\n".join(_names(theorem))),
            escape("\n".join(theorem["evidence"])),
        )
    return table


def one_statement(one: Record) -> Iterator[str]:
    """All that there is about one statement, as lines for a terminal; each name with its file and line."""
    yield f"{one['id']} {one['name']}"
    yield f"  {one['statement']}"
    yield f"needs: {one['hypotheses']}"
    yield f"source: {one['source']}"
    yield f"evidence: {', '.join(one['evidence'])}"
    yield from _lines("code", ((_at(code), code["name"]) for code in one["code"]))
    checks = ((_at(check), f"{check['id']} ({check['level']}): {check['statement']}") for check in one["checks"])
    yield from _lines("checks", checks)
    yield from _lines("rejects", ((_at(broken), broken["name"]) for broken in one["killers"]))
    yield from _lines(_formal(one).rstrip(":"), ((_at(coq), coq["name"]) for coq in one["coq"]))
    proofs = ((_at(proof), f"{proof['id']}: {proof['statement']}") for proof in one["symbolic_proofs"])
    yield from _lines("symbolic proofs", proofs)
    cases = ((_at(case), f"{case['id']}: {case['hypothesis']}: {case['why']}") for case in one["needed"])
    yield from _lines("hypotheses shown needed", cases)
    yield from _lines("not needed", (("", f"{case['hypothesis']}: {case['why']}") for case in one["unneeded"]))
    yield f"theory: {one['theory'] or 'docs/theory is not installed here'}"
    if one["proof"]:
        yield ""
        yield one["proof"]


def _lines(heading: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (place, text) in enumerate(entries):
        if not number:
            yield f"{heading}:"
        yield f"  {text}" + f"  [{place}]" * bool(place)


def _at(one: Record) -> str:
    return f"{one['file']}:{one['line']}"


def _names(theorem: Record) -> Iterator[str]:
    for heading, field in (
        ("checks:", "checked_by"), ("symbolic:", "symbolic"), ("hypotheses needed:", "counterexamples"),
        (_formal(theorem), "formal"),
    ):  # fmt: skip
        if theorem[field]:
            yield heading
            yield from (f"  {name}" for name in theorem[field])


def _formal(theorem: Record) -> str:
    part = theorem.get("proved_in_part")
    return f"Coq, in part ({part}):" if part else "Coq:"


def run_table(run: Record) -> Table:
    """What a run of the ledger saw, a row for each theorem."""
    title = f"Theorems, run in {run['seconds']:.0f} s with {run['cases']} cases a check and seed {run['seed']}"
    table = Table(title=title)
    for heading in ("id", "theorem", "status"):
        table.add_column(heading, overflow="fold")
    for heading in ("cases run", "identities", "hypotheses\nshown needed", "broken ones\nkilled"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    for theorem in run["theorems"]:
        verdict = "[red]failed[/]" if theorem["faults"] else "ok"
        numbers = (theorem["cases"], theorem["identities"], theorem["counterexamples"], len(theorem["kills"]))
        table.add_row(
            theorem["id"],
            escape(theorem["name"]),
            escape(", ".join(theorem["evidence"])),
            *(f"{number:,}" for number in numbers),
            verdict,
        )
    return table


def ledger_page(theorems: Sequence[Record], others: Sequence[Record]) -> str:
    """docs/theorems.md: an overview, then each theorem with all its evidence. Holds nothing that a run decides."""
    headings = ("", "theorem", "evidence", "checks", "kills", "hypotheses shown needed")
    rows = [
        (
            f"[{one['id']}](#{one['id'].lower()})",
            one["name"],
            ", ".join(one["evidence"]),
            len(one["checks"]),
            len(one["kills"]),
            len(one["needed"]),
        )
        for one in theorems
    ]
    parts = [HEAD, _table(headings, rows), *(_section(one) for one in theorems)]
    parts.append("## Definitions and algorithms\n")
    parts += [_section(one, level=3) for one in others]
    return "\n".join(parts)


def _table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    listed = [list(headings)]
    lines = [listed[0], ["---"] * len(listed[0]), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _section(one: Record, level: int = 2) -> str:
    lines = [f"{'#' * level} {one['id']}", "", f"**{_text(one['name'])}**: {_text(one['statement'])}.", ""]
    proof = f" [Text and proof]({one['theory'].removeprefix('docs/')})." if one["theory"] else ""
    lines += [f"*Needs:* {_text(one['hypotheses'])}. *Source:* {one['source']}.{proof}", ""]
    if one["code"]:
        lines.append(f"- Code: {_links(one['code'])}")
    if one["coq"]:
        lines.append(f"- {_formal(one)} {_links(one['coq'])}")
    lines += [
        f"- Symbolic {_link(proof, 'id')}: {_text(proof['statement'])}. *Scope:* {_text(proof['scope'])}. "
        f"*Rejects:* {_text('; '.join(proof['rejects']))}."
        for proof in one["symbolic_proofs"]
    ]
    killers = {broken["name"]: broken for broken in one["killers"]}
    for check in one["checks"]:
        kills = "; ".join(f"[{_text(name)}]({_file(killers[name])})" for name in check["kills"])
        lines.append(f"- Check {_link(check, 'id')}: {_text(check['statement'])}. *Kills:* {kills}.")
    lines += [
        f"- Needed, {_text(case['hypothesis'])} ({_link(case, 'id')}): {_text(case['why'])}." for case in one["needed"]
    ]
    lines += [f"- Not needed, {_text(case['hypothesis'])}: {_text(case['why'])}." for case in one["unneeded"]]
    return "\n".join([*lines, ""])


def _links(several: Iterable[Record]) -> str:
    return ", ".join(_link(one, "name") for one in several)


def _link(one: Record, name: str) -> str:
    return f"[`{one[name]}`]({_file(one)})"


def _file(one: Record) -> str:
    """From docs/, where the page stands; without a line, which would not stay right."""
    return f"../{one['file']}"


def _text(words: str) -> str:
    """Plain text that Markdown takes as it is."""
    for character in "\\*_<>[]":
        words = words.replace(character, f"\\{character}")
    return words
