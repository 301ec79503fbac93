"""Tools by name: those that are shipped, and those in a user's file."""

from __future__ import annotations

import difflib
import inspect
from types import ModuleType
from typing import Any

from agent_runtime.tools.files import LoadError, attribute, is_file_spec, load_file, split
from agent_runtime.tools.port import AgentTool

SHIPPED = ("calculator", "http_request")


def load(spec: str) -> list[AgentTool]:
    """The tools that `spec` names: a shipped tool, all of `file.py`, or one of it as `file.py:name`.

    Raises:
        LoadError: with one line on what is wrong.
    """
    if not is_file_spec(spec):
        return [_shipped(spec)]
    file, name = split(spec)
    return _named(spec, name) if name else _all_in(file, load_file(file))


def _shipped(name: str) -> AgentTool:
    import agent_runtime.tools as shelf

    if name in SHIPPED:
        found: AgentTool = getattr(shelf, name)
        return found
    near = difflib.get_close_matches(name, SHIPPED, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {' and '.join(SHIPPED)}, or name a file.py"
    raise LoadError(f"there is no shipped tool {name!r}; {hint}")


def _named(spec: str, name: str) -> list[AgentTool]:
    found = attribute(spec)
    several = list(found) if isinstance(found, (list, tuple)) else [found]
    for item in several:
        if not is_tool(item):
            hint = "; decorate it with @tool" if inspect.isroutine(item) else ""
            raise LoadError(f"{name!r} in {split(spec)[0]} is not a tool{hint}")
    return several


def _all_in(file: str, module: ModuleType) -> list[AgentTool]:
    tools = {id(value): value for value in vars(module).values() if is_tool(value)}
    own = [value for value in tools.values() if _defined_in(value, module)]
    if tools:
        return own or list(tools.values())
    plain = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    hint = f"; decorate {', '.join(plain)} with @tool" if plain else ""
    raise LoadError(f"{file} has no tools{hint}")


def is_tool(value: Any) -> bool:
    """Whether an Agent takes it as a tool."""
    return not inspect.isclass(value) and all(hasattr(value, k) for k in ("tool_name", "tool_spec", "stream"))


def _defined_in(value: Any, module: ModuleType) -> bool:
    source = getattr(value, "source", None)
    return source is None or source[0] == module.__file__
