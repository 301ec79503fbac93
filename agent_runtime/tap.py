"""Listening to an agent's stream from inside: what a recorder needs that must not cost a generator of its own."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, Protocol, TypeAlias, TypeVar

from agent_runtime.events import Event

T = TypeVar("T")


class Tap(Protocol):
    """Is told of each event of one invocation just before the consumer is given it. What it raises ends the stream.

    `variable` has the value `value` while the agent works, and never while the consumer does. `text`, if there is one,
    takes a piece of text and its chunk in place of the two events that say it, or gives False: then it is told of both.
    `left` is told when the consumer goes, before the agent cleans up, and whether it was between two that `text` took.
    `failed` takes the exception that leaves the stream, `over` ends it, however it ended.
    """

    variable: ContextVar[Any]
    text: Callable[[str, dict[str, Any]], bool] | None

    @property
    def value(self) -> Any: ...

    def event(self, event: Event) -> None: ...

    def left(self, half: bool) -> None: ...

    def failed(self, error: BaseException) -> None: ...

    def over(self) -> None: ...


# `agent.tap = factory`: called with the prompt and the caller's invocation state as an invocation begins.
TapFactory: TypeAlias = Callable[[Any, Mapping[str, Any] | None], Tap]


class Heard:
    """A context that tells the tap, if there is one, how the stream ended."""

    def __init__(self, tap: Tap | None) -> None:
        self._tap = tap

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._tap is None:
            return
        try:
            if isinstance(error, Exception | CancelledError):
                self._tap.failed(error)
        finally:
            self._tap.over()


async def inside(tap: Tap | None, work: Awaitable[T]) -> T:
    """Await a part of the agent's work where the tap's variable says so."""
    if tap is None:
        return await work
    token = tap.variable.set(tap.value)
    try:
        return await work
    finally:
        leave(tap, token)


def leave(tap: Tap, token: Token[Any]) -> None:
    """The agent's work is done, or interrupted."""
    try:  # noqa: SIM105 - `suppress` would be felt: this runs for each chunk
        tap.variable.reset(token)
    except ValueError:  # it was closed from another context, where nothing was set
        pass
