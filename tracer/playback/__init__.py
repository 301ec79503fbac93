"""Replay as a stream: the dicts that a consumer once saw, again. It runs no model and no tool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
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
    try:
        async for event in _played(opened, speed):
            yield event
    finally:
        if opened is not session:
            opened.close()


async def _played(session: Session, speed: float) -> AsyncIterator[dict[str, Any]]:
    rebuild, clock, failed = Rebuild(), -1, None
    for record in chain(session.records(), [None]):
        if isinstance(record, r.InvocationEnd) and "." not in record.inv:
            failed = record.error
        for t, event in rebuild.feed(record) if record is not None else rebuild.flush():
            if speed > 0 and 0 <= clock < t:
                await asyncio.sleep((t - clock) / 1e9 / speed)
            clock = max(clock, t)
            yield event
    if failed is not None:
        raise ReplayedError(failed)
