"""A tool's time limit. It counts the tool's own run only, not what its reader does between two items."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any


class ToolTimeout(TimeoutError):
    """A tool ran longer than its `timeout`."""


@contextlib.asynccontextmanager
async def limit(seconds: float | None, name: str, allowed: float | None = None) -> AsyncIterator[None]:
    """Raise ToolTimeout after `seconds`; the message names `allowed` where less than it was left."""
    if seconds is None:
        yield
        return
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            yield
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise ToolTimeout(f"{name} did not finish within {allowed or seconds:g} s") from error


async def within(items: AsyncIterator[Any], seconds: float | None, name: str) -> AsyncIterator[Any]:
    """The items of a streaming tool, as long as the time spent making them is within the limit."""
    left = seconds
    while True:
        began = time.monotonic()
        try:
            async with limit(left, name, seconds):
                item = await anext(items)
        except StopAsyncIteration:
            return
        if left is not None:
            left = max(0.0, left - (time.monotonic() - began))
        yield item
