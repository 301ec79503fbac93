"""How events leave the loop. The loop is a coroutine: `await emit(..)` parks it until the consumer asks for the next
event. One generator, `drive`, stands between it and the consumer, so an event crosses one generator only, and the loop
is unwound in order however it is left. What the events say is no business of this module, but for text that goes on:
most events are that, and a call for each of them would be felt."""

from __future__ import annotations

import asyncio
import inspect
import sys
import types
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from agent_runtime.events import Event
from agent_runtime.tap import Heard, Tap, inside, leave

if TYPE_CHECKING:
    from agent_runtime.event_loop.builder import Builder
    from agent_runtime.event_loop.control import Control

Loop: TypeAlias = Coroutine[Any, Any, None]

if sys.version_info >= (3, 12):
    _task_in: Callable[[Any], Any] = asyncio.current_task
else:
    # There it is written in Python, and asked for each chunk it costs as much as all the rest.
    _task_in = asyncio.tasks._current_tasks.get  # type: ignore[attr-defined]


class Abandoned(BaseException):
    """Thrown into the loop when its consumer has gone. Python closes what awaits on a GeneratorExit without letting it
    await anything more, and the last hooks are to be awaited."""


def leaves(error: BaseException) -> bool:
    """Whether an exception is no error of the run, but its consumer or the program going away."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, Abandoned | GeneratorExit | KeyboardInterrupt | SystemExit)


class Feed(Protocol):
    """A source of events that `drive` reads by itself, past the loop, because they are many.

    `control.waiting` is told which task waits in `advance`; `take` makes events of what it gave, and raises
    StopAsyncIteration when there are to be no more. `builder.say` takes a piece of the open text block; None: none is.
    """

    control: Control
    builder: Builder
    advance: Callable[[], Awaitable[Any]]

    def take(self, chunk: Any) -> tuple[Event, ...]: ...


class _Relay:
    __slots__ = ("feed",)

    def __init__(self, feed: Feed) -> None:
        self.feed = feed


@types.coroutine
def emit(*events: Event) -> Generator[Any, Any, None]:
    """Yield events to the consumer, in order. Only in the loop's own task; elsewhere use its outbox."""
    yield events


@types.coroutine
def relay(feed: Feed) -> Generator[Any, Any, None]:
    """Yield a feed's events until it ends; what it raises is raised here."""
    yield _Relay(feed)


@types.coroutine
def _pass_on(awaited: Any) -> Generator[Any, Any, None]:
    yield awaited


async def drive(  # noqa: PLR0912, PLR0915 - its branches are calls that were too dear
    start: Callable[[], Loop],
    handler: Callable[..., Any] | None = None,
    tapped: Callable[[], Tap] | None = None,
) -> AsyncGenerator[Event, None]:
    """Run the loop, a step for each event that is asked for. Just before each yield `handler(**event)` is called, and
    then the tap that `tapped` gives."""
    tap = tapped() if tapped is not None else None
    note = tap.text if tap is not None else None
    quick = handler is None and (tap is None or note is not None)
    loop, task_in = start(), _task_in
    feed: Feed | None = None
    error: BaseException | None = None
    half = False
    with Heard(tap):
        while True:
            if feed is None:
                item, error = await (_step(loop, error) if tap is None else inside(tap, _step(loop, error))), None
                if item is None:
                    return
                if isinstance(item, _Relay):
                    feed = item.feed
                    advance, take, control, builder = feed.advance, feed.take, feed.control, feed.builder
                    continue
                events: tuple[Event, ...] | None = item
            else:
                try:
                    control.waiting = task_in(control.loop)
                    if tap is None:
                        chunk = await advance()
                    else:
                        token = tap.variable.set(tap.value)
                        try:
                            chunk = await advance()
                        finally:
                            leave(tap, token)
                    control.waiting = None
                    if (say := builder.say) is not None and quick and control.halt is None:
                        try:
                            text = chunk["contentBlockDelta"]["delta"]["text"]
                        except Exception:  # another chunk, or a wrong one: `take` knows
                            text = None
                        if type(text) is str:
                            say(text)
                            events = None
                        else:
                            events = take(chunk)
                    else:
                        events = take(chunk)
                except BaseException as raised:
                    feed, error = None, None if isinstance(raised, StopAsyncIteration) else raised
                    continue
            try:
                if events is None and (note is None or note(text, chunk)):
                    try:
                        yield {"event": chunk}
                    except BaseException:
                        half = True
                        raise
                    yield {"data": text, "delta": {"text": text}}
                    continue
                for event in events or _said(text, chunk):
                    if handler is not None:
                        await inside(tap, _tell(handler, event))
                    if tap is not None:
                        tap.event(event)
                    yield event
            except BaseException:
                if tap is not None:
                    tap.left(half)
                await inside(tap, _unwind(loop))
                raise


def _said(text: Any, chunk: Any) -> tuple[Event, Event]:
    return {"event": chunk}, {"data": text, "delta": {"text": text}}


async def _step(loop: Loop, error: BaseException | None) -> tuple[Event, ...] | _Relay | None:
    """Run the loop until it has something to yield; None at its end. What it awaits meanwhile is awaited here."""
    while True:
        try:
            item = loop.send(None) if error is None else loop.throw(error)
        except StopIteration:
            return None
        if isinstance(item, tuple | _Relay):
            return item
        error = None
        try:
            await _pass_on(item)
        except BaseException as raised:
            error = raised


async def _tell(handler: Callable[..., Any], event: Event) -> None:
    outcome = handler(**event)
    if outcome is not None and inspect.isawaitable(outcome):
        await outcome


async def _unwind(loop: Loop) -> None:
    """Close the loop as an abandoned one; its `finally` blocks may await, what they emit is dropped."""
    error: BaseException | None = Abandoned()
    try:
        while await _step(loop, error) is not None:
            error = None
    except Abandoned:
        return
