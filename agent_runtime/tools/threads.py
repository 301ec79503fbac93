"""Run a blocking function beside the event loop. Not asyncio.to_thread: its few threads are waited for at the
end of the program, so that one hanging tool would keep a finished program from ending."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any


async def in_thread(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call `func` in a daemon thread of its own, in a copy of the context; cancelling leaves it running."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(_settable(error))

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(func, *args, **kwargs)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    threading.Thread(target=work, name=f"tool-{getattr(func, '__name__', 'call')}", daemon=True).start()
    return await future


def _settable(error: BaseException) -> BaseException:
    """A future refuses StopIteration."""
    if isinstance(error, StopIteration):
        wrapped = RuntimeError(f"the function raised {error!r}")
        wrapped.__cause__ = error
        return wrapped
    return error
