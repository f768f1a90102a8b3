"""The command line ``spanmatch``: parse, call, print. No mathematics, and heavy imports only within the commands.

Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted.
"""

from __future__ import annotations

import sys

from .messages import INTERRUPTED, complain_of_interruption


def main() -> None:
    """Run the command line; the console script and ``python -m spanmatch`` both come here.

    Nothing is imported before, so that Ctrl-C is one line from the first import on.
    """
    try:
        from .commands import app

        app(prog_name="spanmatch")
    except KeyboardInterrupt:
        complain_of_interruption()
        sys.exit(INTERRUPTED)
