"""For all tests: hypothesis keeps what it caches out of the checkout."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from hypothesis.configuration import set_hypothesis_home_dir

# At import, because hypothesis' pytest plugin fills its cache before any fixture runs.
HYPOTHESIS_HOME = TemporaryDirectory()
set_hypothesis_home_dir(HYPOTHESIS_HOME.name)
