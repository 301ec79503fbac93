"""Replay as a stream: the dicts that a consumer once saw, again. It runs no model and no tool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tracer import records as r
from tracer.playback.rebuild import Rebuild
from tracer.session import Session, open_session


class ReplayedError(Exception):
    """The recorded invocation was left by an exception: `type` is its class, the message is as recorded."""

    def __init__(self, failure: r.Failure) -> None:
        super().__init__(failure.message)
        self.type = failure.type


async def replay(session: str | Path | Session, speed: float = 1.0) -> AsyncIterator[dict[str, Any]]:
    """The dicts of a session's top-level invocations, at `speed` times the recorded pace (0: at once).

    Live objects come as their recorded form; redacted values stay redacted. Raises ReplayedError where the last
    invocation was left by an exception, TracerError where there is no such session.
    """
    opened = session if isinstance(session, Session) else open_session(session)
    rebuild, clock, failed = Rebuild(opened.reader), None, None
    for record in opened.records():
        if isinstance(record, r.InvocationEnd) and "." not in record.inv:
            failed = record.error
        for event in rebuild.feed(record):
            if speed > 0 and clock is not None and record.t > clock:
                await asyncio.sleep((record.t - clock) / 1e9 / speed)
            clock = max(clock or 0, record.t)
            yield event
    for event in rebuild.flush():
        yield event
    if failed is not None:
        raise ReplayedError(failed)
