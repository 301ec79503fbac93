"""How a message's tools run beside each other. Each runs in a task of its own, so one that waits holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

Job = Callable[[], Coroutine[Any, Any, bool]]


class ToolExecutor(Protocol):
    """Runs jobs, one for each tool call, and returns when all are done; the first exception ends the others.

    A job gives True if it asked a question: those that have not begun may then wait until it is answered.
    """

    async def execute(self, jobs: Sequence[Job]) -> None: ...


class ConcurrentToolExecutor:
    """All at once. The results are in the order in which the model asked, whoever finishes first."""

    async def execute(self, jobs: Sequence[Job]) -> None:
        if len(jobs) == 1:
            await jobs[0]()  # the task that this runs in is its own already
            return
        tasks = [asyncio.ensure_future(job()) for job in jobs]
        try:
            await asyncio.gather(*tasks)
        finally:
            await _end(tasks)


class SequentialToolExecutor:
    """One after the other, in the order in which the model asked; none is begun behind one that asks a question."""

    async def execute(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            task = asyncio.ensure_future(job())
            try:
                if await task:
                    return
            finally:
                await _end([task])


async def _end(tasks: Sequence[asyncio.Future[bool]]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
