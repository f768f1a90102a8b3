"""For all tests: hypothesis keeps what it caches out of the checkout, and Ctrl-C is not ignored."""

from __future__ import annotations

import signal
from tempfile import TemporaryDirectory

from hypothesis.configuration import set_hypothesis_home_dir

# At import, because hypothesis' pytest plugin fills its cache before any fixture runs.
HYPOTHESIS_HOME = TemporaryDirectory()
set_hypothesis_home_dir(HYPOTHESIS_HOME.name)

# A shell's background jobs ignore SIGINT, and so would all programs that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
