"""What watching costs besides recording: the watchdog of event loops, and exceptions that tools swallow."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.ab import Row, collected, compare, in_process
from tracer.recording.loopwatch import LoopWatch
from tracer.recording.place import CURRENT, Place
from tracer.recording.swallowed import SWALLOWED

SECONDS = 1.0
ROUNDS = 7
CAUGHT = 1000
SHARE, CALL = 0.5, 8.0


def idle(watch: LoopWatch | None) -> float:
    """Per cent of a core that a loop takes which waits, with and without somebody who asks it."""

    async def waits() -> None:
        if watch is not None:
            watch.enter(run)
        await asyncio.sleep(SECONDS)
        if watch is not None:
            watch.leave(run)

    run = cast(Any, SimpleNamespace())
    with collected():
        return in_process(lambda: asyncio.run(waits())).cpu / SECONDS / 1e7


def share() -> Row:
    """The watchdog's, by the quietest rounds; what the same waiting costs without it, twice, is the control."""
    rounds = [(idle(LoopWatch()), idle(None), idle(None)) for _ in range(ROUNDS)]
    with_it, without, again = (min(side) for side in zip(*rounds, strict=True))
    said = f"{with_it:.2f} with it, {without:.2f} and {again:.2f} without"
    name = "the watchdog while a run waits, % of a core"
    return Row(name, with_it - without, SHARE, valid=abs(without - again) < SHARE / 5, said=said)


def swallows() -> None:
    """A tool that catches what it raises, again and again."""
    for number in range(CAUGHT):
        try:
            raise ValueError(number)
        except ValueError:
            continue


def watched() -> None:
    assert SWALLOWED is not None  # on 3.11 there is none
    place = Place(cast(Any, SimpleNamespace()), "call", 0, 1)
    token = CURRENT.set(place)
    SWALLOWED.start(place)
    try:
        swallows()
    finally:
        SWALLOWED.end(place, None)
        CURRENT.reset(token)


def rows() -> Iterator[Row]:
    yield share()
    name = f"a tool that swallows {CAUGHT} exceptions, watched / not"
    if sys.version_info < (3, 12):
        yield Row(name, math.nan, CALL, said=f"not measured on {sys.version_info[0]}.{sys.version_info[1]}: not there")
    else:
        yield Row.of(name, compare(swallows, watched, 40), CALL, per=(CAUGHT, "exception"))
