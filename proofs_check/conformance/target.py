"""Where an implementation from elsewhere is: an object, or a place that is imported."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ...theory.errors import InvalidOption
from ..harness.capabilities import FUNCTIONS, provides
from ..harness.questions import UNKNOWN_PLACE


@dataclass(frozen=True)
class Target:
    """An object to test, what to call it, the line of a script that defines ``implementation`` as it, its files."""

    subject: Any
    name: str
    line: str = UNKNOWN_PLACE
    files: tuple[str, ...] = ()

    @classmethod
    def at(cls, place: str, function: str | None = None) -> Target:
        """``MODULE:ATTRIBUTE`` or ``file.py:attribute``; without ``:ATTRIBUTE`` the module itself.

        The current folder is on the path while the module is imported; a class is instantiated; what is printed
        meanwhile is swallowed. A function alone stands for an implementation that has only ``function``, by default
        the one of its own name. *Raises* ``InvalidOption``.
        """
        module_name, attribute = parts_of(place)
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
            needed, value = "runpy, types", value + called
        else:
            needed, value = module_name, (f"{module_name}.{attribute}" if attribute else module_name) + called
        alone = _function_alone(subject, attribute, function)
        if alone:
            subject = SimpleNamespace(**{alone: subject})
            value = f"types.SimpleNamespace({alone}={value})"
            needed = "runpy, types" if from_file else f"{needed}, types"
        file = getattr(module, "__file__", None)
        return cls(subject, place, f"import {needed}\nimplementation = {value}", (file,) if file else ())

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


def parts_of(place: str) -> tuple[str, str]:
    """The module or file of a place, and the attribute, which may be empty. *Raises* ``InvalidOption``."""
    module_name, colon, attribute = place.rpartition(":") if ":" in place else (place, "", "")
    if not module_name or (colon and not attribute):
        raise InvalidOption(f"target: got {place!r}, need MODULE:ATTRIBUTE or file.py:attribute")
    return module_name, attribute


def _function_alone(subject: Any, attribute: str, function: str | None) -> str | None:
    """What a target that is one function does, or None where it is an object that has functions."""
    if any(provides(subject, name) for name in FUNCTIONS) or not (function or callable(subject)):
        return None
    name = function or attribute.rpartition(".")[2]
    if name not in FUNCTIONS or not callable(subject):
        raise InvalidOption(
            f"target: {attribute or 'the module'} is a function that is called none of {', '.join(FUNCTIONS)}; "
            f"need --function with the one that it is"
        )
    return name


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
