"""A tool and a model that several tests of hooks ask. No test is here."""

from __future__ import annotations

from typing import Any

from agent_runtime import tool
from agent_runtime.models.scripted import ScriptedModel


@tool
def echo(words: str) -> str:
    """Say it again."""
    return words


class Asked(ScriptedModel):
    """Keeps what it is sent."""

    def __init__(self, *turns: Any) -> None:
        super().__init__(turns)
        self.requests: list[dict[str, Any]] = []

    async def stream(self, messages: Any, tool_specs: Any = None, system_prompt: Any = None, **kwargs: Any) -> Any:
        self.requests.append({"messages": list(messages), "specs": tool_specs, "system": system_prompt, **kwargs})
        async for chunk in super().stream(messages, tool_specs, system_prompt, **kwargs):
            yield chunk
