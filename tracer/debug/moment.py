"""A lifecycle event as the debugger sees it: at which points it lies, and what it is about.

It reads hook events of either runtime; it changes none. Everything here runs on the agent's own thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from tracer.debug.safepoint import SafePoint
from tracer.debug.sources import source_of_tool
from tracer.recording.place import CURRENT

EVENTS: dict[str, tuple[str, ...]] = {
    "BeforeModelCallEvent": ("before_model",),
    "AfterModelCallEvent": ("after_model", "model_error"),
    "MessageAddedEvent": ("message",),
    "BeforeToolCallEvent": ("before_tool",),
    "AfterToolCallEvent": ("after_tool", "tool_error"),
    "AfterCycleEvent": ("cycle_end",),
    "ForceStopEvent": ("force_stop",),
}
_KINDS = {
    "before_model": "model_start", "after_model": "model_end", "message": "message", "before_tool": "tool_start",
    "after_tool": "tool_end", "cycle_end": "cycle_end", "force_stop": "force_stop",
}  # fmt: skip


@dataclass(slots=True)
class Moment(SafePoint):
    """A safe point of a live run. `prompt` is the invocation's text, None where its beginning was not seen."""

    event: Any = None
    prompt: str | None = None


def read(event: Any, position: tuple[str, int], prompt: str | None = None) -> Moment:
    """The moment of a hook event; `position` is the agent's invocation and cycle. A model that fails has no name."""
    name = type(event).__name__
    points = EVENTS[name][:1]
    kind = _KINDS[points[0]]
    if _failed(event):
        points = (EVENTS[name][-1], *points)
    agent = str(getattr(event.agent, "name", "") or "")
    moment = Moment(points, kind, _subject(event, kind), agent, *position, event=event, prompt=prompt)
    use = getattr(event, "tool_use", None)
    if isinstance(use, dict):
        moment.tool_use_id = str(use.get("toolUseId", ""))
        moment.index = _index(event.agent, moment.tool_use_id)
    return moment


def over(event: Any) -> bool:
    """Whether the run that the event belongs to is being cancelled: then nothing may stop it any more."""
    signal = getattr(event.agent, "cancel_signal", None)
    given_up = isinstance(getattr(event, "exception", None), asyncio.CancelledError)
    return given_up or bool(signal is not None and signal.is_set())


def _failed(event: Any) -> bool:
    result = getattr(event, "result", None)
    bad = isinstance(result, dict) and result.get("status") == "error"
    return bad or getattr(event, "exception", None) is not None


def _subject(event: Any, kind: str) -> str:
    if kind.startswith("tool"):
        return str(event.tool_use.get("name", ""))
    if kind == "message":
        return str(event.message.get("role", ""))
    if kind.startswith("model"):
        try:
            return model_of(event.agent)
        except Exception:  # the user's own object; a condition that asks for it is told
            return type(event.agent.model).__name__
    return str(getattr(event, "ending", "") or kind)


def model_of(agent: Any) -> str:
    """The model's id, or its class. Raises whatever the model raises."""
    model = getattr(agent, "model", None)
    config = model.get_config() if model is not None and hasattr(model, "get_config") else {}
    return str(config.get("model_id", "") if isinstance(config, dict) else "") or type(model).__name__


def _index(agent: Any, use_id: str) -> int:
    """The call's place among its message's calls: as recorded, for ids may repeat within a conversation."""
    place = CURRENT.get()
    if place is not None and place.tool_use_id == use_id and place.index >= 0:
        return place.index
    for message in reversed(agent.messages):
        uses = [block["toolUse"] for block in message.get("content", ()) if "toolUse" in block]
        if uses:
            return next((i for i, use in enumerate(uses) if use.get("toolUseId") == use_id), 0)
    return 0


def message_of(event: Any) -> dict[str, Any] | None:
    """The message that an event is about: the model's answer, what came of it before an error, the one added."""
    stop = getattr(event, "stop_response", None)
    found = stop.message if stop is not None else getattr(event, "message", getattr(event, "partial_message", None))
    return found if isinstance(found, dict) else None


def text_of(said: Any) -> str:
    """The text of a message or a tool's result."""
    blocks = (said or {}).get("content", ())
    return "".join(str(block.get("text", "")) for block in blocks if isinstance(block, dict))


def source_of(event: Any) -> tuple[str, int] | None:
    """The file and line of the tool that an event is about, where it has one."""
    return source_of_tool(getattr(event, "selected_tool", None))
