"""The stop panel: the agent is held, and here is what it is about to do."""

from __future__ import annotations

from typing import Any

from textual.geometry import Size

from tracer import records as r
from tracer.text.format import duration
from tracer.text.safe import clean
from tracer.tui.keys import acts
from tracer.tui.model import jsontext
from tracer.tui.model.inspect import shorten
from tracer.tui.model.lines import Line, cut, fold, spread, wrap
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.bar import Bar

_POINTS = {"before_tool": "before the tool", "after_tool": "after the tool", "before_model": "before the model call",
           "after_model": "after the model call", "cycle_end": "at the end of the cycle",
           "tool_error": "after the failed tool", "model_error": "after the failed model call",
           "message": "at the message of the", "force_stop": "at the forced stop"}  # fmt: skip
_ACTS = {
    "edit": ("i", "edit"),
    "go_on": ("c", "continue"),
    "stepping('stepIn')": ("s", "step"),
    "retry": ("r", "retry"),
    "skip": ("x", "skip"),
    "kill": ("K", "force the run to stop"),
}
_SAID = {
    "before_tool": {"edit": "edit the input", "kill": "refuse the call"},
    "before_model": {"edit": "edit the request"},
    "after_tool": {"edit": "edit the result"},
    "tool_error": {"edit": "edit the result"},
}
_ANYWHERE = ("edit", "skip", "kill")
ROWS = 7


class StopPanel(Bar, can_focus=True):
    """Which call waits, its input, since when, by which breakpoint, and the keys that decide while it has the focus."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="stop")
        self.viewer = viewer
        self.link = "off"

    @property
    def decides(self) -> bool:
        """Whether the reader can decide here: the debugger answers, or is about to."""
        return self.viewer.mode != "replay" and self.link in ("on", "connecting")

    def on_focus(self) -> None:
        self.renew()

    def on_blur(self) -> None:
        self.renew()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes."""
        return len(self.lines(width))

    def input_of(self, stop: r.Stopped) -> tuple[Any, bool]:
        """(the input as it would run, whether it was edited) of a stopped tool call."""
        return self.viewer.input_of(self.viewer.feed.timeline.of(stop))

    def lines(self, width: int) -> list[Line]:
        stop = self.viewer.stop
        if stop is None:
            return [[]]
        value, edited = self.input_of(stop)
        lines = [self._headline(stop, width)]
        result = self.viewer.results.get(stop.id, "")
        if value is not None:
            short = bool(result) or self.app.size.height < 30
            style = "warn" if edited else "dim"
            lines += _section("edited" if edited else "input", style, self._input(value, short, width))
        if result:
            rows = [[(row, "error" if stop.point == "tool_error" else "text")] for row in wrap(result, width - 10)]
            lines += _section("result", "dim", _clipped(rows, 1 if self.app.size.height < 30 else ROWS))
        return [*lines, self._keys(stop, width)]

    def _headline(self, stop: r.Stopped, width: int) -> Line:
        waiting = max(0, self.viewer.now - stop.t)
        why = f"  by {stop.breakpoint}" if stop.breakpoint else f"  {stop.reason}" if stop.reason else ""
        left: Line = [
            ("▌" if self.has_focus else " ", "key"),
            ("‖ STOPPED ", "stop"),
            (_POINTS.get(stop.point, stop.point), "text"),
            (f" {clean(stop.name)}", "strong"),
            (self._whose(stop), "text"),
            (clean(why), "dim"),
        ]
        stops = list(self.viewer.feed.timeline.stops)
        nth = f"stop {stops.index(stop.id) + 1} of {len(stops)}  " if len(stops) > 1 and stop.id in stops else ""
        return spread(left, [(nth, "dim"), ("waiting ", "dim"), (duration(waiting), "stop"), (" ", "")], width)

    def _whose(self, stop: r.Stopped) -> str:
        """Whose call it is, where that is not plain: a sub-agent's, or one of several requests at once."""
        timeline = self.viewer.feed.timeline
        span = timeline.at(f"inv:{stop.inv}")
        if span is None or len(timeline.open_invocations()) < 2:
            return ""
        return f" of {cut(span.name, 20)} #{stop.inv}"

    def _input(self, value: Any, short: bool, width: int) -> list[Line]:
        if short:
            return [[(cut(jsontext.short(value), width - 11), "text")]]
        text = jsontext.pretty(shorten(value, 300))
        rows = [row for line in jsontext.coloured(text) for row in fold(line, max(10, width - 10), 2)]
        return _clipped(rows, ROWS)

    def _keys(self, stop: r.Stopped, width: int) -> Line:
        if self.viewer.mode == "replay":
            return [("  a stop of the recording: it goes on by itself", "faint")]
        if self.link == "connecting":
            return [("  connecting to the debugger …", "accent")]
        if self.link != "on":
            return [("  this view has no connection to the debugger: it can look, not decide", "faint")]
        line: Line = [("  ", "")]
        for action in acts(stop.point):
            key, says = _ACTS[action]
            chip = "key-chip" if self.has_focus or action in _ANYWHERE else "dim"
            line += [(f" {key} ", chip), (f" {_SAID.get(stop.point, {}).get(action, says)}   ", "text")]
        *most, (last, style) = line
        return [*most, (last.rstrip(), style)]


def _section(tag: str, style: str, rows: list[Line]) -> list[Line]:
    """Rows with their tag in the margin of the first."""
    tags = [f"{tag:<7}"] + [" " * 7] * (len(rows) - 1)
    return [[("  ", ""), (tag, style), *row] for tag, row in zip(tags, rows, strict=True)]


def _clipped(rows: list[Line], limit: int) -> list[Line]:
    return rows if len(rows) <= limit else [*rows[:limit], [("…", "faint"), ("  Enter shows all", "faint")]]
