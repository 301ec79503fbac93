"""Import a user's Python file and find what is in it, with errors that name the file and the line."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any


class LoadError(ValueError):
    """Something named on a command line or in a variable cannot be loaded; the message is one line."""


def is_file_spec(spec: str) -> bool:
    """Whether `spec` is `file.py` or `file.py:name`, and not a plain name."""
    return split(spec)[0].endswith(".py")


def split(spec: str) -> tuple[str, str]:
    """Part `file.py:name` into the file and the name, which is empty for `file.py`."""
    file, _, name = spec.rpartition(":")
    return (file, name) if file.endswith(".py") else (spec, "")


def attribute(spec: str) -> Any:
    """The object that `file.py:name` names; `name` may be dotted.

    Raises:
        LoadError: there is no such file or name, or the file cannot be imported.
    """
    file, name = split(spec)
    found: Any = load_file(file)
    for part in name.split("."):
        if not hasattr(found, part):
            raise LoadError(f"{file} has no {name!r}; it defines {_listed(public(load_file(file)))}")
        found = getattr(found, part)
    return found


def public(module: ModuleType) -> list[str]:
    """The names of what a file makes itself, its objects too; not of what it imports, as far as that can be told."""
    own = module.__name__
    return [name for name, value in vars(module).items() if not name.startswith("_") and _made_in(value, own) == own]


def _made_in(value: Any, found_in: str) -> str:
    """The module of a class, a function or what stands for one (a tool); of any other object where it was found."""
    if isinstance(value, ModuleType) or type(value).__module__ in ("__future__", "typing"):
        return type(value).__module__
    tells = isinstance(value, type) or inspect.isroutine(value) or "__module__" in getattr(value, "__dict__", ())
    return str(value.__module__) if tells else found_in


def load_file(file: str) -> ModuleType:
    """Import a Python file, once: a second call gives the same module. Its folder is put on sys.path.

    Raises:
        LoadError: the file is missing, is no Python, or raises while it is imported.
    """
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise LoadError(f"there is no file {file}")
    name = f"{path.stem}_{hashlib.blake2s(str(path).encode(), digest_size=4).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise LoadError(_describe(file, path, error)) from error
    return module


def _describe(file: str, path: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{file}:{error.lineno}: {type(error).__name__}: {error.msg}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    where = f"{file}:{lines[-1]}" if lines else file
    return f"{where}: {type(error).__name__}: {error}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) or "nothing"
