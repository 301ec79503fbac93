"""What an invocation comes to. Not its events: those have been streamed by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent_runtime.interrupts import Interrupt


@dataclass
class Metrics:
    """Totals of one invocation. `accumulated_usage` adds up the models' tokens, `cost` is in USD (None: unknown),
    `latency_ms` is the time in model calls as the models told it."""

    cycle_count: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    cost: float | None = None
    latency_ms: int = 0
    accumulated_usage: dict[str, int] = field(
        default_factory=lambda: {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}
    )

    def add(self, usage: dict[str, Any] | None) -> None:
        """Add one model call, its usage with `cost` as the hooks see it."""
        self.model_calls += 1
        for key, value in (usage or {}).items():
            if key == "cost":
                self.cost = (self.cost or 0.0) + value
            elif isinstance(value, int) and not isinstance(value, bool):
                self.accumulated_usage[key] = self.accumulated_usage.get(key, 0) + value

    def get_summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = {"total_cycles": self.cycle_count, "accumulated_usage": dict(self.accumulated_usage)}
        summary |= {"model_calls": self.model_calls, "tool_calls": self.tool_calls}
        summary |= {"latency_ms": self.latency_ms, "cost": self.cost}
        return summary


@dataclass
class AgentResult:
    """The last event of a stream, and what `agent(..)` returns.

    `stop_reason` is the model's (`end_turn`, `stop_sequence`, ..), `tool_use` after a structured output, `interrupt`,
    `cancelled` or `limit_<key>`. `message` is the last message, after a limit the tool results, `state` what the
    tools left in `invocation_state["request_state"]`. `str(result)` is the message's text.
    """

    stop_reason: str
    message: dict[str, Any]
    metrics: Metrics = field(default_factory=Metrics)
    state: dict[str, Any] = field(default_factory=dict)
    interrupts: list[Interrupt] | None = None
    structured_output: Any = None

    def __str__(self) -> str:
        if self.interrupts:
            return str([interrupt.to_dict() for interrupt in self.interrupts])
        if self.structured_output is not None:
            return str(self.structured_output.model_dump_json())
        return "".join(text_of(block) + "\n" for block in self.message.get("content", []) if text_of(block))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-safe form, if the message is: without `state`, with the structured output as a dict."""
        told: dict[str, Any] = {"type": "agent_result", "stop_reason": self.stop_reason, "message": self.message}
        told["metrics"] = self.metrics.get_summary()
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
