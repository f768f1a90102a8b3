"""Planted activation sets, one module per family. Each knows its answer and the reason for it, and registers itself."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f".{_module.name}", __name__)
