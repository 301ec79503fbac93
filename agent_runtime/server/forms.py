"""The two forms of an answer, text and server-sent events: which one a client wants, and its bytes. No I/O.

`idle` is what is sent while there are no events.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from agent_runtime.models.describe import describe_error
from agent_runtime.plain import plain

_EVENTS = "text/event-stream"


class Text:
    """The model's text alone. An error is a last line `Error: ...`, a limit or a cancel `Stopped: ...`."""

    media_type = "text/plain"
    idle = b""

    def __init__(self) -> None:
        self._stopped = ""

    def event(self, event: dict[str, Any]) -> bytes:
        text = event.get("data")
        if isinstance(text, str):
            return text.encode("utf-8", "replace")
        if event.get("start_event_loop"):
            self._stopped = ""  # an overflow was mended: it goes on
        elif event.get("force_stop"):
            self._stopped = str(event.get("force_stop_reason") or "the run was stopped")
        elif "result" in event and self._stopped:
            return f"\nStopped: {self._stopped}\n".encode("utf-8", "replace")
        return b""

    def error(self, error: BaseException, begun: bool) -> bytes:
        said = f"Error: {describe_error(error)}\n".encode("utf-8", "replace")
        return b"\n" + said if begun else said


class Events:
    """Each event as one `data:` line of JSON, what JSON does not know in a typed form; an error is `event: error`."""

    media_type = _EVENTS
    idle = b": keep-alive\n\n"

    def event(self, event: dict[str, Any]) -> bytes:
        dump = getattr(event.get("result"), "to_dict", None)
        said = {**event, "result": dump()} if callable(dump) else event
        return b"data: " + _json(said) + b"\n\n"

    def error(self, error: BaseException, begun: bool) -> bytes:
        said = {"error": describe_error(error), "type": type(error).__name__}
        return b"event: error\ndata: " + _json(said) + b"\n\n"


def _json(value: Any) -> bytes:
    # half a surrogate pair has no UTF-8, and its escape is JSON
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


Form: TypeAlias = Text | Events


def form_for(accept: str) -> Form:
    """Events where the Accept header names them and does not prefer text to them; else text."""
    wanted = dict(map(_weighed, accept.lower().split(",")))
    weight = wanted.get(_EVENTS, 0.0)
    return Events() if weight > 0 and weight >= wanted.get(Text.media_type, 0.0) else Text()


def _weighed(part: str) -> tuple[str, float]:
    kind, *parameters = (word.strip() for word in part.split(";"))
    weights = [word.removeprefix("q=") for word in parameters if word.startswith("q=")]
    try:
        return kind, float(weights[0]) if weights else 1.0
    except ValueError:
        return kind, 0.0
