"""The main screen: header, waterfall, events, transcript, inspector, bars; and the tick that takes in what is new."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from tracer.tui.model.hints import Hints
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.events import EventList
from tracer.tui.widgets.footer import Footer, HintBar, Notice
from tracer.tui.widgets.header import Header, Progress
from tracer.tui.widgets.inspector import Inspector
from tracer.tui.widgets.transcript import Transcript
from tracer.tui.widgets.waterfall import Waterfall


class MainScreen(Screen[None]):
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]

    def __init__(self, viewer: Viewer, hints: Hints | None) -> None:
        super().__init__()
        self.viewer = viewer
        self.hints = hints

    def compose(self) -> ComposeResult:
        viewer = self.viewer
        yield Header(viewer)
        yield Progress(viewer)
        with Vertical(id="body"):
            yield Waterfall(viewer)
            yield EventList(viewer)
            with Horizontal(id="lower"):
                yield Transcript(viewer)
                yield Inspector(viewer)
        yield Notice()
        if self.hints:
            yield HintBar(viewer, self.hints)
        yield Footer(viewer)

    def on_mount(self) -> None:
        self.query_one("#waterfall").border_title = "waterfall"
        self.query_one("#transcript").border_title = "transcript"
        self.query_one("#inspector").border_title = "inspector"
        self.query_one("#events").border_title = "events"
        self.call_after_refresh(self.tick)

    def tick(self) -> None:
        v = self.viewer
        v.feed.advance()
        v.feed.settle()
        v.tree.update()
        if v.span is None and v.tree.rows: v.select_span(v.tree.rows[0])
        for p in self.query("LinePane"): p.grow()
        self.query_one("#header").refresh()
        self.set_timer(1/30, self.tick)
