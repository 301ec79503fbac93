"""The first line: how the run stands, whose it is, what it took; and replay's progress line."""

from __future__ import annotations

from tracer.text.format import clock
from tracer.tui.model.lines import Line, cut, spread
from tracer.tui.model.status import totals
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.bar import Bar


class Header(Bar):
    """State, agent, session and totals."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="header")
        self.viewer = viewer

    def lines(self, width: int) -> list[Line]:
        viewer = self.viewer
        stands = viewer.status
        header = viewer.feed.reader.header
        left: Line = [
            (f" {stands.mark} {stands.word} ", stands.style),
            ("  ", ""),
            (cut(viewer.name, 32), "strong"),
        ]
        if width >= 100:
            left.append((f"  {cut(header.id, 20)}", "faint"))
        whole, window = viewer.whole, viewer.feed.window
        if whole.behind > 2000 or window.first:
            left.append((f"  reading {100 * whole.fed // len(whole.reader)} %", "faint"))
        if window.first:
            left.append((f", shown from #{window.first} on", "warn"))
        right: Line = []
        for label, value in totals(viewer.feed.timeline, viewer.elapsed) if not window.first else ():
            right += [("   " if right else "", ""), (f"{label} " if label else "", "dim"), (value, "strong")]
        return [spread(left, [*right, (" ", "")], width)]


class Progress(Bar):
    """Where replay stands: play or pause, speed, a track, the time and the record."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="progress")
        self.viewer = viewer

    def lines(self, width: int) -> list[Line]:
        playback = self.viewer.playback
        if playback is None:
            return [[]]
        mark = "▶" if playback.playing else "■" if playback.at_end else "‖"
        left = f" {mark} {playback.speed:g}× "
        right = (
            f" {clock(playback.now).strip()} / {clock(playback.total).strip()}  #{max(0, self.viewer.feed.fed - 1)} "
        )
        room = max(4, width - len(left) - len(right))
        done = min(room - 1, int(playback.done * (room - 1)))
        track: Line = [("━" * done, "accent"), ("●", "key"), ("─" * (room - done - 1), "track")]
        return [[(left, "accent"), *track, (right, "dim")]]
