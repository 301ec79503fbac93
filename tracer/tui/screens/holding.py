"""Keys of the debugger: continue, steps, refuse, pause, breakpoint, retry. What follows is read from the file."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.worker import Worker

from tracer import records as r
from tracer.errors import TracerError
from tracer.tui.keys import RETRIED
from tracer.tui.link import Link
from tracer.tui.model.hints import Hints
from tracer.tui.model.pace import Pace
from tracer.tui.model.status import unchangeable
from tracer.tui.screens.playing import Playing
from tracer.tui.viewer import Viewer

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror

_STEPS = {
    "stepIn": "to the next point, sub-agents included",
    "next": "to the next call",
    "stepOut": "to the end of this",
}


class Holding(Playing, inherit_bindings=False):
    """Actions on a stop. They need the connection; without it each says what is missing."""

    def __init__(self, viewer: Viewer, hints: Hints | None, socket: Path | Mirror | None = None) -> None:
        super().__init__(viewer, hints)
        self.link = Link(socket, self._changed) if socket is not None else None
        self.ends: Callable[[], None] | None = None  # the run ends with the screen: told before anything else goes
        self._queued: tuple[str, int] | None = None
        self.pace = Pace()
        self._pressed: float | None = None  # when the last key was, and not when it is heard

    def on_mount(self) -> None:
        if self.link is not None:
            self.panel.link, self.viewer.results = self.link.state, self.link.results
            self.run_worker(self.link.run(), name="debugger", exit_on_error=False)

    def on_key(self, event: events.Key) -> None:
        """Remember when it was pressed: after a hold-up, keys that were repeated in it are heard all at once."""
        self._pressed = event.time

    def on_screen_suspend(self) -> None:
        """What is chosen on another screen is chosen when it comes."""
        self._pressed = None

    def _changed(self, what: str) -> None:
        link = self.link
        assert link is not None
        self.panel.link = link.state
        if what == "lost":
            self.set_timer(1.0, self._lost)  # the file's last lines may come a moment later
        elif what:
            self.say(what, "warn" if link.wrong else "dim")
        self._bars()
        queued, self._queued = self._queued, None
        stop = self.viewer.stop
        if queued and link.state == "on" and (stop.id if stop else 0) == queued[1]:
            self.say("")
            self.pace.forget()  # it was pressed once, before there was somebody to tell
            self.call_later(self.run_action, queued[0])

    def _lost(self) -> None:
        self.viewer.feed.settle()
        if self.viewer.feed.state == "live":
            self.say("the connection to the debugger is lost: this view can look, not decide", "error")

    # acts

    def _act(self, work: Coroutine[Any, Any, None], done: str) -> Worker[None]:
        return self.run_worker(self._acted(work, done), name="act", exit_on_error=False)

    async def _acted(self, work: Coroutine[Any, Any, None], done: str) -> None:
        try:
            await work
        except TracerError as error:
            self.say(str(error), "error")
            return
        self.say(done)

    def _steerable(self) -> bool:
        """Whether what shows is a run that goes on; where it is not, each of these keys says the same."""
        span = self.viewer.span
        tool = span.name if span is not None and span.kind == "tool" else ""
        why = unchangeable(self.viewer.feed.state, self.viewer.mode, tool)
        if why:
            self.say(why, "dim")
        return not why

    def _linked(self, action: str, missing: str) -> Link | None:
        """The connection; where there is none yet, the key waits for it, where there is none at all, that is said."""
        link, stop = self.link, self.viewer.stop
        if not self._steerable():
            return None
        if link is not None and link.state == "on":
            return link
        if link is not None and link.state == "connecting":
            self._queued = action, stop.id if stop else 0
            self.say("connecting to the debugger: the key acts as soon as it answers", "dim")
        else:
            self.say(f"this view has no connection to the debugger: {missing}", "warn")
        return None

    def _held(self, action: str) -> tuple[Link, r.Stopped] | None:
        """The connection and the stop that keys act on; says what is missing where there is none."""
        stop, link = self.viewer.stop, self._linked(action, "it can look, not decide")
        if link is None:
            return None
        if stop is None or not self.has_class("-stopped"):
            self.say("nothing is stopped; p stops at the next safe point, b breaks before a tool", "dim")
            return None
        return link, stop

    def _deciding(self, action: str) -> tuple[Link, r.Stopped] | None:
        """As `_held`, for what lets a call run: only from the stop panel, and not by a key that is held down since the
        stop before, so that a stray key approves nothing."""
        self.pace.press(action, self._pressed)
        held = self._held(action)
        if held is None:
            return None
        if self.focused is self.panel:
            return held if self._paced(held[1].id) else None
        self.set_focus(self.panel)
        self.say(f"the stop panel has the focus now: the key again lets {held[1].name or held[1].point} go on", "warn")
        return None

    def _paced(self, subject: int) -> bool:
        """Whether the key that was pressed decides about this; says so where it came too soon behind the one before."""
        if self.pace.allows(subject):
            return True
        self.say("this is another stop, and the key came at once: let go of it, look, and press it again", "warn")
        return False

    def action_go_on(self) -> None:
        """Continue the stopped call."""
        if held := self._deciding("go_on"):
            link, stop = held
            self.viewer.follow = True
            self._act(link.decide("continue", stop.id), f"continued {stop.name or stop.point}")

    def action_stepping(self, how: str) -> None:
        """Continue, and stop again soon."""
        if held := self._deciding(f"stepping({how!r})"):
            link, stop = held
            self.viewer.follow = True
            self._act(link.decide(how, stop.id), f"a step {_STEPS[how]}")

    def action_kill(self) -> None:
        """Refuse the tool call that is stopped before it runs; anywhere else, force the run to stop."""
        if not self._steerable():
            return
        stop = self.viewer.stop
        self.pace.press("kill", self._pressed)
        if not self._paced(stop.id if stop is not None else 0):
            return
        if stop is not None and stop.point == "before_tool":
            if held := self._held("kill"):
                refuse = held[0].ask("tracer/refuse", stop=stop.id, reason="refused in the screen")
                self._act(_nothing(refuse), f"refused {stop.name}")
        elif link := self._linked("kill", "it cannot stop the run"):
            self._act(_nothing(link.ask("terminate")), "the run was told to stop")

    def action_pause(self) -> None:
        """Stop at the next safe point."""
        if link := self._linked("pause", "it cannot stop the run"):
            self._act(_nothing(link.ask("pause", threadId=0)), "stopping at the next safe point")

    def action_breakpoint(self) -> None:
        """Break before the selected tool, or no more."""
        span, link = self.viewer.span, self._linked("breakpoint", "`tracer run -b` takes breakpoints")
        if link is None:
            return
        if span is None or span.kind != "tool":
            self.say("select a tool call first: b breaks before the next call of it", "dim")
        else:
            self.run_worker(self._toggle(link, f"before_tool:{span.name}"), name="act", exit_on_error=False)

    async def _toggle(self, link: Link, breakpoint: str) -> None:
        try:
            on = await link.toggle(breakpoint)
        except TracerError as error:
            self.say(str(error), "error")
            return
        self.say(f"breakpoint {breakpoint}" if on else f"no more breakpoint {breakpoint}")

    def action_breakpoints(self) -> None:
        """All that are in force, and a line to type one more."""
        if link := self._linked("breakpoints", "`tracer run -b` takes breakpoints"):
            from tracer.tui.screens.breakpoints import BreakpointsScreen

            self.app.push_screen(BreakpointsScreen(link))

    def action_retry(self) -> None:
        """Make the call again that is stopped after it was made."""
        if (held := self._deciding("retry")) and self._is_at(held[1], RETRIED, "a call is retried after it was made"):
            link, stop = held
            self.viewer.follow = True
            self._act(_nothing(link.ask("tracer/retry", stop=stop.id)), f"{stop.name} once more")

    def _is_at(self, stop: r.Stopped, points: tuple[str, ...], else_say: str) -> bool:
        if stop.point not in points:
            self.say(else_say, "dim")
        return stop.point in points

    async def action_quit(self) -> None:
        """Leave; the agent's side is told. A run that ends with the screen ends before its stop is without a viewer."""
        if self.ends is not None:
            self.ends()
        if self.link is not None:
            await self.link.close(self.ends is not None)
        self.app.exit()


async def _nothing(work: Coroutine[Any, Any, Any]) -> None:
    await work
