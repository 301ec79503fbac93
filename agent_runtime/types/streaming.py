"""Strands' module name for the model port's chunks; nothing of its own but their names there."""

from __future__ import annotations

from typing import Any

from agent_runtime import elsewhere
from agent_runtime.models.port import BlockDelta as ContentBlockDeltaEvent
from agent_runtime.models.port import BlockStart as ContentBlockStartEvent
from agent_runtime.models.port import Delta as ContentBlockDelta
from agent_runtime.models.port import MessageStart as MessageStartEvent
from agent_runtime.models.port import MessageStop as MessageStopEvent
from agent_runtime.models.port import Metadata as MetadataEvent
from agent_runtime.models.port import ReasoningDelta as ReasoningContentBlockDelta
from agent_runtime.models.port import StreamChunk as StreamEvent
from agent_runtime.models.port import ToolUseDelta as ContentBlockDeltaToolUse
from agent_runtime.types.event_loop import Metrics, StopReason, Usage

__all__ = [
    "ContentBlockDelta",
    "ContentBlockDeltaEvent",
    "ContentBlockDeltaToolUse",
    "ContentBlockStartEvent",
    "MessageStartEvent",
    "MessageStopEvent",
    "MetadataEvent",
    "Metrics",
    "ReasoningContentBlockDelta",
    "StopReason",
    "StreamEvent",
    "Usage",
]


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
