"""Suites of planted sets, named and versioned, every answer confirmed by two routes; implementations scored on them.

``spanmatch generate --suite`` and ``spanmatch score``; docs/suites.md.
"""
