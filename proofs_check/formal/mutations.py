"""Shows that the proofs notice: each small falsification of a definition or statement must be refused.

Run as `python mutations.py [--only NAME]`. The unchanged sources are compiled once in a temporary folder; each
falsification changes one place of one file there (the old text must occur exactly once) and compiles that file and,
while nothing is refused, the files after it in dependency order. A falsification counts as rejected only when Coq
stops inside a proof: a change that no longer parses or has a wrong type would say nothing about the theorems.
Every change makes the theorem it hits false (not merely its proof too short).
Exit status: 0 all rejected, 1 one survived or was refused for another reason, 2 Coq or MathComp is absent.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMPORT = re.compile(r"^From spanmatch Require Import ([a-z ]+)\.", re.MULTILINE)
BEGINNING = re.compile(r"^(?:Theorem|Lemma|Corollary|Remark|Fact|Let|Definition|Fixpoint|Inductive) (\w+)")


@dataclass(frozen=True)
class Falsification:
    """One wrong change: ``old`` occurs exactly once in ``file``."""

    name: str
    ids: str
    file: str
    old: str
    new: str


FALSIFICATIONS = (
    Falsification(
        "stable for a factor of 1",
        "T19",
        "stable",
        "<= (1 + 4%:R / s) * (eps",
        "<= (1 + 0%:R / s) * (eps",
    ),
    Falsification(
        "needed are those without which v still matches",
        "T20",
        "stable",
        "(v \\notin maxst cov (setT :\\ u))].",
        "(v \\in maxst cov (setT :\\ u))].",
    ),
    Falsification(
        "cover need not be monotone",
        "D8",
        "cover",
        "M \\subset N -> cov z M -> cov z N.",
        "M = N -> cov z M -> cov z N.",
    ),
    Falsification(
        "union of matches becomes a difference",
        "T2",
        "main",
        "eps_approximate_match eps (pU P Q).",
        "eps_approximate_match eps (P.1 :\\: Q.1, P.2).",
    ),
    Falsification(
        "peeling may remove covered neurons",
        "T4",
        "peeling",
        "of V != set0 & V \\subset violators M",
        "of V != set0 & V \\subset M :|: violators M",
    ),
    Falsification(
        "peeling may stop before a match",
        "T4",
        "main",
        "peel_steps eps n S M -> eps_approximate_match eps M -> maximum_match eps S M.",
        "peel_steps eps n S M -> psub M S -> maximum_match eps S M.",
    ),
    Falsification(
        "nestedness the other way round",
        "T5",
        "main",
        "0 <= eps <= eps' -> maximum_match eps S M ->",
        "0 <= eps' <= eps -> maximum_match eps S M ->",
    ),
    Falsification(
        "peel the smallest residual",
        "T6",
        "levels",
        "[&& z \\in S, [forall u in S, r u S <= r z S] & peel_order (S :\\ z) s']",
        "[&& z \\in S, [forall u in S, r z S <= r u S] & peel_order (S :\\ z) s']",
    ),
    Falsification(
        "the radius is the last residual, not the running minimum",
        "T6",
        "levels",
        "let t' := Order.min t (r z S) in",
        "let t' := (r z S) in",
    ),
    Falsification(
        "radii strictly below the level only",
        "T6",
        "main",
        "(pin v M <-> pair_radius rX rY 1 S s v <= eps).",
        "(pin v M <-> pair_radius rX rY 1 S s v < eps).",
    ),
    Falsification(
        "radii move by half the residual error",
        "T18",
        "levels",
        "`|peel_radius q t S s' v - peel_radius r t S s v| <= d.",
        "`|peel_radius q t S s' v - peel_radius r t S s v| *+ 2 <= d.",
    ),
    Falsification(
        "every minimal match is the maximum match",
        "T7",
        "main",
        "exists2 Q, minimal_match eps v Q & psub Q P.",
        "exists2 Q, minimal_match eps v Q & Q = P.",
    ),
    Falsification(
        "the intersection of the two minimal matches is a match",
        "T8",
        "main",
        "& ~ eps_approximate_match zX zY eps (pI P Q)].",
        "& eps_approximate_match zX zY eps (pI P Q)].",
    ),
    Falsification(
        "T8 for eps = 1 too",
        "T8",
        "main",
        "Theorem T8_minimal_matches_not_unique (R : realFieldType) (eps : R) :\n    0 <= eps < 1 ->",
        "Theorem T8_minimal_matches_not_unique (R : realFieldType) (eps : R) :\n    0 <= eps <= 1 ->",
    ),
    Falsification(
        "equal sizes with independence on one side only",
        "T9",
        "span",
        "Hypotheses (indX : indep zX exact_max.1) (indY : indep zY exact_max.2).",
        "Hypotheses (indX : indep zX exact_max.1) (indY : indep zX exact_max.1).",
    ),
    Falsification(
        "edges where the coefficient is zero",
        "T10",
        "digraph",
        "[&& y \\in M.2, x \\in M.1 & C x y != 0%R]",
        "[&& y \\in M.2, x \\in M.1 & C x y == 0%R]",
    ),
    Falsification(
        "components without the way back",
        "T10",
        "digraph",
        "Definition mutual v u := connect e v u && connect e u v.",
        "Definition mutual v u := connect e v u && connect e v u.",
    ),
    Falsification(
        "balanced sizes by the size of the smaller network",
        "T11",
        "main",
        "eps ^+ 2 * (maxn #|X| #|Y|)%:R < sigma2 ->",
        "eps ^+ 2 * (minn #|X| #|Y|)%:R < sigma2 ->",
    ),
    Falsification(
        "neurons may be scaled by zero",
        "T12",
        "main",
        "    (forall x, a x != 0) -> (forall y, b y != 0) ->\n  eps_approximate_match",
        "    (forall x, a x == 0) -> (forall y, b y != 0) ->\n  eps_approximate_match",
    ),
    Falsification(
        "exact matches under any linear map",
        "T12",
        "main",
        "(forall u : 'rV[R]_d, u *m f = 0 -> u = 0) ->",
        "(forall u : 'rV[R]_d, u = 0 -> u *m f = 0) ->",
    ),
    Falsification(
        "robustness without the division by 1 - delta",
        "T14",
        "main",
        "((eps + delta * (1 + kappa)) / (1 - delta)) P.",
        "(eps + delta * (1 + kappa)) P.",
    ),
    Falsification(
        "evictions that keep the neuron",
        "T15",
        "duality",
        "Definition evicts v H := v \\notin maxst cov (~: H).",
        "Definition evicts v H := v \\in maxst cov (~: H).",
    ),
    Falsification(
        "sets that meet only one eviction set",
        "T15",
        "duality",
        "Definition meets_all F M := [forall H, F H ==> (M :&: H != set0)].",
        "Definition meets_all F M := [exists H, F H && (M :&: H != set0)].",
    ),
    Falsification(
        "deletion may remove the neuron itself",
        "A2",
        "minimal",
        "if (u \\in M) && (u != v) && (v \\in maxst (M :\\ u)) then",
        "if (u \\in M) && (u != v) then",
    ),
    Falsification(
        "deletion need not try every neuron",
        "A2",
        "main",
        "(forall u, pin u S -> u \\in s) ->\n  minimal_match eps v (deletion",
        "(forall u, u \\in s -> pin u S) ->\n  minimal_match eps v (deletion",
    ),
    Falsification(
        "one sweep fewer is enough",
        "A3",
        "pairs",
        "#|S.1| + #|S.2| <= n -> iter n (sweep covX covY) S = max_match S.",
        "#|S.1| + #|S.2| <= n.+1 -> iter n (sweep covX covY) S = max_match S.",
    ),
    Falsification(
        "downdate by the coefficient, not its square",
        "A4",
        "main",
        "squared_distance z u (B :\\ b) (q + t b ^+ 2 / h b)",
        "squared_distance z u (B :\\ b) (q + t b / h b)",
    ),
    Falsification(
        "updated coefficients with the wrong sign",
        "A4",
        "euclid",
        "Definition downdated b h t (j : I) := t j - t b * h j / h b.",
        "Definition downdated b h t (j : I) := t j + t b * h j / h b.",
    ),
    Falsification(
        "a pivot with a zero coefficient",
        "A4",
        "main",
        "b \\in B -> u \\notin B -> z u = combination z B t -> t b != 0 ->",
        "b \\in B -> u \\notin B -> z u = combination z B t -> t b == 0 ->",
    ),
    Falsification(
        "the program keeps uncovered neurons",
        "A3",
        "tables",
        "table_rounds n' [seq z <- M | cov z M] else M.",
        "table_rounds n' [seq z <- M | ~~ cov z M] else M.",
    ),
    Falsification(
        "the program picks a smallest residual",
        "T6",
        "tables",
        "(if Nat.ltb (r best M) (r z M) then z else best)",
        "(if Nat.ltb (r z M) (r best M) then z else best)",
    ),
    Falsification(
        "an approximation may use neurons outside the set",
        "A8",
        "checker",
        "[seq if p.1 then p.2 else 0 | p <- zip T c]",
        "[seq p.2 | p <- zip T c]",
    ),
    Falsification(
        "a denominator of zero approximates everything",
        "A8",
        "checker",
        "(0 <? q) && (den * den * remaining remainders <=? num * num * (q * q * n)).",
        "(0 <=? q) && (den * den * remaining remainders <=? num * num * (q * q * n)).",
    ),
    Falsification(
        "a neuron at epsilon exactly is beyond it",
        "A8",
        "checker",
        "bound <? den * den * remaining r\n",
        "bound <=? den * den * remaining r\n",
    ),
    Falsification(
        "the least eigenvalue without its scale",
        "A8",
        "checker",
        "least f * remaining r - scale f * inside",
        "least f * remaining r - inside",
    ),
    Falsification(
        "the least eigenvalue is taken on trust",
        "A8",
        "checker",
        "least f + others <=? nth 0 e k",
        "others <=? nth 0 e k",
    ),
    Falsification(
        "errors beside the diagonal may cancel",
        "A8",
        "checker",
        "map Z.abs (restrict (alive l) e)",
        "id (restrict (alive l) e)",
    ),
    Falsification(
        "a factor of negative weight",
        "A8",
        "checker",
        "0 <=? weight f, 0 <? least f",
        "weight f <=? 0, 0 <? least f",
    ),
    Falsification(
        "neurons of norm 1 count as dead",
        "A8",
        "checker",
        "[seq ~~ (n =? 0) | n <- norms l]",
        "[seq 1 <? n | n <- norms l]",
    ),
    Falsification(
        "one near member is enough",
        "A8",
        "checker",
        "near_pair P s && matches",
        "near_pair P s || matches",
    ),
    Falsification(
        "what is peeled need not be beyond",
        "A8",
        "checker",
        "if beyond_pair P s then",
        "if ~~ beyond_pair P s then",
    ),
    Falsification(
        "the peel may stop before the match",
        "A8",
        "checker",
        "included rest M else false]",
        "included M rest else false]",
    ),
    Falsification(
        "a member is needed when the match without it is smaller",
        "A8",
        "checker",
        "~~ included N rest",
        "~~ included P rest",
    ),
    Falsification(
        "some members need not be needed",
        "A8",
        "checker",
        "  else included P N.",
        "  else included N P.",
    ),
    Falsification(
        "the neuron need not be in its minimal match",
        "A8",
        "checker",
        "has M u && needed",
        "has all u && needed",
    ),
    Falsification(
        "dead neurons may be matched whatever the policy",
        "A8",
        "checker",
        "included M all,",
        "included all all,",
    ),
    Falsification(
        "negative exponents count as positive",
        "A8",
        "checker",
        "Z.shiftl x.1 (x.2 - e)",
        "Z.shiftl x.1 (Z.abs x.2)",
    ),
    Falsification(
        "columns need not be of equal length",
        "A8",
        "checker",
        "  | [::], [::] => true\n  | _, _ => false",
        "  | [::], [::] => true\n  | _, _ => true",
    ),
)


def order_of_files() -> list[str]:
    """The proof files in the order in which build.sh compiles them."""
    found = re.search(r'^files="([a-z ]+)"$', (HERE / "build.sh").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit("mutations.py: no list of files in build.sh")
    return found.group(1).split()


def dependents(changed: str, files: list[str], folder: Path) -> list[str]:
    """``changed`` and every later file that needs it, directly or not."""
    needed = {changed}
    for file in files:
        imported = set(" ".join(IMPORT.findall((folder / f"{file}.v").read_text(encoding="utf-8"))).split())
        if imported & needed:
            needed.add(file)
    return [file for file in files if file in needed]


def compile_file(file: str, folder: Path) -> str:
    """Coq's error message, empty when the file is accepted."""
    command = [
        "coqc",
        "-q",
        "-w",
        "-notation-overridden,-ambiguous-paths,-overriding-delimiting-key,-hiding-delimiting-key",
        "-R",
        ".",
        "spanmatch",
        f"{file}.v",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr + done.stdout or f"exit status {done.returncode}"


def place_of(message: str, file: str, folder: Path) -> tuple[bool, str]:
    """Whether Coq stopped inside a proof, and where that is."""
    found = re.search(r"line (\d+), characters", message)
    if found is None or "Syntax error" in message:
        return False, message.strip().splitlines()[-1]
    lines = (folder / f"{file}.v").read_text(encoding="utf-8").splitlines()[: int(found.group(1))]
    in_proof, name = False, "?"
    for number, line in enumerate(lines, start=1):
        last = number == len(lines)
        if beginning := BEGINNING.match(line):
            in_proof, name = False, beginning.group(1)
        if line.startswith("Proof."):
            in_proof = True
        elif re.search(r"\bQed\.\s*$", line) and not last:
            in_proof = False
    return in_proof, f"{name} ({file}.v)"


def judge(change: Falsification, files: list[str], compiled: Path, scratch: Path) -> tuple[bool, str]:
    """Whether the falsification is rejected in a proof, and in which one."""
    folder = scratch / "changed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(compiled, folder)
    source = (folder / f"{change.file}.v").read_text(encoding="utf-8")
    if source.count(change.old) != 1:
        return False, f"the old text occurs {source.count(change.old)} times in {change.file}.v, not once"
    (folder / f"{change.file}.v").write_text(source.replace(change.old, change.new), encoding="utf-8")
    for file in dependents(change.file, files, folder):
        if message := compile_file(file, folder):
            in_proof, place = place_of(message, file, folder)
            return in_proof, place if in_proof else f"refused outside a proof: {place}"
    return False, "accepted by every file"


def main() -> int:
    """Compile, falsify, print one row each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="run only the falsifications whose name contains this text")
    only = parser.parse_args().only or ""
    files = order_of_files()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        compiled = Path(temporary) / "compiled"
        built = subprocess.run(
            ["sh", str(HERE / "build.sh"), "--keep", str(compiled)], check=False, stdout=subprocess.DEVNULL
        )
        if built.returncode != 0:
            print("mutations.py: the unchanged proofs do not build", file=sys.stderr)
            return built.returncode
        chosen = [change for change in FALSIFICATIONS if only in change.name]
        rejected = 0
        for change in chosen:
            good, place = judge(change, files, compiled, Path(temporary))
            rejected += good
            print(f"{'rejected' if good else 'SURVIVED':9} {change.ids:4} {change.name:60} {place}", flush=True)
    print(f"{rejected} of {len(chosen)} falsifications rejected; {time.monotonic() - start:.0f} s")
    return 0 if chosen and rejected == len(chosen) else 1


if __name__ == "__main__":
    raise SystemExit(main())
