"""The session's own bytes for a client on another machine: its screen reads them as it reads any file."""

from __future__ import annotations

from pathlib import Path

from tracer.debug.errors import DebugError
from tracer.debug.session import Body, Session, command
from tracer.errors import TracerError

CHUNK = 1 << 20


@command("tracer/journal")
def _journal(session: Session, arguments: Body) -> Body:
    """At most CHUNK bytes from an offset on, in Base64, and how many there are; `over`: no more will come."""
    start = int(arguments.get("from") or 0)
    if start < 0:
        raise DebugError(f"{start} is no offset")
    data, size = read(session.board.path, start)
    return {"data": data, "size": size, "over": session.board.over and start + len(data) >= size}


def read(path: Path, start: int) -> tuple[bytes, int]:
    """(the bytes there are from `start` on, at most CHUNK; how many bytes the session has). Raises DebugError."""
    from tracer.journal.source import open_source

    try:
        source = open_source(path)
    except TracerError as error:
        raise DebugError(error.message, error.hint) from error
    try:
        size = source.size()
        return (source.read(min(CHUNK, size - start), start) if start < size else b""), size
    finally:
        source.close()
