"""Strands' module name for `agent_runtime.errors`; nothing of its own."""

from __future__ import annotations

from typing import Any

from agent_runtime import elsewhere
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


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
