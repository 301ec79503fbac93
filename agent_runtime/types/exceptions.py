"""Strands' module name for `agent_runtime.errors`; nothing of its own."""

from __future__ import annotations

from agent_runtime.errors import (
    ConcurrencyException,
    ContextWindowOverflowException,
    EventLoopException,
    MaxTokensReachedException,
    ModelThrottledException,
    StructuredOutputException,
)

__all__ = [
    "ConcurrencyException",
    "ContextWindowOverflowException",
    "EventLoopException",
    "MaxTokensReachedException",
    "ModelThrottledException",
    "StructuredOutputException",
]
