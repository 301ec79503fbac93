"""What an agent is called with."""

from __future__ import annotations

from typing import TypeAlias

from agent_runtime.limits import Limits
from agent_runtime.types.content import ContentBlock, Messages
from agent_runtime.types.interrupt import InterruptResponseContent

__all__ = ["AgentInput", "Limits"]

AgentInput: TypeAlias = str | list[ContentBlock] | Messages | list[InterruptResponseContent] | None
