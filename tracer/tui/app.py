"""The application: opens the session, owns the theme and the terminal. What shows is in screens, what it means in model."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.screen import Screen

from tracer.journal.reader import Reader
from tracer.tui import theme
from tracer.tui.model.feed import Feed
from tracer.tui.model.hints import Hints
from tracer.tui.model.status import Mode
from tracer.tui.screens.main import MainScreen
from tracer.tui.viewer import Viewer


class TracerApp(App[None]):
    CSS_PATH = "tracer.tcss"
    TITLE = "tracer"

    def __init__(self, path: Path, *, mode: Mode = "view", speed: float = 1.0, socket: Path | None = None, hints: Hints | None = None) -> None:
        super().__init__()
        self.viewer = Viewer(Feed(Reader(path)), mode)
        self.hints = hints

    def on_mount(self) -> None:
        self.register_theme(theme.DARK)
        self.register_theme(theme.LIGHT)
        self.theme = "tracer"

    def get_default_screen(self) -> Screen[None]:
        return MainScreen(self.viewer, self.hints)
