"""The tools of one agent, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from agent_runtime.tools.port import AgentTool

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class ToolRegistry:
    """`registry` maps names to tools, in the order in which they were given."""

    def __init__(self, tools: Iterable[Any] = ()) -> None:
        self.registry: dict[str, AgentTool] = {}
        self.process_tools(tools)

    def process_tools(self, tools: Iterable[Any]) -> list[str]:
        """Register tools, and those in lists of tools; give their names."""
        names: list[str] = []
        for item in tools:
            if isinstance(item, (list, tuple, set)):
                names += self.process_tools(item)
            else:
                self.register_tool(item)
                names.append(item.tool_name)
        return names

    def register_tool(self, tool: Any) -> None:
        """Add one tool.

        Raises:
            ValueError: it is no tool, its name is unfit for a model, or another tool has it.
        """
        _check(tool)
        for name, other in self.registry.items():
            if name.replace("-", "_") == tool.tool_name.replace("-", "_") and not _same(other, tool):
                raise ValueError(f"two tools are named {name!r} and {tool.tool_name!r}; rename one")
        self.registry[tool.tool_name] = tool

    def get(self, name: str) -> AgentTool | None:
        return self.registry.get(name)

    def get_all_tool_specs(self) -> list[dict[str, Any]]:
        return [tool.tool_spec for tool in self.registry.values()]


def _same(one: Any, other: Any) -> bool:
    sources = [getattr(item, "source", None) for item in (one, other)]
    return one is other or (one.tool_name == other.tool_name and sources[0] == sources[1] is not None)


def _check(tool: Any) -> None:
    if all(hasattr(tool, key) for key in ("tool_name", "tool_spec", "stream")):
        if not _NAME.fullmatch(str(tool.tool_name)):
            raise ValueError(f"{tool.tool_name!r} is no tool name: it needs 1 to 64 letters, digits, _ and -")
        return
    if isinstance(tool, ModuleType):
        hint = "pass the tools in it, not the module"
    elif isinstance(tool, str):
        hint = "load it with agent_runtime.tools.load(...)"
    elif callable(tool):
        hint = "decorate it with @tool"
    else:
        hint = "it needs tool_name, tool_spec and stream()"
    raise ValueError(f"{tool!r} is not a tool: {hint}")
