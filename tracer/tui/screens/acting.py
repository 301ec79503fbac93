"""Keys that look closer or leave: whole value, copy, source, Jaeger link, help, palette, suspend, quit."""

from __future__ import annotations

import os

from tracer import records as r
from tracer.tui.screens.moving import Moving


class Acting(Moving, inherit_bindings=False):
    """Actions on what is selected, and on the screen itself."""

    def whole_value(self) -> tuple[str, str]:
        """(title, text) of what is selected."""
        from tracer.tui.model import value

        viewer = self.viewer
        if viewer.span is not None and not self.inspector.record:
            return value.of_span(viewer.span, viewer.feed.reader)
        return value.of_record(viewer.feed.reader.record(viewer.seq))

    def action_whole(self) -> None:
        """The whole value, in a screen of its own."""
        from tracer.tui.screens.value import ValueScreen

        if self.viewer.feed.fed:
            if self.hints:
                self.hints.advance(self.viewer.status.condition)
            self.app.push_screen(ValueScreen(*self.whole_value()))

    def action_copy(self) -> None:
        """Copy the whole value."""
        if self.viewer.feed.fed:
            self.copy_text(self.whole_value()[1])

    def copy_text(self, text: str) -> None:
        """Give a text to the terminal's clipboard and say what was done."""
        self.say(send_copy(self.app, text))

    def action_where(self) -> None:
        """Where the selected tool's source is, or the record's address."""
        viewer = self.viewer
        record = viewer.feed.reader.record(viewer.span.first if viewer.span else viewer.seq)
        if isinstance(record, r.ToolStart) and record.where:
            self.say(f"{record.where.name} is defined at {record.where.file}:{record.where.line}")
        else:
            self.say(f"{viewer.feed.reader.header.id}#{viewer.seq}")

    def action_jaeger(self) -> None:
        """The link under which Jaeger shows this trace, once it was exported."""
        from tracer import ids

        viewer = self.viewer
        span = viewer.span or next(iter(viewer.feed.timeline.roots), None)
        if span is None:
            self.say("nothing was invoked yet, so there is no trace", "dim")
            return
        while span.parent is not None:
            span = span.parent
        start = viewer.feed.reader.record(span.first)
        inbound = start.traceparent if isinstance(start, r.InvocationStart) else ""
        trace = ids.trace_id(viewer.feed.reader.header.id, span.inv, inbound)
        where = os.environ.get("JAEGER_URL") or "http://localhost:16686"
        link = f"{where.rstrip('/')}/trace/{trace}"
        self.say(f"{link} · {send_copy(self.app, link)}")

    def action_help(self) -> None:
        """The keys, from the bindings that are live."""
        from tracer.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen([active.binding for active in self.active_bindings.values()]))

    def action_palette(self) -> None:
        """All commands, by name."""
        self.app.action_command_palette()

    def action_back(self) -> None:
        """Close what is open."""
        if not self.close_search():
            self.say("")

    def action_suspend(self) -> None:
        """To the shell; `fg` comes back."""
        self.app.action_suspend_process()

    async def action_quit(self) -> None:
        """Leave."""
        self.app.exit()


def send_copy(app: object, text: str) -> str:
    """Send the copy sequence to the terminal; returns what to tell the reader."""
    from tracer.tui.model import clipboard

    done = clipboard.copy(text, os.environ)
    driver = getattr(app, "_driver", None)
    if driver is not None:
        driver.write(done.sequence)
        driver.flush()
    return done.said
