"""Coroutines for callers that cannot await. It knows nothing of agents."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def wait_for(make: Callable[[], Coroutine[Any, Any, T]], interrupted: Callable[[], None] | None = None) -> T:
    """Run `make()` to its end, in a thread and event loop of its own, so that it works inside a running loop too.

    It sees the caller's context variables. `interrupted` is called on Ctrl-C, before that is raised.
    """
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1, thread_name_prefix="agent") as thread:
        answer = thread.submit(context.run, lambda: asyncio.run(make()))
        try:
            return answer.result()
        except KeyboardInterrupt:
            if interrupted is not None:
                interrupted()
            raise
