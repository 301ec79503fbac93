"""Hooks: typed events at each safe point of the loop, awaited, with fields that a hook may change. Not the stream.

Within one `order` (ascending) callbacks run as registered, those of After* events in reverse.
"""

from __future__ import annotations

from typing import Any

from agent_runtime import elsewhere
from agent_runtime.hooks.events import (
    AfterCycleEvent,
    AfterInvocationEvent,
    AfterModelCallEvent,
    AfterToolCallEvent,
    AfterToolsEvent,
    AgentInitializedEvent,
    Author,
    BeforeCycleEvent,
    BeforeInvocationEvent,
    BeforeModelCallEvent,
    BeforeToolCallEvent,
    BeforeToolsEvent,
    EditedEvent,
    ForceStopEvent,
    HookEvent,
    MessageAddedEvent,
    ModelRequest,
    StopResponse,
)
from agent_runtime.hooks.registry import (
    HookCall,
    HookCallback,
    HookOrder,
    HookProvider,
    HookRegistry,
    Undo,
    announce,
    on_agent,
    unwatched,
)

BaseHookEvent = HookEvent

__all__ = [
    "AfterCycleEvent",
    "AfterInvocationEvent",
    "AfterModelCallEvent",
    "AfterToolCallEvent",
    "AfterToolsEvent",
    "AgentInitializedEvent",
    "Author",
    "BaseHookEvent",
    "BeforeCycleEvent",
    "BeforeInvocationEvent",
    "BeforeModelCallEvent",
    "BeforeToolCallEvent",
    "BeforeToolsEvent",
    "EditedEvent",
    "ForceStopEvent",
    "HookCall",
    "HookCallback",
    "HookEvent",
    "HookOrder",
    "HookProvider",
    "HookRegistry",
    "MessageAddedEvent",
    "ModelRequest",
    "StopResponse",
    "Undo",
    "announce",
    "on_agent",
    "unwatched",
]


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
