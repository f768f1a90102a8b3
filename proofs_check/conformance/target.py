"""Where an implementation from elsewhere is: an object, or a place that is imported."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...theory.errors import InvalidOption
from ..harness.capabilities import FUNCTIONS, provides
from ..harness.questions import UNKNOWN_PLACE


@dataclass(frozen=True)
class Target:
    """An object to test, what to call it, and the line of a script that defines ``implementation`` as it."""

    subject: Any
    name: str
    line: str = UNKNOWN_PLACE

    @classmethod
    def at(cls, place: str) -> Target:
        """``MODULE:ATTRIBUTE`` or ``file.py:attribute``; without ``:ATTRIBUTE`` the module itself.

        The current folder is on the path while the module is imported; a class is instantiated; what is printed
        meanwhile is swallowed. *Raises* ``InvalidOption``.
        """
        module_name, colon, attribute = place.rpartition(":") if ":" in place else (place, "", "")
        if not module_name or (colon and not attribute):
            raise InvalidOption(f"target: got {place!r}, need MODULE:ATTRIBUTE or file.py:attribute")
        from_file = module_name.endswith(".py")
        module = imported(module_name, from_file)
        subject: Any = module
        for part in attribute.split(".") if attribute else ():
            if not hasattr(subject, part):
                raise InvalidOption(f"target: {module_name} has no attribute {attribute!r}; need one of its names")
            subject = getattr(subject, part)
        called = ""
        if isinstance(subject, type):
            subject, called = _instance(subject, place), "()"
        if from_file:
            loaded = f"runpy.run_path({module_name!r})"
            first, _, rest = attribute.partition(".")
            value = f"{loaded}[{first!r}]{'.' * bool(rest)}{rest}" if first else f"types.SimpleNamespace(**{loaded})"
            return cls(subject, place, f"import runpy, types\nimplementation = {value}{called}")
        value = f"{module_name}.{attribute}" if attribute else module_name
        return cls(subject, place, f"import {module_name}\nimplementation = {value}{called}")

    @classmethod
    def of(cls, subject: Any) -> Target:
        """A place as a string, or the object itself, which is looked for in the module of its type."""
        if isinstance(subject, Target):
            return subject
        if isinstance(subject, str):
            return cls.at(subject)
        module = getattr(type(subject), "__module__", "")
        for name, value in vars(sys.modules.get(module, sys)).items():
            if value is subject and module != "__main__":
                return cls(subject, f"{module}:{name}", f"from {module} import {name} as implementation")
        return cls(subject, str(getattr(subject, "name", getattr(subject, "__name__", type(subject).__name__))))


def imported(name: str, from_file: bool, argument: str = "target") -> Any:
    """A module by its name, or a Python file, run with the current folder on the path; ``argument``: in messages.

    What it prints is swallowed. *Raises* ``InvalidOption``.
    """
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        with redirect_stdout(io.StringIO()):
            return _from_file(Path(name), argument) if from_file else importlib.import_module(name)
    except InvalidOption:
        raise
    except (Exception, SystemExit) as error:
        raise InvalidOption(
            f"{argument}: importing {name} raised {type(error).__name__}: {error}; need a module that can be imported"
        ) from error
    finally:
        sys.path.remove(folder)


def _from_file(path: Path, argument: str) -> Any:
    if not path.is_file():
        raise InvalidOption(f"{argument}: {path}: no such file, need a Python file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InvalidOption(f"{argument}: {path}: cannot be imported, need a Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and the like look their own module up.
    missing = object()
    before = sys.modules.get(spec.name, missing)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        if before is not missing:
            sys.modules[spec.name] = before  # type: ignore[assignment]
    return module


def _instance(kind: type, place: str) -> Any:
    try:
        return kind()
    except Exception as error:
        raise InvalidOption(
            f"target: {place} is a class and {kind.__name__}() raised {type(error).__name__}: {error}; "
            f"need an object, or a class that takes no arguments"
        ) from error


def check_provided(target: Target) -> tuple[str, ...]:
    """The functions that the target has. *Raises* ``InvalidOption`` when there is none."""
    found = tuple(function for function in FUNCTIONS if provides(target.subject, function))
    if not found:
        raise InvalidOption(f"target: {target.name} has none of the functions {', '.join(FUNCTIONS)}; need one of them")
    return found
