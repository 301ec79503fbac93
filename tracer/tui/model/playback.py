"""Replay's clock: which moment is shown, how fast it goes, and where it stands. No timer, no screen."""

from __future__ import annotations

from dataclasses import dataclass

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
HOLD = 1.5


@dataclass(slots=True)
class Playback:
    """The recording is shown up to `now` (ns since its start) of `total`; it moves at `speed` times its own pace.

    After a step, `limit` is how many records are shown, since several may have the same time.
    """

    total: int
    speed: float = 1.0
    now: int = 0
    playing: bool = True
    limit: int | None = None
    _held: float = 0.0

    def __post_init__(self) -> None:
        if self.speed <= 0:
            self.finish()
            self.speed = 1.0

    @property
    def at_end(self) -> bool:
        """Whether everything is shown."""
        return self.now >= self.total and self.limit is None

    @property
    def done(self) -> float:
        """How much is shown, 0 to 1."""
        return min(1.0, self.now / self.total) if self.total > 0 else 1.0

    def tick(self, seconds: float, held_until: int | None = None) -> None:
        """Let `seconds` of real time pass. `held_until`: the debugger held the agent until then; that is cut short."""
        if not self.playing:
            return
        if held_until is not None and held_until > self.now:
            self._held += seconds
            if self._held * self.speed >= HOLD:
                self.now = held_until
            return
        self._held = 0.0
        self.now = min(self.total, self.now + int(seconds * self.speed * 1e9))
        if self.at_end:
            self.playing = False

    def toggle(self) -> None:
        """Play or pause; at the end, play from the beginning."""
        if self.at_end:
            self.now = 0
            self.playing = True
        else:
            self.playing = not self.playing
        self.limit = None

    def faster(self, by: int) -> None:
        """The next speed up (`by` 1) or down (-1)."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[min(len(SPEEDS) - 1, max(0, nearest + by))]

    def seek(self, t: int, limit: int) -> None:
        """Stand still at moment `t`, with the first `limit` records shown."""
        self.now, self.limit = min(self.total, max(0, t)), limit
        self.playing = False

    def finish(self) -> None:
        """Everything at once."""
        self.now = self.total
        self.playing = False
