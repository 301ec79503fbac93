"""Tools, their uses and results, as TypedDicts; `AgentTool` and `ToolContext` are the real ones."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from agent_runtime.tools.context import ToolContext
from agent_runtime.tools.port import AgentTool

__all__ = [
    "AgentTool",
    "JSONSchema",
    "ToolContext",
    "ToolResult",
    "ToolResultContent",
    "ToolResultStatus",
    "ToolSpec",
    "ToolUse",
]

JSONSchema: TypeAlias = dict[str, Any]
ToolResultStatus: TypeAlias = Literal["success", "error"]


class ToolSpec(TypedDict):
    """`inputSchema` is {"json": JSON Schema}."""

    name: str
    description: str
    inputSchema: JSONSchema


class ToolUse(TypedDict):
    toolUseId: str
    name: str
    input: Any


class ToolResultContent(TypedDict, total=False):
    """Exactly one of these keys."""

    text: str
    json: Any
    image: dict[str, Any]
    document: dict[str, Any]


class ToolResult(TypedDict):
    toolUseId: str
    status: ToolResultStatus
    content: list[ToolResultContent]
