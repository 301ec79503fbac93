"""The record of an edit that the runtime told of. The debugger writes its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer import records as r


def edited(event: Any, plain: Callable[[Any], Any], text: Callable[[str], str]) -> r.Edited:
    """An EditedEvent as a record, without secrets; `who` is empty where no hook made the change."""
    record = r.Edited(what=event.what, path=event.path, before=plain(event.before), after=plain(event.after))
    record.tool_use_id = event.tool_use_id
    if event.by is not None:
        record.who = f"{event.by.kind} {event.by.name}"
        record.where = r.Where(text(event.by.file), event.by.line, event.by.name) if event.by.file else None
    return record
