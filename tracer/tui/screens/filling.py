"""Keys that open a form at a stop, and what becomes of the form where the stop ends without it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tracer import records as r
from tracer.tui.model.hints import Hints
from tracer.tui.screens.holding import Holding
from tracer.tui.viewer import Viewer

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror
    from tracer.tui.screens.edit import EditScreen, Form

_RECENT = 1000  # items of the transcript in which the end of a stop is looked for


class Filling(Holding, inherit_bindings=False):
    """Edit and skip. Another viewer may decide meanwhile: the form goes then, and what was typed shows as not sent."""

    def __init__(self, viewer: Viewer, hints: Hints | None, socket: Path | Mirror | None = None) -> None:
        super().__init__(viewer, hints, socket)
        self._form: EditScreen | None = None

    def action_edit(self) -> None:
        """What is stopped, in a form: a call's input, its result, or what the model is about to be sent."""
        if held := self._held("edit"):
            from tracer.tui.screens.forms import to_edit

            link, stop = held
            self._act(self._fetched(to_edit(link, stop), f"{stop.name} will go on with this; c continues"), "")

    def action_skip(self) -> None:
        """Do not run the stopped call: give its result."""
        if (held := self._held("skip")) and self._is_at(held[1], ("before_tool",), "only a tool call can be skipped"):
            from tracer.tui.screens.forms import to_skip

            self._open(to_skip(*held), f"skipped {held[1].name}")

    async def _fetched(self, form: Awaitable[Form], done: str) -> None:
        self._open(await form, done)

    def _open(self, form: Form, done: str) -> None:
        from tracer.tui.screens.edit import EditScreen

        self._form = EditScreen(form)
        self.app.push_screen(self._form, self._saying(done))

    def _saying(self, done: str) -> Callable[[bool | None], None]:
        def closed(applied: bool | None) -> None:
            self._form = None
            if applied:
                self.say(done)

        return closed

    def _bars(self) -> None:
        super()._bars()
        form = self._form
        if form is not None and form.idle and not self._is_open(form.form.stop):
            self._overtaken(form)

    def _is_open(self, stop: int) -> bool:
        return stop in self.viewer.feed.timeline.stops and self.viewer.status.condition == "stopped"

    def _overtaken(self, form: EditScreen) -> None:
        """Close the form of a stop that is over; keys for it that are on their way decide about no other stop."""
        self.pace.press("closed")
        why, typed = f"{form.form.name} is stopped no more: {self._how(form.form.stop)}", form.typed
        form.dismiss(None)
        self.say(f"{why}; nothing was sent", "warn")
        if typed:
            from tracer.tui.screens.unsent import UnsentScreen

            self.app.push_screen(UnsentScreen(why, typed))

    def _how(self, stop: int) -> str:
        """How a stop ended, and by whose decision."""
        feed = self.viewer.feed
        for seq in islice(reversed(feed.said), _RECENT):
            record = feed.reader.record(seq)
            if isinstance(record, r.Resumed) and record.id == stop:
                return f"{record.act} by {record.who}" if record.who else record.act
        return "the run is over" if feed.state != "live" else "it went on"
