"""What an agent is called with."""

from __future__ import annotations

from typing import Any, TypeAlias

from agent_runtime.limits import Limits
from agent_runtime.types.content import ContentBlock, Messages

__all__ = ["AgentInput", "Limits"]

# The dicts are interrupt responses, {"interruptResponse": {"interruptId", "response"}}.
AgentInput: TypeAlias = str | list[ContentBlock] | Messages | list[dict[str, Any]] | None
