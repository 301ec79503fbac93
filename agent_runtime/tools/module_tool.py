"""A module as a tool: its TOOL_SPEC describes the function that has the module's name."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable
from types import ModuleType
from typing import Any

from agent_runtime.events import ToolResultEvent
from agent_runtime.interrupts import InterruptException
from agent_runtime.messages import error_result, split_system
from agent_runtime.source import place_of
from agent_runtime.tools.results import wrap
from agent_runtime.tools.threads import in_thread


class ModuleTool:
    """Calls `function(tool_use, **kwargs)`, in a thread or, an `async def`, in the loop; see `_keywords`."""

    tool_type = "python"

    def __init__(self, tool_name: str, tool_spec: dict[str, Any], function: Callable[..., Any]) -> None:
        self.tool_name = tool_name
        self.tool_spec = tool_spec
        self._function = function

    def __repr__(self) -> str:
        return f"<tool {self.tool_name}>"

    @property
    def source(self) -> tuple[str, int] | None:
        """The file and the line of the function's `def`; None for a callable without Python code."""
        return place_of(self._function)

    async def stream(
        self, tool_use: dict[str, Any], invocation_state: dict[str, Any], **kwargs: Any
    ) -> AsyncGenerator[Any, None]:
        """Yield the result; the model reads the message of what the function raises."""
        try:
            given = _keywords(invocation_state)
            if inspect.iscoroutinefunction(self._function):
                value = await self._function(tool_use, **given)
            else:
                value = await in_thread(self._function, tool_use, **given)
        except InterruptException:
            raise
        except (Exception, SystemExit) as error:
            yield ToolResultEvent(error_result(tool_use["toolUseId"], f"Error: {error}"), error)
            return
        yield wrap(tool_use["toolUseId"], value)


def _keywords(invocation_state: dict[str, Any]) -> dict[str, Any]:
    """The call's state, and the parts of the agent that such functions are used to finding beside it."""
    agent = invocation_state.get("agent")
    if agent is None:
        return invocation_state
    tools = [{"toolSpec": spec} for spec in agent.tool_registry.get_all_tool_specs()]
    parts = {"model": agent.model, "messages": agent.messages, "system_prompt": split_system(agent.system_prompt)[0]}
    return {**parts, "tool_config": {"tools": tools, "toolChoice": {"auto": {}}}, **invocation_state}


def of_module(module: ModuleType) -> ModuleTool | None:
    """The module's own tool; None if it has no TOOL_SPEC.

    Raises:
        ValueError: it has one, and not the function that it describes.
    """
    spec = getattr(module, "TOOL_SPEC", None)
    if spec is None:
        return None
    name = str(spec.get("name", ""))
    function = getattr(module, name, None)
    if not callable(function):
        raise ValueError(
            f"{module.__file__ or module.__name__} has a TOOL_SPEC for {name!r} and no function of that name"
        )
    return ModuleTool(name, spec, function)
