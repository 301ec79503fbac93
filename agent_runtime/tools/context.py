"""What a tool may ask about the call it runs in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from agent_runtime.interrupts import Interruptible, interrupt_id


@dataclass
class ToolContext(Interruptible):
    """Given to a tool declared with `@tool(context=True)`, as its argument `tool_context`.

    `tool_use` is {"toolUseId", "name", "input"}; `invocation_state` is what the caller gave to the
    invocation; `cancel_signal` is set when the agent is cancelled.
    """

    tool_use: dict[str, Any]
    agent: Any
    invocation_state: dict[str, Any]
    cancel_signal: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def _interrupt_id(self, name: str) -> str:
        return interrupt_id(f"tool_call:{self.tool_use['toolUseId']}", name)

    @classmethod
    def of(cls, tool_use: dict[str, Any], invocation_state: dict[str, Any]) -> ToolContext:
        """The context of one call; the agent is found in the invocation state, where the loop puts it."""
        agent = invocation_state.get("agent")
        signal = getattr(agent, "cancel_signal", None)
        return cls(tool_use, agent, invocation_state, signal if signal is not None else threading.Event())
