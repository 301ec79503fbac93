"""One record whole, and the request of a model call rebuilt, as JSON for people."""

from __future__ import annotations

import json
from typing import Any

from tracer import records as r
from tracer.errors import TracerError
from tracer.session import Session


def whole(session: Session, seq: int) -> str:
    """The record at SESSION#seq as indented JSON. Raises TracerError where there is none."""
    record_at(session, seq)
    raw = session.reader.raw(seq)
    try:
        return pretty(json.loads(raw))
    except (ValueError, RecursionError):
        return json.dumps(raw.decode("utf-8", "replace"))


def pretty(value: Any) -> str:
    """Indented JSON that is safe to print: control characters are escaped, those that hide text too."""
    from tracer.text.safe import clean

    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if clean(text, keep_newlines=True) == text else json.dumps(value, indent=2)


def record_at(session: Session, seq: int) -> r.Record:
    """The record at SESSION#seq. Raises TracerError where there is none."""
    try:
        return session.record(seq)
    except IndexError:
        last = len(session.reader) - 1
        raise TracerError(f"session {session.id} has no record {seq}", f"its last is #{last}") from None


def request_of(session: Session, seq: int) -> dict[str, Any]:
    """What was sent to the model in the call that record `seq` lies in: system, tools, messages, parameters.

    Raises TracerError where the record lies in no model call, or what it refers to is not in the file.
    """
    start = _call_around(session, seq)
    said: dict[str, Any] = {"address": f"{session.id}#{start.seq}", "model": start.model, "attempt": start.attempt}
    contents = _contents(session, start)
    return {
        **said,
        "params": start.params,
        "system": contents.get(start.system),
        "tools": contents.get(start.tools),
        **({"tool_choice": start.tool_choice} if start.tool_choice is not None else {}),
        "messages": [_message(session, at) for at in session.messages(start)],
    }


def _call_around(session: Session, seq: int) -> r.ModelStart:
    record = record_at(session, seq)
    if isinstance(record, r.ModelStart):
        return record
    timeline = session.timeline()
    span = timeline.of(record)
    calls = [] if span is None else [s for s in (span, *span.children) if s.kind == "model"]
    inside = [s for s in calls if s.first <= seq <= (s.last if s.end is not None else seq)]
    if isinstance(record, r.Message) and record.origin == "model":
        inside = [s for s in calls if s.first <= seq]
    if not inside:
        near = (
            f"the call of its cycle is #{calls[-1].first}"
            if calls
            else "give a record between model_start and model_end"
        )
        raise TracerError(f"record {seq} ({r.kind_of(record)}) lies in no model call", near)
    found = session.record(inside[-1].first)
    assert isinstance(found, r.ModelStart)
    return found


def _contents(session: Session, start: r.ModelStart) -> dict[str, Any]:
    wanted = {hash for hash in (start.system, start.tools) if hash}
    found: dict[str, Any] = {}
    for record in session.records():
        if record.seq > start.seq or wanted == found.keys():
            break
        if isinstance(record, r.Content) and record.hash in wanted:
            found[record.hash] = record.value
    return found


def _message(session: Session, seq: int) -> dict[str, Any]:
    found = session.message(seq)
    return {"role": found.role, "content": found.content}
