"""Writes a stream as a line of names, so that a test can say what it expects at a glance. It checks nothing."""

from __future__ import annotations

from typing import Any


def name(event: dict[str, Any]) -> str:
    if "event" in event:
        return next(iter(event["event"]))
    if "message" in event:
        blocks = "+".join(next(iter(block)) for block in event["message"]["content"])
        return f"message({event['message']['role']}:{blocks})"
    if "result" in event:
        return f"result({event['result'].stop_reason})"
    if "reasoning" in event:
        return "+".join(key for key in event if key.startswith("reasoning") and key != "reasoning")
    for key in ("init_event_loop", "start_event_loop", "start", "data", "current_tool_use", "citation", "force_stop"):
        if key in event:
            return key
    return next((key for key in event if key.endswith("_event")), next(iter(event)))


def outline(events: list[dict[str, Any]], raw: bool = False) -> str:
    """The names in order, repeated ones once; raw chunks only if asked for."""
    names: list[str] = []
    for event in events:
        if ("event" not in event or raw) and (not names or names[-1] != name(event)):
            names.append(name(event))
    return " ".join(names)


async def until_raise(stream: Any) -> tuple[list[dict[str, Any]], BaseException | None]:
    """The events, and the exception that left, if one did."""
    events = []
    try:
        async for event in stream:
            events.append(event)
    except BaseException as error:
        return events, error
    return events, None
