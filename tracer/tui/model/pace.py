"""How fast keys come: one that is held down answers one stop, not the next one too. It knows no screen."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE = 0.3  # seconds between two keys that are two decisions
REPEAT = 0.75  # between the same key twice: longer than keyboards wait before they repeat one that is held down


class Pace:
    """Tell it of each key that decides; it says whether that key may decide what it has not decided about before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """As if no key had been pressed."""
        self._key, self._at, self._gap = "", float("-inf"), float("inf")
        self._settled: int | None = None
        self._repeated = False

    def press(self, key: str, at: float | None = None) -> None:
        """A key was pressed, now or `at` another moment of the clock: a busy screen hears of it late."""
        now = self._clock() if at is None else at
        self._repeated, self._gap = key == self._key, now - self._at
        self._key, self._at = key, now

    def allows(self, subject: int) -> bool:
        """Whether the key pressed last may decide about a subject: after a pause, or one that came before it."""
        if self._gap >= (REPEAT if self._repeated else PAUSE):
            self._settled = subject
        return subject == self._settled
