"""Keys that move: rows, panes, views, jumps, search, marks, follow, zoom."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracer.tui.screens.desk import Desk
from tracer.tui.widgets.pane import LinePane

if TYPE_CHECKING:
    from tracer.tui.model.search import Search

VIEWS = ("waterfall", "transcript", "events")


class Moving(Desk, inherit_bindings=False):
    """Actions by which the reader goes from place to place."""

    search: Search | None = None
    marks: tuple[int, ...] = ()
    _goal: tuple[int, Callable[[], None]] | None = None

    def action_move(self, by: int) -> None:
        """Rows."""
        self._entered().move(by)

    def action_page(self, by: int) -> None:
        """Pages."""
        self._entered().page(by)

    def action_fold(self, close: bool) -> None:
        """Fold or unfold."""
        self._entered().fold(close)

    def action_ends(self, row: int) -> None:
        """To the first row, or to the last one, from where the screen follows."""
        if row < 0 and self.viewer.feed.state == "live":
            self.viewer.follow = True
        pane = self._entered()
        self._go(-1 if row < 0 else 0, lambda: pane.goto(row))

    def _go(self, seq: int, then: Callable[[], None]) -> None:
        """`then`, as soon as line `seq` (-1: the last one) is among what is shown; mostly that is now."""
        self._goal = seq, then
        self._arrive()
        if self._goal is not None:
            place = "the end" if seq < 0 else f"#{seq}"
            missing = "is not read yet: it" if self.viewer.playback is None else "is later in the replay: the screen"
            shows = "shows as soon as it is" if self.viewer.playback is None else "goes there as soon as it is played"
            self.say(f"{place} {missing} {shows}", "dim")

    def _arrive(self) -> bool:
        if self._goal is None or not self.viewer.reach(self._goal[0]):
            return False
        (_, then), self._goal = self._goal, None
        self.update()
        then()
        return True

    def tick(self) -> None:
        """As ever, and go where the reader wanted to once that is read."""
        super().tick()
        if self._arrive():
            self.say("")

    def _entered(self) -> LinePane:
        """The pane that moves; who moves has left the stop panel, and waits for no place to be read."""
        self._goal = None
        pane = self.pane
        self.set_focus(pane, scroll_visible=False)
        return pane

    def action_pane(self, by: int) -> None:
        """The next pane that shows."""
        ring = self.ring
        at = ring.index(self.focused if self.focused in ring else self.pane)
        self.set_focus(ring[(at + by) % len(ring)])
        if self.hints:
            self.hints.advance(self.viewer.status.condition)

    def action_view(self, name: str) -> None:
        """Waterfall, transcript or events as the large pane."""
        for view in VIEWS:
            self.set_class(view == name, f"-view-{view}")
        pane: LinePane = {"waterfall": self.waterfall, "transcript": self.transcript, "events": self.events}[name]
        self._coming = pane
        pane.focus()
        self.call_after_refresh(self._viewed)

    def _viewed(self) -> None:
        coming, self._coming = self._coming, None
        for pane in self.shown:
            pane.grow()
        panes = [coming, *self.shown] if coming is not None else self.shown  # it may have no size yet
        moved = next((pane for pane in panes if pane.moving), None)
        self.reveal(moved)  # but leave a move as it is that is not heard of yet
        if moved is not None:
            moved.show_row(moved.cursor)

    def action_follow(self) -> None:
        """Follow what is new, or stay here."""
        if self.viewer.playback is None and self.viewer.feed.state != "live" and not self.viewer.reading:
            self.say("the run is over: nothing new comes; G goes to the end", "dim")
            return
        self.viewer.follow = not self.viewer.follow
        if self.viewer.follow:
            self.update()
            self.transcript.follow_end()
        self.say("following what is new" if self.viewer.follow else "staying here; f follows again")

    def action_zoom(self, by: int) -> None:
        """The waterfall's time axis."""
        if not self.waterfall.display:
            self.say("only the waterfall has a time axis; 1 shows it", "dim")
            return
        factor = self.waterfall.zoom_by(by)
        self.say(f"zoom {factor}× around the selection" if factor > 1 else "the whole run")

    # jumps

    def action_jump(self, what: str, by: int) -> None:
        """The next or previous of the feed's errors, cycles or tools."""
        places = getattr(self.viewer.feed, what)
        at = bisect_right(places, self.viewer.seq) if by > 0 else bisect_left(places, self.viewer.seq) - 1
        if not 0 <= at < len(places):
            said = f"no {'more ' if places else ''}{what} {'after' if by > 0 else 'before'} this"
            self.say(said + self._so_far, "dim")
            return
        self.look_at(places[at])
        self.say(f"{what[:-1]} {at + 1} of {len(places)}{self._so_far}", "dim")

    @property
    def _so_far(self) -> str:
        """Of what that is true, where it is not the whole session."""
        if not self.viewer.reading:
            return ""
        return " in what is read yet" if self.viewer.playback is None else " in what is played yet"

    def look_at(self, seq: int) -> None:
        """Select a record and the span around it, in all panes."""
        self._entered()
        self.viewer.follow = False
        self._go(seq, lambda: self._look_at(seq))

    def _look_at(self, seq: int) -> None:
        viewer = self.viewer
        viewer.select_seq(seq)
        self.inspector.record = viewer.span is None or self.events.display
        self.reveal(None)
        self._bars()

    def action_mark(self) -> None:
        """Set a mark on the selection."""
        self.marks = tuple(sorted({*self.marks, self.viewer.seq}))
        self.say(f"marked #{self.viewer.seq}; ' goes from mark to mark")

    def action_marked(self) -> None:
        """The next mark."""
        marks = self.marks
        if not marks:
            self.say("no marks yet; m sets one", "dim")
            return
        self.look_at(marks[bisect_right(marks, self.viewer.seq) % len(marks)])

    # search

    def action_search(self) -> None:
        """Ask for a text in the line at the bottom."""
        from tracer.tui.widgets.searchline import SearchLine

        line = next(iter(self.query(SearchLine)), None)
        if line is None:
            line = SearchLine(self._asked)
            self.mount(line, before=self.notice)
        line.open()

    def _asked(self, text: str | None) -> None:
        """The search line was closed: search for what was typed."""
        self.set_focus(self.pane)
        if text:
            from tracer.tui.model.search import Search

            viewer = self.viewer
            self.search = Search(viewer.feed.reader, text, viewer.feed.fed if viewer.playback else None)
            self._go_on_searching()

    def close_search(self) -> bool:
        """Close the search line; returns whether it was open."""
        opened = self.query("#search.-open")
        for line in opened:
            line.close()  # type: ignore[attr-defined]
        return bool(opened)

    def _go_on_searching(self) -> None:
        search = self.search
        if search is None:
            return
        more = search.advance()
        if not more:
            self.action_match(0)
            return
        self.say(f"searching {search.text!r}: {len(search.matches)} found")
        self.set_timer(0.01, self._go_on_searching)

    def action_match(self, by: int) -> None:
        """The next match, the one before, or (0) the first from here on."""
        search = self.search
        if search is None:
            self.say("no search yet; / asks for a text", "dim")
            return
        search.advance(1 << 40)
        seq = search.before(self.viewer.seq) if by < 0 else search.after(self.viewer.seq - (by == 0))
        if seq is None:
            self.say(f"{search.text!r} is nowhere{self._so_far or ' in this session'}", "warn")
            return
        self.look_at(seq)
        if self._goal is None:
            self.say(f"{search.text!r}: {search.place(seq)}")
