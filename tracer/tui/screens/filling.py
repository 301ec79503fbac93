"""Keys that open a form at a stop, and what becomes of the form where another viewer is faster."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.worker import Worker

from tracer import records as r
from tracer.errors import TracerError
from tracer.text.edited import by_whom
from tracer.tui.model.hints import Hints
from tracer.tui.screens.holding import Holding
from tracer.tui.viewer import Viewer

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror
    from tracer.tui.screens.edit import EditScreen, Form

_RECENT = 1000  # items of the transcript in which the end of a stop is looked for
_SLOW = 0.3  # seconds after which it is said that the debugger has not answered yet
R = TypeVar("R", bound=r.Record)


class Filling(Holding, inherit_bindings=False):
    """Edit and skip. Another viewer may decide or edit meanwhile: the form goes then, and what was typed shows as not
    sent."""

    def __init__(self, viewer: Viewer, hints: Hints | None, socket: Path | Mirror | None = None) -> None:
        super().__init__(viewer, hints, socket)
        self._form: EditScreen | None = None
        self._fetching: Worker[None] | None = None
        self._edits = 0  # those that the form knows of

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys right behind the one that opens a form are meant for the form: here they decide nothing."""
        waits = self._queued is not None and self._queued[0] in ("edit", "skip")
        return action == "back" or not (waits or self._fetching)

    def action_edit(self) -> None:
        """What is stopped, in a form: a call's input, its result, or what the model is about to be sent."""
        if held := self._held("edit"):
            from tracer.tui.screens.forms import to_edit

            link, stop = held
            self._edits = link.edits
            form = self._fetched(to_edit(link, stop), f"{stop.name} will go on with this; c continues")
            self._fetching = self._act(form, "")
            self.set_timer(_SLOW, self._tell_slow)

    def action_skip(self) -> None:
        """Do not run the stopped call: give its result."""
        if (held := self._held("skip")) and self._is_at(held[1], ("before_tool",), "only a tool call can be skipped"):
            from tracer.tui.screens.forms import to_skip

            self._open(to_skip(*held), f"skipped {held[1].name}")

    def action_back(self) -> None:
        """Close what is open, or wait for the form no longer."""
        if self._fetching is not None:
            self._fetching.cancel()
        self._fetching = self._queued = None
        super().action_back()

    async def _fetched(self, form: Awaitable[Form], done: str) -> None:
        try:
            self._open(await form, done)
        finally:
            self._fetching = None

    def _tell_slow(self) -> None:
        if self._fetching is not None:
            self.say("the debugger has not answered yet: the form opens when it does; Esc leaves it", "dim")

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
        form, link = self._form, self.link
        if form is None or link is None or not form.idle:
            return
        if not self._is_open(form.form.stop):
            self._overtaken(form, f"{form.form.name} is stopped no more: {self._how(form.form.stop)}")
        elif self._edits != link.edits:
            self._edits = link.edits
            self.run_worker(self._compare(form), name="form", exit_on_error=False)

    def _is_open(self, stop: int) -> bool:
        return stop in self.viewer.feed.timeline.stops and self.viewer.status.condition == "stopped"

    async def _compare(self, form: EditScreen) -> None:
        """Somebody edited what is stopped: is it what the form holds?"""
        with contextlib.suppress(TracerError):  # the stop is over, which the file tells
            if await form.overtaken() and form is self._form:
                self.viewer.feed.advance()  # the edit is in the file before it is told of
                self._overtaken(form, f"{form.form.name} was edited {self._by(form.form.stop)}")

    def _overtaken(self, form: EditScreen, why: str) -> None:
        """Close a form whose time is over; keys for it that are on their way decide about no other stop."""
        self.pace.press("closed")
        typed = form.typed
        form.dismiss(None)
        self.say(f"{why}; nothing was sent", "warn")
        if typed:
            from tracer.tui.screens.unsent import UnsentScreen

            self.app.push_screen(UnsentScreen(why, typed))

    def _how(self, stop: int) -> str:
        """How a stop ended, and by whose decision."""
        record = self._newest(r.Resumed, lambda one: one.id == stop)
        if record is not None:
            return f"{record.act} by {record.who}" if record.who else record.act
        return "the run is over" if self.viewer.feed.state != "live" else "it went on"

    def _by(self, stop: int) -> str:
        """By whom what is stopped was edited."""
        record = self._newest(r.Edited, lambda one: one.stop == stop)
        return by_whom(record) if record is not None else "by another viewer"

    def _newest(self, kind: type[R], fits: Callable[[R], bool]) -> R | None:
        """The last record of a kind that the transcript tells, if it is not long ago."""
        feed = self.viewer.feed
        recent = (feed.reader.record(seq) for seq in islice(reversed(feed.said), _RECENT))
        return next((record for record in recent if isinstance(record, kind) and fits(record)), None)
