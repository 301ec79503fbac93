"""What one viewer looks at: the feed, the moment, the selection, whether it follows. It knows no Textual."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.spans import Span, input_of
from tracer.tui.model.feed import Feed
from tracer.tui.model.playback import Playback
from tracer.tui.model.status import Mode, Status, status
from tracer.tui.model.tree import Tree
from tracer.tui.model.window import before

SLICE, HURRY, MANY = 0.008, 0.02, 20_000  # seconds a frame for folding, and for many records that are still to come
_LITTLE = 1 << 20  # bytes that are indexed in no time
_UNNAMED = ("", "agent", "Strands Agents")


@dataclass(slots=True)
class Viewer:
    """`seq` and `span` are what is selected: a record, and the innermost span around it.

    `feed` is what shows: the `whole` session, or while that is being read a window further on (see `reach`).

    `since` gives the seconds since the file last grew, so that what runs keeps growing between records; `results` maps
    a stop's id to what a tool returned that is stopped before its result goes on; `ready` tells whether the screen is
    for the whole session in place of a window.
    """

    feed: Feed
    mode: Mode
    playback: Playback | None = None
    follow: bool = True
    seq: int = 0
    span: Span | None = None
    results: dict[int, str] = field(default_factory=dict)
    tree: Tree = field(init=False)
    whole: Feed = field(init=False)
    since: Callable[[], float] | None = None
    ready: Callable[[], bool] = lambda: True
    _generation: int = -1
    _until: int | None = None
    _asked: int | None = None

    def __post_init__(self) -> None:
        self.whole = self.feed
        self.tree = Tree(self.feed.timeline)
        self._generation = self.feed.generation

    def renew(self) -> bool:
        """After the feed began anew: a tree of its own; returns whether it did."""
        if self._generation == self.feed.generation:
            return False
        folded = self.tree.folded
        self.tree = Tree(self.feed.timeline)
        self.tree.folded = folded
        self._generation = self.feed.generation
        self.span = None
        return True

    def advance(self, seconds: float) -> None:
        """Let `seconds` of real time pass: fold a slice of what there is, or in replay what its clock has reached."""
        playback, feed = self.playback, self.feed
        if playback is None:
            self._read()
            return
        held = None
        if feed.timeline.stops and feed.behind:
            held = feed.reader.record(feed.fed).t
        playback.tick(seconds, held)
        if playback.limit is not None:
            feed.advance(until_seq=playback.limit)
        else:
            feed.advance(until_t=None if playback.at_end else playback.now)

    def _read(self) -> None:
        whole = self.whole
        whole.advance(HURRY if whole.behind > MANY else SLICE)
        if self.feed is not whole:
            self.feed.advance(SLICE, until_seq=self._until)
            if not self._left and self.ready():
                self._turn(whole)
        elif self.follow and self.far(-1):
            self.reach(-1)

    @property
    def moves(self) -> bool:
        """Whether `advance` has something to do: a file that grows has grown, or replay's clock goes on or is ahead."""
        playback, feed, whole = self.playback, self.feed, self.whole
        if playback is None:
            return feed is not whole or whole.behind > 0 or (feed.state == "live" and whole.reader.unread > 0)
        return playback.playing or (feed.behind > 0 if playback.at_end else feed.fed < (playback.limit or 0))

    @property
    def reading(self) -> bool:
        """Whether something shows that is not yet the whole session."""
        return self._left or self.feed is not self.whole

    @property
    def _left(self) -> bool:
        return self.whole.behind > 0 or (self.playback is None and self.whole.reader.unread > _LITTLE)

    def far(self, seq: int) -> bool:
        """Whether it takes a while until the fold of the whole session is at line `seq` (-1: the last)."""
        if self.playback is not None:
            return False
        more = seq < 0 and self.whole.reader.unread > _LITTLE
        return more or (self.whole.behind if seq < 0 else seq - self.whole.fed) > MANY

    def reach(self, seq: int) -> bool:
        """Show a part of the session that holds line `seq` (-1: the last); whether it does now, else ask again.

        In replay that is for its clock to do: the last is the last that it has reached.
        """
        whole, reader = self.whole, self.whole.reader
        if self.playback is not None:
            return seq < whole.fed
        if not self.far(seq):
            whole.advance(1.0, until_seq=seq + 1 if seq >= 0 else None)
            self._turn(whole)
            return seq < whole.fed
        if seq < 0 and reader.unread > _LITTLE:
            reader.poll(limit=24 << 20)
            return False
        if seq != self._asked and not self._shows(seq):
            self._asked = seq
            place = len(reader) - 1 if seq < 0 else seq
            window = before(reader, place)
            if window.first > whole.fed:  # else the whole session is as near
                feed = Feed(reader, window=window)
                feed.advance(1.0, until_seq=place + 1)
                self._turn(feed, None if seq < 0 else seq + MANY)
        return self._shows(seq)

    def _shows(self, seq: int) -> bool:
        """Whether the window that shows holds a line, or (-1) grows at the session's end."""
        window = self.feed.window
        if seq < 0:
            return window.first > 0 and self._until is None
        return window.first <= seq < self.feed.fed

    def _turn(self, feed: Feed, until: int | None = None) -> None:
        """Show another fold, with the same selection where it knows of it."""
        if feed is self.feed:
            return
        feed.state = self.feed.state
        self.feed, self._until, self._asked = feed, until, None
        self.renew()
        self.select_seq(self.seq)

    @property
    def now(self) -> int:
        """The moment that is shown, in ns since the session's start."""
        timeline = self.feed.timeline
        if self.playback:
            return max(self.playback.now, timeline.end)
        if self.feed.state != "live" or not timeline.open_invocations() or self.feed.behind:
            return timeline.end
        waited = self.since() if self.since else time.time() - self.feed.reader.modified()
        return timeline.end + int(max(0.0, waited) * 1e9)

    @property
    def complete(self) -> bool:
        """Whether all that there is was folded."""
        return not self.reading and (self.playback is None or self.playback.at_end)

    @property
    def name(self) -> str:
        """Whose run it is: the first agent's name where it has one of its own, else what the recording is called."""
        roots = self.feed.timeline.roots
        name = roots[0].name if roots else ""
        return name if name not in _UNNAMED else self.feed.reader.header.agent or name or "agent"

    @property
    def status(self) -> Status:
        """How the run stands."""
        return status(self.feed.timeline, self.feed.state, self.mode, self.complete)

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the first invocation began, without pauses."""
        roots = self.feed.timeline.roots
        if not roots:
            return 0
        return max(0, self.feed.active(self.now) - self.feed.active(roots[0].start))

    @property
    def stop(self) -> r.Stopped | None:
        """The open stop that acts go to: the one of the selected span, or the first."""
        stops = self.feed.timeline.stops
        for stopped in stops.values():
            if self.span is not None and self.feed.timeline.of(stopped) is self.span:
                return stopped
        return next(iter(stops.values()), None)

    def input_of(self, span: Span | None) -> tuple[Any, bool]:
        """(the input of a tool call as it stands, whether that is another than the model proposed)."""
        if span is None or span.kind != "tool":
            return None, False
        reader = self.feed.reader
        value = input_of(reader.record(span.input_seq))
        return value, span.edited and value != input_of(reader.record(span.first))

    def waits(self, span: Span | None) -> bool:
        """Whether a tool call is stopped before it ran: it took no time yet."""
        stops = self.feed.timeline.stops
        return any(stop.point == "before_tool" and self.feed.timeline.of(stop) is span for stop in stops.values())

    def select_span(self, span: Span) -> None:
        """Look at a span."""
        self.span, self.seq = span, span.first

    def select_seq(self, seq: int) -> None:
        """Look at a record, and the span around it."""
        if self.feed.window.first <= seq < self.feed.fed:
            self.seq = seq
            self.span = self.feed.timeline.of(self.feed.reader.record(seq))

    def chase(self) -> None:
        """Look at where the agent is now."""
        timeline = self.feed.timeline
        span = next((timeline.of(s) for s in timeline.stops.values()), None) or timeline.current
        if span is None and timeline.spans:
            span = timeline.spans[-1]
        if span is not None and span is not self.span:
            self.select_span(span)
