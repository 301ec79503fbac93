"""What an invocation comes to. Not its events: those have been streamed by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent_runtime.interrupts import Interrupt
from agent_runtime.metrics import AgentInvocation, EventLoopMetrics


@dataclass
class AgentResult:
    """The last event of a stream, and what `agent(..)` returns.

    `stop_reason` is the model's (`end_turn`, `stop_sequence`, ..), `tool_use` after a structured output, `interrupt`,
    `cancelled` or `limit_<key>`. `message` is the last message, after a limit the tool results, `state` what the
    tools left in `invocation_state["request_state"]`, `metrics` those of all invocations of the agent until this one.
    `str(result)` is the message's text.
    """

    stop_reason: str
    message: dict[str, Any]
    metrics: EventLoopMetrics = field(default_factory=EventLoopMetrics)
    state: dict[str, Any] = field(default_factory=dict)
    interrupts: list[Interrupt] | None = None
    structured_output: Any = None

    def __str__(self) -> str:
        if self.interrupts:
            return str([interrupt.to_dict() for interrupt in self.interrupts])
        if self.structured_output is not None:
            return str(self.structured_output.model_dump_json())
        return "".join(text_of(block) + "\n" for block in self.message.get("content", []) if text_of(block))

    @property
    def context_size(self) -> int | None:
        """The tokens of the last prompt, those from a cache included; None if the model told none."""
        return self.metrics.latest_context_size

    @property
    def projected_context_size(self) -> int | None:
        """The tokens of the last prompt and its answer; None if the model told none."""
        return self.metrics.projected_context_size

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AgentResult:
        """The stop reason and the message of a result that `to_dict` told; the rest is not in there.

        Raises:
            TypeError: `data` is of something else.
        """
        if data.get("type") != "agent_result":
            raise TypeError(f"this is no agent result but {data.get('type')!r}")
        return cls(data["stop_reason"], data["message"])

    def to_dict(self) -> dict[str, Any]:
        """A JSON-safe form, if the message is: without `state`, with the structured output as a dict and this
        invocation's totals as `metrics`."""
        told: dict[str, Any] = {"type": "agent_result", "stop_reason": self.stop_reason, "message": self.message}
        told["metrics"] = (self.metrics.latest_agent_invocation or AgentInvocation()).summary()
        if self.interrupts:
            told["interrupts"] = [interrupt.to_dict() for interrupt in self.interrupts]
        if self.structured_output is not None:
            told["structured_output"] = self.structured_output.model_dump(mode="json")
        return told


def text_of(block: dict[str, Any]) -> str:
    """What a content block says in words, with citations or without."""
    if "citationsContent" in block:
        return "".join(part.get("text", "") for part in block["citationsContent"].get("content", []))
    return str(block.get("text", ""))
