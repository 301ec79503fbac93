"""Tools: the decorator, the registry, loading by name or file, and the two that are shipped."""

from __future__ import annotations

from typing import Any

from agent_runtime import elsewhere
from agent_runtime.tools.calculator import calculator
from agent_runtime.tools.context import ToolContext
from agent_runtime.tools.decorator import DecoratedFunctionTool, tool
from agent_runtime.tools.http_request import http_request
from agent_runtime.tools.loading import load
from agent_runtime.tools.module_tool import ModuleTool as PythonAgentTool
from agent_runtime.tools.port import AgentTool
from agent_runtime.tools.provider import ToolProvider
from agent_runtime.tools.registry import ToolRegistry

__all__ = [
    "AgentTool",
    "DecoratedFunctionTool",
    "PythonAgentTool",
    "ToolContext",
    "ToolProvider",
    "ToolRegistry",
    "calculator",
    "http_request",
    "load",
    "tool",
]


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
