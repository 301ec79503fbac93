"""How events leave the loop. The loop is a coroutine: `await emit(..)` parks it until the consumer asks for the next
event. One generator, `drive`, stands between it and the consumer, so an event crosses one generator only, and the loop
is unwound in order however it is left. What the events say is no business of this module."""

from __future__ import annotations

import inspect
import types
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any

from agent_runtime.events import Event


class Abandoned(BaseException):
    """Thrown into the loop when its consumer has gone. Python closes what awaits on a GeneratorExit without letting it
    await anything more, and the last hooks are to be awaited."""


@types.coroutine
def emit(*events: Event) -> Generator[Any, Any, None]:
    """Yield events to the consumer, in order. Only in the loop's own task; elsewhere use its outbox."""
    yield events


@types.coroutine
def _pass_on(awaited: Any) -> Generator[Any, Any, None]:
    yield awaited


async def drive(
    start: Callable[[], Coroutine[Any, Any, None]], handler: Callable[..., Any] | None = None
) -> AsyncGenerator[Event, None]:
    """Run the loop, a step for each event that is asked for; `handler(**event)` is called just before each yield."""
    loop = start()
    error: BaseException | None = None
    send = loop.send
    while True:
        try:
            item = send(None) if error is None else loop.throw(error)
        except StopIteration:
            return
        error = None
        if type(item) is tuple:
            try:
                for event in item:
                    if handler is not None:
                        outcome = handler(**event)
                        if outcome is not None and inspect.isawaitable(outcome):
                            await outcome
                    yield event
            except BaseException:
                await _unwind(loop)
                raise
        else:
            try:
                await _pass_on(item)
            except BaseException as raised:
                error = raised


async def _unwind(loop: Coroutine[Any, Any, None]) -> None:
    """Close the loop as an abandoned one; its `finally` blocks may await, what they emit is dropped."""
    error: BaseException | None = Abandoned()
    while True:
        try:
            item = loop.send(None) if error is None else loop.throw(error)
        except (StopIteration, Abandoned):
            return
        error = None
        if type(item) is not tuple:
            try:
                await _pass_on(item)
            except BaseException as raised:
                error = raised
