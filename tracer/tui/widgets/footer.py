"""The last lines: what just happened, the hint, and the keys that matter now."""

from __future__ import annotations

from textual import events
from textual.geometry import Size

from tracer.tui.keys import footer
from tracer.tui.model.hints import Hints
from tracer.tui.model.lines import Line, cut, width_of, wrap
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.bar import Bar

MOST = 3  # lines of a notice


class Footer(Bar):
    """Keys from the table; as many as fit. A click on one does what the key does."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="footer")
        self.viewer = viewer
        self._spots: list[tuple[int, int, str]] = []

    def lines(self, width: int) -> list[Line]:
        viewer = self.viewer
        replayed = viewer.mode == "replay"
        stop = viewer.stop if viewer.status.condition == "stopped" and not replayed else None
        keys = footer(viewer.mode, stop.point if stop else "", viewer.feed.state == "live" and not replayed)
        line: Line = [(" ", "")]
        self._spots = []
        keys.sort(key=lambda key: key.action not in ("quit", "help"))  # these two always fit
        tail, full = keys[:2], False
        for key in [*keys[2:], *tail]:
            piece: Line = [(key.show.split()[0], "key"), (f" {key.short}   ", "dim")]
            at, room = width_of(line), width if key in tail else width - 18
            full = at + width_of(piece) > room or (full and key not in tail)
            if full:
                continue
            self._spots.append((at, at + width_of(piece), key.action))
            line += piece
        return [line]

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spots:
            if start <= event.x < end:
                await self.screen.run_action(action)


class Notice(Bar):
    """What a key did, or that the search goes on, in as few lines as it takes; empty most of the time."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self.text, self.style = "", "dim"

    def say(self, text: str, style: str = "accent") -> None:
        """Show a sentence until the next one."""
        self.text, self.style = text, style
        self.set_class(bool(text), "-said")
        self.renew()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the sentence takes."""
        return len(self.lines(width))

    def lines(self, width: int) -> list[Line]:
        rows = list(wrap(self.text, max(10, width - 2)))
        if len(rows) > MOST:
            rows[MOST - 1 :] = [cut(" ".join(rows[MOST - 1 :]), max(10, width - 2))]
        return [[(" ", ""), (row, self.style)] for row in rows]


class HintBar(Bar):
    """The caller's hint for the run's condition."""

    def __init__(self, viewer: Viewer, hints: Hints) -> None:
        super().__init__(id="hint")
        self.viewer, self.hints = viewer, hints

    @property
    def text(self) -> str:
        """The hint that shows now."""
        condition = self.viewer.status.condition
        stop = self.viewer.stop
        edited = stop is not None and self.viewer.input_of(self.viewer.feed.timeline.of(stop))[1]
        return self.hints.text("edited" if edited and condition == "stopped" else condition)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the hint takes."""
        return len(self.lines(width))

    def lines(self, width: int) -> list[Line]:
        first, *more = list(wrap(self.text, max(10, width - 4)))[:3]
        return [[(" ➜ ", "key"), (first, "hint")], *([("   ", ""), (line, "hint")] for line in more)]
