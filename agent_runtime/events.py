"""The dicts that an agent's stream yields, where they need more than a literal, and the end of a tool's own stream."""

from __future__ import annotations

from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]


class ToolResultEvent:
    """The last item of a tool's stream. Not a dict, so that it is never mistaken for something the tool yielded.

    `result` is {"toolUseId", "status": "success" | "error", "content": [{"text": ..} | {"json": ..}]}; `exception` is
    what the tool raised, if that is why it is an error.
    """

    __slots__ = ("exception", "result")

    def __init__(self, result: dict[str, Any], exception: BaseException | None = None) -> None:
        self.result = result
        self.exception = exception

    def __repr__(self) -> str:
        return f"ToolResultEvent({self.result!r}, exception={self.exception!r})"


def force_stop(reason: str) -> Event:
    return {"force_stop": True, "force_stop_reason": reason}


def tool_stream(tool_use: dict[str, Any], data: Any) -> Event:
    """`data` is passed on as the object that the tool yielded: a reader may know it again by its identity."""
    return {"type": "tool_stream", "tool_stream_event": {"tool_use": dict(tool_use), "data": data}}


def tool_cancel(tool_use: dict[str, Any], message: str) -> Event:
    return {"tool_cancel_event": {"tool_use": dict(tool_use), "message": message}}


def tool_interrupt(tool_use: dict[str, Any], interrupts: list[Any]) -> Event:
    return {"tool_interrupt_event": {"tool_use": dict(tool_use), "interrupts": list(interrupts)}}
