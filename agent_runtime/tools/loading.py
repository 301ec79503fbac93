"""Tools by name: those that are shipped, those in a user's file, and those in an importable module."""

from __future__ import annotations

import difflib
import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from agent_runtime.tools.files import LoadError, attribute, is_file_spec, load_file, split
from agent_runtime.tools.module_tool import of_module
from agent_runtime.tools.port import AgentTool

SHIPPED = ("calculator", "http_request")


def load(spec: str) -> list[AgentTool]:
    """The tools that `spec` names: a shipped tool, all of `file.py`, or one of it as `file.py:name`; or those of a
    module, `package.module` or `package.module:name`.

    Raises:
        LoadError: with one line on what is wrong.
    """
    if is_file_spec(spec):
        file, name = split(spec)
        return _named(file, name, attribute(spec)) if name else _all_in(file, load_file(file))
    return [_shipped(spec)] if spec in SHIPPED else _imported(spec)


def load_directory(folder: Path) -> list[AgentTool]:
    """The tools of the Python files in a folder; files without any, and `__init__.py`, are passed over.

    Raises:
        LoadError: one of the files cannot be imported.
    """
    found: list[AgentTool] = []
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            found += in_module(load_file(str(path)))
    return found


def in_module(module: ModuleType) -> list[AgentTool]:
    """The module's decorated tools, those that it imports only if it has none of its own; else that of its TOOL_SPEC.

    Raises:
        LoadError: its TOOL_SPEC lacks the function.
    """
    tools = {id(value): value for value in vars(module).values() if is_tool(value)}
    if tools:
        return [value for value in tools.values() if _defined_in(value, module)] or list(tools.values())
    try:
        own = of_module(module)
    except ValueError as error:
        raise LoadError(str(error)) from error
    return [own] if own is not None else []


def is_tool(value: Any) -> bool:
    """Whether an Agent takes it as a tool."""
    return not inspect.isclass(value) and all(hasattr(value, k) for k in ("tool_name", "tool_spec", "stream"))


def _shipped(name: str) -> AgentTool:
    import agent_runtime.tools as shelf

    found: AgentTool = getattr(shelf, name)
    return found


def _imported(spec: str) -> list[AgentTool]:
    path, _, name = spec.partition(":")
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if path == error.name or path.startswith(f"{error.name}."):
            raise LoadError(_unknown(spec)) from error
        raise LoadError(f"{spec}: {error}") from error
    except (ValueError, TypeError) as error:
        raise LoadError(_unknown(spec)) from error
    if not name:
        return _all_in(path, module)
    if not hasattr(module, name):
        raise LoadError(f"{path} has no {name!r}")
    return _named(path, name, getattr(module, name))


def _unknown(spec: str) -> str:
    near = difflib.get_close_matches(spec, SHIPPED, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {' and '.join(SHIPPED)}, or name a file.py"
    return f"there is no shipped tool {spec!r}; {hint}"


def _named(where: str, name: str, found: Any) -> list[AgentTool]:
    several = list(found) if isinstance(found, (list, tuple)) else [found]
    for item in several:
        if not is_tool(item):
            hint = "; decorate it with @tool" if inspect.isroutine(item) else ""
            raise LoadError(f"{name!r} in {where} is not a tool{hint}")
    return several


def _all_in(where: str, module: ModuleType) -> list[AgentTool]:
    if found := in_module(module):
        return found
    plain = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    hint = f"; decorate {', '.join(plain)} with @tool" if plain else ""
    raise LoadError(f"{where} has no tools{hint}")


def _defined_in(value: Any, module: ModuleType) -> bool:
    source = getattr(value, "source", None)
    return source is None or source[0] == module.__file__
