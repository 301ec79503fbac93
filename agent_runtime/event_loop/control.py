"""The brake of one invocation: `agent.cancel()` and the limit on seconds, from any thread. It stops a silent model by
cancelling the await in it, as `asyncio.timeout` does, and takes that cancellation back."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """Why the run is to end: `stop_reason` of the result, and the message that the caller of `cancel` gave."""

    stop_reason: str
    message: str | None = None
    after_tools: bool = False

    @property
    def text(self) -> str:
        return self.message or "Cancelled by user"


class Clock:
    """Seconds since the start; inside `with clock`, as while a hook is awaited, it stands still."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._paused = 0.0
        self._depth = 0
        self._since = 0.0

    def elapsed(self) -> float:
        now = self._since if self._depth else time.monotonic()
        return now - self._start - self._paused

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._since = time.monotonic()

    def __exit__(self, *raised: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._paused += time.monotonic() - self._since


class Control:
    """`stop` tells the run to end, `halt` to end at once and not after the present tools; `waiting` is the task that
    awaits the model, `wake` whatever else the run awaits."""

    def __init__(self, signal: threading.Event) -> None:
        self.loop = asyncio.get_running_loop()
        self.stop: Stop | None = None
        self.halt: Stop | None = None
        self.signal = signal
        self.wake = asyncio.Event()
        self.clock = Clock()
        self.waiting: asyncio.Task[object] | None = None
        self._interrupted: asyncio.Task[object] | None = None
        self._began: tuple[asyncio.Task[object] | None, int] = (None, 0)
        self._timer: asyncio.TimerHandle | None = None
        self._watcher: asyncio.TimerHandle | None = None

    def request(self, stop: Stop) -> None:
        """Ask the run to end; once it is ending, the reason stays. Callable from any thread."""
        if self.halt is not None:
            return
        self.stop = stop
        if stop.after_tools:
            return
        self.halt = stop
        self.signal.set()
        with contextlib.suppress(RuntimeError):  # the loop is closed: there is nothing left to interrupt
            self.loop.call_soon_threadsafe(self._interrupt)

    def begin(self) -> None:
        """Remember how often this task had been cancelled before it awaits the model."""
        task = asyncio.current_task()
        self._began = (task, task.cancelling() if task is not None else 0)

    def _interrupt(self) -> None:
        self.wake.set()
        if self.waiting is not None and self._interrupted is None:
            self._interrupted = self.waiting
            self.waiting.cancel()

    def absorb(self) -> bool:
        """Take back our own cancellation; True if it was ours alone, so that the task itself may go on."""
        self.waiting = None
        task, self._interrupted = self._interrupted, None
        if task is None:
            return False
        began, cancelled = self._began
        return task.uncancel() <= (cancelled if began is task else 0)

    async def sleep(self, seconds: float) -> bool:
        """Wait, but no longer than until the run is told to end; whether it was."""
        self.wake.clear()
        if self.halt is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.wake.wait()
        return self.halt is not None

    def limit(self, seconds: float) -> None:
        """End the run after so many seconds of the clock."""
        left = seconds - self.clock.elapsed()
        if left <= 0:
            self.request(Stop("limit_seconds"))
        else:
            self._timer = self.loop.call_later(max(left, 0.01), self.limit, seconds)

    def watch(self, signal: threading.Event) -> None:
        """End the run once the caller's event is set; it is looked at every 20 ms."""
        if signal.is_set():
            self.request(Stop("cancelled"))
        else:
            self._watcher = self.loop.call_later(0.02, self.watch, signal)

    def close(self) -> None:
        for timer in (self._timer, self._watcher):
            if timer is not None:
                timer.cancel()
