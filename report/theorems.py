"""The ledger of theorems as tables for a terminal and as a page of the documentation; from records only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .table import Column, Record, Table

HEAD = """\
# Theorems and their evidence

<!-- Written by `spanmatch theorems --markdown`; a test compares. -->

What each numbered statement says, what it needs, and what stands behind it; every name leads to the file that defines
it. `spanmatch theorems` prints the ledger, `spanmatch theorems T6` all of this for one statement, with lines and the
proof, and `--run` runs everything below but the Coq proofs (`make proofs`).

- **proved formally**: Coq has checked the whole statement ([how](../proofs_check/formal/README.md)).
- **symbolic**: sympy derives it in general symbols; *in part*: for the sizes, or the steps, that the proof names. Every
  derivation has been seen rejecting the wrong statements listed.
- **exhaustive to 3+2**: a check visits all 86 400 monotone covers on 3 + 2 neurons with `spanmatch verify --full`, and
  for T3 always; the test suite visits one of each class that differs in numbering only, for T3 and T7, and `--run` the
  1 296 on 2 + 2.
- **property-tested**: checks on generated activations or covers. Sampling proves nothing, but each check rejects the
  broken implementations listed, which answer most ordinary questions rightly.
- **needed**: an object, verified in exact arithmetic (T17's by integration), on which the theorem fails without that
  hypothesis alone.
"""


def ledger_table(theorems: Sequence[Record]) -> Table:
    """Every theorem of the ledger: what implements it, what stands behind it, how far that goes."""
    columns = [
        Column("id", "id", kind="word"),
        Column("theorem", lambda one: f"{one['name']}: {one['statement']}", kind="text"),
        Column("implemented by", lambda one: ", ".join(one["implemented_by"]), kind="text", rank=2),
        Column("what stands behind it", _behind, kind="text", rank=1),
        Column("evidence", lambda one: ", ".join(one["evidence"]), kind="text"),
    ]
    return Table("Ledger of theorems", columns, theorems)


def one_statement(one: Record) -> Iterator[str]:
    """All that there is about one statement, as lines for a terminal; each name with its file and line."""
    yield f"{one['id']} {one['name']}"
    yield f"  {one['statement']}"
    yield f"needs: {one['hypotheses']}"
    if one["rests_on"]:
        yield f"rests on: {', '.join(one['rests_on'])}"
    yield f"source: {one['source']}"
    yield f"evidence: {', '.join(one['evidence'])}"
    yield from _lines("code", ((_at(code), code["name"]) for code in one["code"]))
    yield from _lines("used in", (("", _used(other)) for other in one["used_in"]))
    yield from _lines("checks, and the broken implementations that each rejects", _checks(one))
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


def _used(other: Record) -> str:
    code = ", ".join(other["implemented_by"])
    return f"{other['id']} {other['name']}" + f": {code}" * bool(code)


def _checks(one: Record) -> Iterator[tuple[str, str]]:
    places = {broken["name"]: _at(broken) for broken in one["killers"]}
    for check in one["checks"]:
        yield _at(check), f"{check['id']} ({check['level']}): {check['statement']}"
        for name in check["kills"]:
            yield places[name], f"  rejects: {name}"


def _lines(heading: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (place, text) in enumerate(entries):
        if not number:
            yield f"{heading}:"
        yield f"  {text}" + f"  [{place}]" * bool(place)


def _at(one: Record) -> str:
    return f"{one['file']}:{one['line']}"


def _behind(theorem: Record) -> str:
    kinds = (
        ("checks:", "checked_by"), ("symbolic:", "symbolic"), ("hypotheses needed:", "counterexamples"),
        (_formal(theorem), "formal"),
    )  # fmt: skip
    return "; ".join(f"{heading} {', '.join(theorem[field])}" for heading, field in kinds if theorem[field])


def _formal(theorem: Record) -> str:
    part = theorem.get("proved_in_part")
    return f"Coq, in part ({part}):" if part else "Coq:"


def run_table(run: Record) -> Table:
    """What a run of the ledger saw, a row for each theorem."""
    columns = [
        Column("id", "id", kind="word"),
        Column("theorem", "name", kind="text"),
        Column("evidence", lambda one: ", ".join(one["evidence"]), kind="text", rank=2),
        Column("cases run", "cases", ",", rank=1),
        Column("identities", "identities", ",", rank=1),
        Column("hypotheses shown needed", "counterexamples", ",", rank=1),
        Column("broken ones rejected", lambda one: len(one["kills"]), ",", rank=1),
        Column("verdict", lambda one: "failed" if one["faults"] else "ok", kind="verdict"),
    ]
    title = f"Theorems, run in {run['seconds']:.0f} s with {run['cases']} cases for each check and seed {run['seed']}"
    return Table(title, columns, run["theorems"])


def ledger_page(theorems: Sequence[Record], others: Sequence[Record]) -> str:
    """docs/theorems.md: an overview, then each theorem with all its evidence. Holds nothing that a run decides."""
    columns = [
        Column("", lambda one: f"[{one['id']}](#{one['id'].lower()})", kind="word"),
        Column("theorem", "name", kind="text"),
        Column("evidence", lambda one: ", ".join(one["evidence"]), kind="text"),
        Column("checks", lambda one: len(one["checks"])),
        Column("rejected", lambda one: len(one["kills"])),
        Column("hypotheses shown needed", lambda one: len(one["needed"])),
    ]
    parts = [HEAD, Table("", columns, theorems).markdown(), *(_section(one) for one in theorems)]
    parts.append("## Definitions and algorithms\n")
    parts += [_section(one, level=3) for one in others]
    return "\n".join(parts)


def _section(one: Record, level: int = 2) -> str:
    lines = [f"{'#' * level} {one['id']}", "", f"**{_text(one['name'])}**: {_text(one['statement'])}.", ""]
    proof = f" [Text and proof]({one['theory'].removeprefix('docs/')})." if one["theory"] else ""
    rests = f" *Rests on:* {_ids(one['rests_on'])}." if one["rests_on"] else ""
    lines += [f"*Needs:* {_text(one['hypotheses'])}.{rests} *Source:* {one['source']}.{proof}", ""]
    if one["used_in"]:
        lines.append(f"- Used in: {_ids(other['id'] for other in one['used_in'])}")
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
        lines.append(f"- Check {_link(check, 'id')}: {_text(check['statement'])}. *Rejects:* {kills}.")
    lines += [
        f"- Needed, {_text(case['hypothesis'])} ({_link(case, 'id')}): {_text(case['why'])}." for case in one["needed"]
    ]
    lines += [f"- Not needed, {_text(case['hypothesis'])}: {_text(case['why'])}." for case in one["unneeded"]]
    return "\n".join([*lines, ""])


def _ids(several: Iterable[str]) -> str:
    """Links to other sections of the page."""
    return ", ".join(f"[{id}](#{id.lower()})" for id in several)


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
