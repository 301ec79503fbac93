"""The application: opens the session, owns the theme. What shows is in screens, what it means in model."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from tracer.journal.reader import Reader
from tracer.tui import theme
from tracer.tui.keys import KEYS
from tracer.tui.model.feed import Feed
from tracer.tui.model.hints import Hints
from tracer.tui.model.playback import Playback
from tracer.tui.model.status import Mode
from tracer.tui.screens.main import MainScreen
from tracer.tui.viewer import Viewer

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror


class TracerApp(App[None], inherit_bindings=False):
    """One session on the screen. Raises TracerError where it cannot be read."""

    CSS_PATH = "tracer.tcss"
    TITLE = "tracer"
    BINDINGS = [Binding("ctrl+c", "quit", "quit", show=False, system=True)]  # noqa: RUF012

    def __init__(
        self,
        path: Path,
        *,
        mode: Mode = "view",
        speed: float = 1.0,
        socket: Path | Mirror | None = None,
        hints: Hints | None = None,
        leaving: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(theme.DARK)
        self.register_theme(theme.LIGHT)
        self.set_reactive(App.theme, "tracer")  # before the first style is read: a change reads them all again
        self.stylesheet.set_variables(self.get_css_variables())
        self.viewer = open_viewer(path, mode, speed)
        self.main = MainScreen(self.viewer, hints, socket)
        self.main.ends = leaving

    def on_mount(self) -> None:
        # `fg` brings the screen back to a cleared terminal, and Textual by itself paints only what changes after that
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):  # between two steps of the loop: never in the middle of one
                asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the screen takes in nothing more, which it would else do before it goes."""
        self.main.leaving = True
        if self.main.ends is not None:
            self.main.ends()
        super().exit(result, return_code, message)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self.main

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key as a command, and the themes."""
        for key in KEYS:
            if key.action not in ("palette", "back"):
                act = partial(self.call_next, self.main.run_action, key.action)
                yield SystemCommand(key.says.capitalize(), key.show, act)
        yield SystemCommand("Theme", "change the colours", self.action_change_theme)


def open_viewer(path: Path, mode: Mode, speed: float) -> Viewer:
    """A viewer of the session at `path`, at the beginning of what its mode shows."""
    reader = Reader(path)
    feed = Feed(reader)
    if mode != "replay":
        feed.state = reader.standing() if reader.poll(1 << 16) else "live"
        return Viewer(feed, mode, follow=feed.state == "live")
    reader.poll(limit=1 << 60)
    return Viewer(feed, mode, Playback(reader.record(len(reader) - 1).t, speed))
