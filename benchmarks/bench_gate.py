"""What the debugger's gate costs while nothing is set: the time that one lifecycle event's check adds, in ns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from benchmarks.ab import Row, Work, collected, compare, in_process
from tracer.debug.board import Board
from tracer.debug.gate import own_check, stock_check
from tracer.debug.scribe import Recording

CALLS = 100_000
ROUNDS = 15
BUDGET = 50.0


async def look(event: Any) -> None:
    raise AssertionError("nothing is armed")


def own_nothing(event: Any) -> None:
    return None


async def stock_nothing(event: Any) -> None:
    return None


def calls(hook: Any) -> None:
    """A runtime that awaits what can be awaited calls a hook that gives None."""
    event = object()
    for _ in range(CALLS):
        hook(event)


def awaits(hook: Any) -> None:
    """Stock Strands awaits each hook."""

    async def run() -> None:
        event = object()
        for _ in range(CALLS):
            await hook(event)

    asyncio.run(run())


def nothing() -> None:
    for _ in range(CALLS):
        pass


def added(with_it: Work, without: Work) -> float:
    """Nanoseconds a call: the fastest round with it less the fastest without."""
    with collected():
        rounds = [(in_process(with_it).cpu, in_process(without).cpu) for _ in range(ROUNDS)]
    return (min(a for a, _ in rounds) - min(b for _, b in rounds)) / CALLS


def rows() -> Iterator[Row]:
    board = Board(cast(Recording, None), stop_timeout=60, on_lost="refuse")
    own, stock = own_check(board, look), stock_check(board, look)
    quiet = compare(partial(calls, own), partial(calls, own)).valid
    for name, value in (
        ("a disarmed check, its call included, ns (own runtime)", added(partial(calls, own), nothing)),
        ("what it adds to a hook that does nothing, ns (own)", added(partial(calls, own), partial(calls, own_nothing))),
        (
            "what it adds to a hook that does nothing, ns (stock)",
            added(partial(awaits, stock), partial(awaits, stock_nothing)),
        ),
    ):
        yield Row(name, value, BUDGET, valid=quiet)
