"""What the main screen is made of, and its tick: take in what is new, follow, paint, and only then ask for more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tracer.tui.model.hints import Hints
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.bar import Bar
from tracer.tui.widgets.events import EventList
from tracer.tui.widgets.footer import Footer, HintBar, Notice
from tracer.tui.widgets.header import Header, Progress
from tracer.tui.widgets.inspector import Inspector
from tracer.tui.widgets.pane import LinePane
from tracer.tui.widgets.stack import StackPane
from tracer.tui.widgets.stop import StopPanel
from tracer.tui.widgets.transcript import Transcript
from tracer.tui.widgets.waterfall import Waterfall

FRAME, CLOCK, SETTLE, PATIENCE, SAID = 1 / 30, 0.2, 0.5, 0.5, 6.0
BARS = 2  # rows around the panes: the header and the footer
WIDE = 100  # columns from which on transcript and inspector stand side by side
LEAST, STEP = 5, 4  # rows of the waterfall: at least, and by how many it grows while the run goes on


class Desk(Screen[None], inherit_bindings=False):
    """The panes and bars, their selection in common, and the data's way into them. Keys are in the classes above it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#waterfall"

    def __init__(self, viewer: Viewer, hints: Hints | None) -> None:
        super().__init__()
        self.viewer, self.hints = viewer, hints
        self.waterfall, self.events = Waterfall(viewer), EventList(viewer)
        self.transcript, self.inspector = Transcript(viewer), Inspector(viewer)
        self.panel, self.stack, self.notice = StopPanel(viewer), StackPane(), Notice()
        self._ticked = self._painted = self._settled = 0.0
        self._version: tuple[object, ...] = ()
        self._waiting = self.leaving = False
        self._opening = True
        self.painted: Callable[[], None] = lambda: None  # called once, when the session is on the screen
        self._hush: Timer | None = None
        self._quick: Timer | None = None  # the frames between those of the clock, where something may come or move
        self._last: LinePane = self.waterfall
        self._coming: LinePane | None = None  # the view that was asked for, until it is laid out
        self._told: set[int] = set()
        viewer.ready = lambda: self.transcript.prepared

    def compose(self) -> ComposeResult:
        self._classify(self.app.size.width)
        yield Header(self.viewer)
        if self.viewer.mode == "replay":
            yield Progress(self.viewer)
        with Vertical(id="body"):
            yield self.waterfall
            yield self.events
            yield self.panel
            with Horizontal(id="lower"):
                yield self.transcript
                yield self.inspector
                yield self.stack
        yield self.notice
        if self.hints:
            yield HintBar(self.viewer, self.hints)
        yield Footer(self.viewer)

    def _classify(self, width: int) -> None:
        """Have the classes from the beginning that Textual sets after the first layout: that costs all styles anew."""
        self.set_class(width < WIDE, "-narrow", update=False)
        self.set_class(width >= WIDE, "-wide", update=False)

    def on_mount(self) -> None:
        self._ticked = time.monotonic()
        self._quick = self.set_interval(FRAME, self._frame)
        self.set_interval(CLOCK, self._frame)

    def on_screen_resume(self) -> None:
        """Before the first layout take in the beginning, so that what is painted first is the session."""
        if not self._painted:
            self.tick()

    def say(self, text: str, style: str = "accent") -> None:
        """Tell the reader what a key did; what went wrong stays until the next word, the rest for a while."""
        self.notice.say(text, style)
        if self._hush is not None:
            self._hush.stop()
        self._hush = (
            self.set_timer(SAID, lambda: self.notice.say("")) if text and style not in ("error", "warn") else None
        )

    @property
    def pane(self) -> LinePane:
        """The pane that keys act on: the one that is about to show, the focused one, the one that was, or the first."""
        if self._coming is not None:
            return self._coming
        shown = self.shown
        return next((pane for pane in (self.focused, self._last) if pane in shown), shown[0])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which pane the reader is in."""
        if isinstance(event.widget, LinePane):
            self._last = event.widget

    @property
    def shown(self) -> list[LinePane]:
        """The panes that show, in the order of Tab."""
        panes: list[LinePane] = [self.waterfall, self.events, self.transcript, self.inspector, self.stack]
        return [pane for pane in panes if pane.display and pane.size.height > 0] or [self.inspector]

    @property
    def ring(self) -> list[Widget]:
        """What Tab goes through: the panes that show, and the stop panel where it stands among them."""
        ring: list[Widget] = list(self.shown)
        if self.has_class("-stopped"):
            ring.insert(1 if ring[0] in (self.waterfall, self.events) else 0, self.panel)
        return ring

    # data

    def _frame(self) -> None:
        """Tick where something is due, unless the last tick is not painted yet; a paint that a pushed screen swallowed
        is not waited for."""
        if self.leaving or not self._due:
            return
        if not self._waiting or time.monotonic() - self._ticked > PATIENCE:
            self.tick()

    @property
    def _due(self) -> bool:
        """Whether there is more to do than a few times a second: a screen on which nothing moves is to cost nothing."""
        return time.monotonic() - self._ticked >= CLOCK or self._laying or self.viewer.moves

    def tick(self) -> None:
        """Take in a slice and bring the screen up to date."""
        now = time.monotonic()
        self.advance(now - self._ticked)
        self._ticked = now
        if now - self._settled > SETTLE and not self.viewer.feed.behind:
            self._settled = now
            self.viewer.feed.settle()
        self.update(force=False)
        self._rest()
        self._waiting = True
        self.call_after_refresh(self._drawn)

    def _rest(self) -> None:
        """Let a screen on which nothing moves by itself cost next to nothing: a timer alone is felt."""
        if self._quick is not None:
            lively = self.viewer.feed.state == "live" or self._laying or self.viewer.moves
            (self._quick.resume if lively else self._quick.pause)()

    def _compositor_refresh(self) -> None:
        super()._compositor_refresh()
        if not self.is_active:  # Textual asks for all of this screen again, sixty times a second, once one lies over it
            self._repaint_required = False

    def _drawn(self) -> None:
        self._waiting = False
        if self._opening:
            self._opening = False
            self.painted()
        if self._busy and self.is_current:
            self.set_timer(0.001, self._frame)  # and not at once: the loop has keys to bring

    @property
    def _busy(self) -> bool:
        """Whether there is work for now, so that the next slice comes at once."""
        return self._laying or (self.viewer.playback is None and self.viewer.reading)

    @property
    def _laying(self) -> bool:
        return self.transcript.display and not self.transcript.settled

    def advance(self, seconds: float) -> None:
        """Fold what there is to fold; replay holds back what its clock has not reached."""
        self.viewer.advance(seconds)

    def update(self, force: bool = True) -> None:
        """Bring panes and bars up to date: at once where records came, a few times a second where only time passed."""
        viewer, now = self.viewer, time.monotonic()
        feed = viewer.feed
        version = (feed.generation, feed.fed, feed.state, self.transcript.settled)
        if not force and (version == self._version or self._busy) and now - self._painted < CLOCK:
            if self._busy and self.transcript.display:
                self.transcript.grow()
            return
        changed = version != self._version
        turned = bool(self._version) and self._version[0] != version[0] and viewer.playback is None
        heights = [(pane, pane.cursor - pane.scroll_offset.y) for pane in (self.waterfall, self.events) if turned]
        self._version, self._painted = version, now
        viewer.renew()
        if viewer.tree.update() or changed:
            self.waterfall.forget()
        self._share()
        self._chase()
        for pane in self.shown:
            pane.grow()
        if turned and not viewer.follow:
            self._stay(heights)
        if viewer.follow and changed:
            self.transcript.follow_end()
        self._bars()

    def _stay(self, heights: Sequence[tuple[LinePane, int]]) -> None:
        """Another fold shows: what is selected stays selected, at the same height of its pane."""
        self.reveal(None)
        for pane, height in heights:
            pane.scroll_to(y=max(0, pane.cursor - height), animate=False, force=True)

    def on_resize(self) -> None:
        """Share the new height."""
        self._share()

    def _share(self) -> None:
        """The waterfall takes the rows that its spans need, up to half of what the stop leaves; the rest is below."""
        body = self.query_one("#body").size.height or self.app.size.height - BARS  # before the first layout: about that
        running = self.viewer.feed.state == "live"
        spans = len(self.viewer.feed.timeline.spans)
        wanted = -(-spans // STEP) * STEP if running else spans  # so that not each new span moves all that is below
        held = len(self.panel.lines(self.size.width)) if self.has_class("-stopped") else 0
        rows = max(1, min(max(wanted, LEAST) + self.waterfall.lead, (body - held) // 2))
        height = self.waterfall.styles.height
        if body and (height is None or height.value != rows or not height.is_cells):
            self.waterfall.styles.height = rows

    def _chase(self) -> None:
        viewer = self.viewer
        if any(pane.moving for pane in self.shown):
            return  # or the move would be undone before it is heard of
        if viewer.follow and viewer.feed.fed:
            before = viewer.span
            viewer.chase()
            if viewer.span is not before:
                self.inspector.record = False
            self.reveal(None)
        elif viewer.span is None and not self.inspector.record and viewer.tree.rows:  # a record may be in no span
            viewer.select_span(viewer.tree.rows[0])

    def _bars(self) -> None:
        viewer = self.viewer
        stopped = viewer.status.condition == "stopped"
        if stopped != self.has_class("-stopped"):
            self.set_class(stopped, "-stopped")
            self._share()
        self._hold(stopped)
        if viewer.status.condition == "running" and self.waterfall.display:
            self.waterfall.rescale()
            self.waterfall.forget()
        for bar in self.query(Bar):
            bar.renew()

    def _hold(self, stopped: bool) -> None:
        """A stop that is new takes the focus, from panes only; once none is left, the reader is where he was."""
        fresh = self.viewer.feed.timeline.stops.keys() - self._told
        if not stopped:
            if self.focused is self.panel:
                self.set_focus(self.pane)
        elif fresh and self.panel.decides:
            self._told |= fresh
            if self.focused is None or isinstance(self.focused, LinePane):
                self.set_focus(self.panel)

    # the selection

    def on_line_pane_moved(self, message: LinePane.Moved) -> None:
        """The reader moved: follow only goes on at the very end, and the other panes come along."""
        pane, viewer = message.pane, self.viewer
        pane.moving = False
        viewer.follow = viewer.follow and not message.up and pane.cursor >= pane.count - 1
        if pane is self.waterfall and self.waterfall.selected is not None:
            viewer.select_span(self.waterfall.selected)
            self.inspector.record = False
        elif pane is self.events or pane is self.transcript:
            seq = self.events.selected if pane is self.events else self.transcript.selected
            viewer.select_seq(seq if seq is not None else viewer.feed.fed - 1)  # below all items is what came last
            self.inspector.record = True
        if pane is not self.inspector:
            self.reveal(pane)
            self._tell_edge(pane, message.up)
        self._bars()

    def _tell_edge(self, pane: LinePane, up: bool) -> None:
        """At the edge of what is read or played, say that there is more."""
        viewer = self.viewer
        if up and pane.cursor == 0 and viewer.feed.window.first:
            self.say(f"what is before #{viewer.feed.window.first} is still being read", "dim")
        elif not up and pane.cursor == pane.count - 1 and viewer.feed.behind:
            played = "this is how far the replay is; Space plays on"
            self.say(
                "what follows is still being read; G goes to the end" if viewer.playback is None else played, "dim"
            )

    def reveal(self, source: LinePane | None) -> None:
        """Show the selection in every pane but the one it came from."""
        viewer = self.viewer
        if source is not self.waterfall:
            row = viewer.tree.row_of(viewer.span)
            if row is not None:
                self.waterfall.grow()
                self.waterfall.goto(row, tell=False)
        if source is not self.events and self.events.display:
            self.events.grow()
            self.events.reveal(viewer.feed.fed - 1 if viewer.follow else viewer.seq)
        if source is not self.transcript and not viewer.follow:
            self.transcript.reveal(viewer.seq)
        self.inspector.grow()
