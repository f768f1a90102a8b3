"""Claims about the formal proofs. They need Coq and MathComp, and are "not run" where these are absent."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from claim import ROOT, Claim, Measured, NotRun

from spanmatch.proofs_check.formal.extracted import missing_tools

ISSUE = "issue 7, must show"
FOLDER = ROOT / "proofs_check" / "formal"


def need_coq() -> None:
    if missing_tools():
        raise NotRun(f"{', '.join(missing_tools())} not installed (Debian: coq, libcoq-mathcomp-algebra)")


def proofs() -> Measured:
    need_coq()
    started = time.perf_counter()
    done = subprocess.run(["sh", str(FOLDER / "build.sh")], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    found = re.search(r"(\d+) of (\d+) headline theorems are closed", done.stdout)
    closed = found is not None and found[1] == found[2]
    return f"{found[0] if found else done.stderr[-200:]} ({seconds:.0f} s)", closed and seconds < 60


def mutations() -> Measured:
    need_coq()
    done = subprocess.run([sys.executable, str(FOLDER / "mutations.py")], capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or [done.stderr[-200:]])[-1], done.returncode == 0


CLAIMS = [
    Claim("formal.proofs", ISSUE, "make proofs", "all headline theorems axiom-free, < 60 s", proofs),
    Claim("formal.mutations", ISSUE, "make mutations", "at least 8 falsifications, all rejected", mutations),
]
