"""The screen: live, replay and debug in a terminal. Importing it loads no Textual; `run_view` does."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tracer.tui.collector import Held
from tracer.tui.model.hints import Hint, Hints

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror

__all__ = ["Hint", "Hints", "run_view"]


def run_view(
    path: Path,
    *,
    mode: Literal["live", "replay", "view"] = "view",
    speed: float = 1.0,
    socket: Path | Mirror | None = None,
    hints: Hints | None = None,
    leaving: Callable[[], None] | None = None,
) -> int:
    """Show the session at `path` until quit; returns an exit code. Raises TracerError where it cannot be read.

    SIGTERM and SIGHUP close the screen and leave the terminal as it was; then the code is 128 and the signal's number.
    `mode` replay plays the recorded pace times `speed` (0: everything at once); the others follow the file as it grows.
    `socket` is the debugger's, or the mirror of a session elsewhere; `hints` lead a newcomer through the screen.
    With `leaving` the run ends with the screen: it is called before the debugger loses this viewer, maybe twice.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with Held() as held:
            from tracer.tui.app import TracerApp

            app = TracerApp(path, mode=mode, speed=speed, socket=socket, hints=hints, leaving=leaving)
            app.main.painted = held.release
            app.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return app.return_code or 0
