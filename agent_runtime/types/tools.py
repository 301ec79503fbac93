"""Tools, their uses and results, as TypedDicts; `AgentTool` and `ToolContext` are the real ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Literal, TypeAlias, TypedDict

from agent_runtime import elsewhere
from agent_runtime.tools.context import ToolContext
from agent_runtime.tools.port import AgentTool
from agent_runtime.types.media import DocumentContent, ImageContent

__all__ = [
    "AgentTool",
    "JSONSchema",
    "ToolChoice",
    "ToolContext",
    "ToolGenerator",
    "ToolResult",
    "ToolResultContent",
    "ToolResultStatus",
    "ToolSpec",
    "ToolUse",
]

JSONSchema: TypeAlias = dict[str, Any]
ToolChoice: TypeAlias = dict[Literal["auto", "any", "tool"], dict[str, Any]]
ToolGenerator: TypeAlias = AsyncGenerator[Any, None]
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
    image: ImageContent
    document: DocumentContent


class ToolResult(TypedDict):
    toolUseId: str
    status: ToolResultStatus
    content: list[ToolResultContent]


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
