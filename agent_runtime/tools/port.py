"""The tool port: what the event loop asks of a tool. It is Strands' AgentTool."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class AgentTool(Protocol):
    """Optional beside these: `source`, the (file, line) where the tool is defined, or None."""

    @property
    def tool_name(self) -> str: ...

    @property
    def tool_spec(self) -> dict[str, Any]:
        """{"name", "description", "inputSchema": {"json": JSON Schema}}"""
        ...

    def stream(
        self, tool_use: dict[str, Any], invocation_state: dict[str, Any], **kwargs: Any
    ) -> AsyncGenerator[Any, None]:
        """Yield anything while at work and, last, an agent_runtime.events.ToolResultEvent."""
        ...
