"""The tools of one agent, by name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from agent_runtime.blocking import wait_for
from agent_runtime.tools.files import LoadError
from agent_runtime.tools.loading import in_module, is_tool, load
from agent_runtime.tools.port import AgentTool
from agent_runtime.tools.provider import ToolProvider
from agent_runtime.tools.spec import sendable

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class ToolRegistry:
    """`registry` maps names to tools, in the order in which they were given."""

    def __init__(self, tools: Iterable[Any] = ()) -> None:
        self.registry: dict[str, AgentTool] = {}
        self._id = str(uuid.uuid4())
        self._providers: list[ToolProvider] = []
        self.process_tools(tools)

    def process_tools(self, tools: Iterable[Any]) -> list[str]:
        """Register tools, providers, agents, modules, paths and names (see `tools.load`), and lists of these.

        Gives the tools' names.

        Raises:
            ValueError: one of them is no tool, or cannot be loaded.
        """
        names: list[str] = []
        for item in tools:
            for tool in self._found(item):
                self.register_tool(tool)
                names.append(tool.tool_name)
        return names

    def _found(self, item: Any) -> Iterator[Any]:
        if isinstance(item, str):
            yield from load(item)
        elif isinstance(item, ModuleType):
            if not (tools := in_module(item)):
                raise ValueError(f"module {item.__name__} has no tools: no @tool function and no TOOL_SPEC")
            yield from tools
        elif isinstance(item, dict) and "path" in item:
            yield from _of_path(item)
        elif isinstance(item, ToolProvider):
            yield from self._provided(item)
        elif not is_tool(item) and hasattr(item, "as_tool"):
            yield item.as_tool()
        elif isinstance(item, list | tuple | set):
            for part in item:
                yield from self._found(part)
        else:
            yield item

    def _provided(self, provider: ToolProvider) -> Iterable[AgentTool]:
        self._providers.append(provider)
        try:
            provider.add_consumer(self._id)
            return wait_for(provider.load_tools)
        except Exception as error:
            raise LoadError(f"{provider!r:.80} gave no tools: {type(error).__name__}: {error}") from error

    def cleanup(self, **kwargs: Any) -> None:
        """Tell the providers that their tools are needed no more; one that fails keeps none from being told.

        Raises:
            Exception: the first that a provider raised.
        """
        failed: Exception | None = None
        for provider in self._providers:
            try:
                provider.remove_consumer(self._id)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed

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

    def replace(self, new_tool: Any) -> None:
        """Put a tool in the place of the one that has its name.

        Raises:
            ValueError: it is no tool, or none has its name.
        """
        _check(new_tool)
        if new_tool.tool_name not in self.registry:
            raise ValueError(f"there is no tool {new_tool.tool_name!r} to replace; register_tool adds one")
        self.registry[new_tool.tool_name] = new_tool

    def get(self, name: str) -> AgentTool | None:
        return self.registry.get(name)

    def get_all_tools_config(self) -> dict[str, dict[str, Any]]:
        """The tools' specs by name, as they are sent."""
        return {name: sendable(tool.tool_spec) for name, tool in self.registry.items()}

    def get_all_tool_specs(self) -> list[dict[str, Any]]:
        return [sendable(tool.tool_spec) for tool in self.registry.values()]


def _same(one: Any, other: Any) -> bool:
    sources = [getattr(item, "source", None) for item in (one, other)]
    return one is other or (one.tool_name == other.tool_name and sources[0] == sources[1] is not None)


def _of_path(item: dict[str, Any]) -> list[AgentTool]:
    """{"path"}, all its tools; {"name", "path"}, one of them."""
    tools = load(item["path"])
    chosen = [tool for tool in tools if tool.tool_name == item.get("name", tool.tool_name)]
    if not chosen:
        there = ", ".join(tool.tool_name for tool in tools)
        raise ValueError(f"there is no tool {item['name']!r} in {item['path']}; it has {there}")
    return chosen


def _check(tool: Any) -> None:
    if is_tool(tool):
        if not _NAME.fullmatch(str(tool.tool_name)):
            raise ValueError(f"{tool.tool_name!r} is no tool name: it needs 1 to 64 letters, digits, _ and -")
        return
    hint = "decorate it with @tool" if callable(tool) else "it needs tool_name, tool_spec and stream()"
    raise ValueError(f"{tool!r} is not a tool: {hint}")
