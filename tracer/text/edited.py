"""Who made an edit, and of what: the words that every view uses."""

from __future__ import annotations

from pathlib import PurePath

from tracer import records as r


def of_what(record: r.Edited) -> str:
    """What was edited, with the part of it: `message [2].content[0].text`."""
    if record.path.startswith(record.what):  # the debugger's paths begin with it
        return record.path
    return f"{record.what} {record.path}".rstrip()


def by_whom(record: r.Edited) -> str:
    """`by hook shorten (my_app.py:12)`, `by me` of the debugger's; of a change without a hook, that it was found."""
    if not record.who:
        return "by no hook (found changed since the last call)" if record.stop is None else "by the debugger"
    where = record.where
    return f"by {record.who} ({PurePath(where.file).name}:{where.line})" if where else f"by {record.who}"
