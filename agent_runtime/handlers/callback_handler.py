"""Callback handlers: called with each event's keys as keyword arguments, just before it is yielded."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any


def null_callback_handler(**kwargs: Any) -> None:
    """Silence."""


class PrintingCallbackHandler:
    """Prints text and reasoning as they come, and the name of each tool."""

    def __init__(self, verbose_tool_use: bool = True) -> None:
        self.verbose_tool_use = verbose_tool_use
        self.tool_count = 0

    def __call__(self, **kwargs: Any) -> None:
        data, complete = kwargs.get("data", ""), kwargs.get("complete", False)
        if text := kwargs.get("reasoningText"):
            print(text, end="", flush=True)
        if data:
            print(data, end="\n" if complete else "", flush=True)
        use = _tool_use(kwargs.get("event"))
        if use is not None:
            self.tool_count += 1
            if self.verbose_tool_use:
                print(f"\nTool #{self.tool_count}: {use['name']}", flush=True)
        if complete and data:
            print("\n", flush=True)


class CompositeCallbackHandler:
    """Calls several handlers, in order, and waits for the asynchronous ones."""

    def __init__(self, *handlers: Callable[..., Any]) -> None:
        self.handlers = handlers

    def __call__(self, **kwargs: Any) -> Awaitable[None] | None:
        """What is to be awaited, if one of the handlers is asynchronous."""
        handlers = iter(self.handlers)
        for handler in handlers:
            outcome = handler(**kwargs)
            if inspect.isawaitable(outcome):
                return _finish(outcome, handlers, kwargs)
        return None


async def _finish(outcome: Awaitable[Any], handlers: Iterator[Callable[..., Any]], kwargs: dict[str, Any]) -> None:
    await outcome
    for handler in handlers:
        outcome = handler(**kwargs)
        if inspect.isawaitable(outcome):
            await outcome


def _tool_use(event: Any) -> dict[str, Any] | None:
    if not isinstance(event, dict):
        return None
    use: dict[str, Any] | None = event.get("contentBlockStart", {}).get("start", {}).get("toolUse")
    return use
