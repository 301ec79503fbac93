"""What a call took and why it ended, by Strands' module name."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from agent_runtime.models.port import Usage

__all__ = ["Metrics", "StopReason", "Usage"]


class Metrics(TypedDict, total=False):
    latencyMs: int
    timeToFirstByteMs: int


StopReason: TypeAlias = Literal[
    "cancelled",
    "content_filtered",
    "end_turn",
    "guardrail_intervened",
    "interrupt",
    "limit_cost",
    "limit_output_tokens",
    "limit_seconds",
    "limit_total_tokens",
    "limit_turns",
    "max_tokens",
    "stop_sequence",
    "tool_use",
]
