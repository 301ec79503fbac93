"""The gates on an agent: hooks that hold it at a safe point until somebody decides. They know no client."""

from __future__ import annotations

import asyncio
import contextlib
import math
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any

from agent_runtime.hooks import unwatched
from tracer.debug import drafts, showing
from tracer.debug import moment as moments
from tracer.debug.board import Board, Verdict
from tracer.debug.breakpoints import POINTS
from tracer.debug.moment import EVENTS, Moment
from tracer.debug.seal import Approval, copied, seal
from tracer.debug.sources import Place, places_of
from tracer.debug.stops import Decision, Stop
from tracer.recording.watch import hooks_of

ORDER = 1000  # after the user's hooks, before the recorder's reading
LAST = math.inf  # before a tool: after whatever may change the call, so that what is approved is what runs
TICK = 0.05  # seconds; only while something is stopped
Check = Callable[[Any], Any]
_GIVEN: ContextVar[dict[str, Any] | None] = ContextVar("tracer_given", default=None)


class Gate:
    """The gates of one agent. Disarmed, a hook costs one look at `board.armed`."""

    def __init__(self, board: Board, agent: Any) -> None:
        self.board = board
        self._agent = weakref.ref(agent)
        self._inv = ""
        self._prompt: str | None = None
        self._undo: list[Callable[[], None]] = []
        module = hooks_of(agent)
        check = stock_check(board, self.look) if module.__name__.startswith("strands.") else own_check(board, self.look)
        there = [name for name in EVENTS if hasattr(module, name)]
        for name in there:
            self._add(agent, getattr(module, name), check, LAST if name == "BeforeToolCallEvent" else ORDER)
        self._add(agent, module.AfterToolCallEvent, self._give, ORDER - 1)
        self._add(agent, module.BeforeInvocationEvent, self._begin)
        self._add(agent, module.AfterInvocationEvent, self._end)
        offered = {point for name in there for point in EVENTS[name]} | {"any"}
        self.lost = frozenset(POINTS) - offered

    def _add(self, agent: Any, event_type: Any, callback: Check, order: float = ORDER) -> None:
        undo = agent.add_hook(callback, event_type, order=order)
        self._undo += [undo] if callable(undo) else []

    def places(self) -> list[Place]:
        """Where the agent's tools are written."""
        agent = self._agent()
        return places_of(agent) if agent is not None else []

    def tools(self) -> list[tuple[str, str]]:
        """(agent, tool) of each tool that the agent has now."""
        agent = self._agent()
        registry = getattr(getattr(agent, "tool_registry", None), "registry", None) or {}
        return [(str(getattr(agent, "name", "") or "agent"), str(tool)) for tool in list(registry)]

    def release(self) -> None:
        """Take the hooks back where the runtime can (stock hooks stay, disarmed)."""
        for undo in self._undo:
            undo()
        self._undo.clear()

    @unwatched
    async def _begin(self, event: Any) -> None:
        with self._guarded(event):
            self._enter(event, self.board.recording.position(event.agent)[0])
            self._prompt = "".join(moments.text_of(message) for message in event.messages or ())

    def _enter(self, event: Any, inv: str) -> None:
        """The agent is in this invocation now; an earlier one of its was abandoned."""
        if inv == self._inv or not inv or self.board.closed:
            return
        if self._inv:
            self.board.end(self._inv)
        self._inv = inv
        self.board.begin(inv, str(getattr(event.agent, "name", "") or "agent"), self._cancel)

    @unwatched
    async def _end(self, event: Any) -> None:
        inv, self._inv, self._prompt = self._inv, "", None
        if inv:
            with self._guarded(event):
                self.board.end(inv)

    @contextlib.contextmanager
    def _guarded(self, event: Any) -> Iterator[None]:
        """A fault of ours is noted and never leaves; a cancellation does."""
        try:
            yield
        except Exception as error:
            self._failed(event, error)

    def _failed(self, event: Any, error: Exception) -> None:
        text = f"the debugger failed at {type(event).__name__}: {type(error).__name__}: {error}"
        with contextlib.suppress(Exception):  # where not even that can be said, the agent goes on
            self.board.note(text, None, "debugger", "error")

    def _cancel(self, message: str) -> None:
        agent = self._agent()
        if agent is not None:
            agent.cancel(message=message)

    async def look(self, event: Any) -> None:
        """Something is armed: is it for this event? A fault of ours never leaves here; it refuses a tool call."""
        try:
            if moments.over(event):
                return
            position = self.board.recording.position(event.agent)
            self._enter(event, position[0])
            moment = moments.read(event, position, self._prompt)
            verdict = self.board.judge(moment)
            if verdict is not None:
                await self._hold(verdict, moment)
        except Exception as error:
            self._failed(event, error)
            if hasattr(event, "cancel_tool") and self.board.on_lost == "refuse":
                event.cancel_tool = f"The debugger refused this call: it failed ({type(error).__name__})"

    async def _hold(self, verdict: Verdict, moment: Moment) -> None:
        shown = showing.document(moment, self.board.recording.plain)
        current = drafts.originals(moment)
        before = self._approval(moment, copied(current["input"])) if moment.kind == "tool_start" else None
        stop = self.board.open(verdict, moment, shown, moments.source_of(moment.event), current)
        try:
            decision = await self._decision(stop)
            if before is not None:
                self._call(stop, decision, before)
            else:
                self._go_on(stop, decision)
        except BaseException as error:
            self.board.free(stop, Decision("cancelled", type(error).__name__))
            decision = stop.decision or Decision("cancelled", type(error).__name__)
            raise
        finally:
            with self._guarded(moment.event):
                self.board.finish(stop, decision)

    async def _decision(self, stop: Stop) -> Decision:
        while stop.decision is None:
            await asyncio.wait([stop.future], timeout=TICK)
            if moments.over(stop.moment.event):
                self.board.free(
                    stop, Decision("cancelled", "agent.cancel", "cancelled while the debugger held this call")
                )
            self.board.expire(stop)
        return stop.decision

    def _approval(self, moment: Moment, approved: Any) -> Approval:
        event = moment.event
        use = {**event.tool_use, "input": approved}
        return Approval(event.selected_tool, use, lambda text: self.board.note(text, moment, "debugger", "error"))

    def _call(self, stop: Stop, decision: Decision, before: Approval) -> None:
        """The decision, onto the event of a tool call: refused, skipped, or held to what was shown and approved."""
        event = stop.moment.event
        if decision.result is not None:
            event.cancel_tool = f"skipped by {decision.who}, which gave the result"
            _GIVEN.set(decision.result)
            return
        refusal = decision.refusal or before.refusal(event)
        if refusal:
            event.cancel_tool = refusal
            return
        # a new dict: the model's message in the history stays as it was, and nobody else holds this one
        event.tool_use = {**event.tool_use, "input": copied(stop.current["input"])}
        seal(event, self._approval(stop.moment, stop.current["input"]))

    def _go_on(self, stop: Stop, decision: Decision) -> None:
        """The decision at any other point: what was edited takes effect, and the call may be made again."""
        for scope in sorted(stop.edited):
            drafts.apply(stop.moment.event, scope, stop.current[scope])
        if decision.act == "retry":
            stop.moment.event.retry = True

    @unwatched
    def _give(self, event: Any) -> None:
        """The result of a skipped call takes the place of the refusal; in the task in which it was skipped."""
        given = _GIVEN.get()
        if given is not None:
            _GIVEN.set(None)
            event.result = {"toolUseId": event.tool_use.get("toolUseId", ""), **copied(given)}


def own_check(board: Board, look: Callable[[Any], Awaitable[None]]) -> Check:
    """The hook for runtimes that await whatever a hook returns: no coroutine is made while nothing is armed."""

    @unwatched  # the scribe tells what a viewer edits, with who it was
    def check(event: Any) -> Awaitable[None] | None:
        if board.armed:
            return look(event)
        return None

    return check


def stock_check(board: Board, look: Callable[[Any], Awaitable[None]]) -> Check:
    """The hook for stock Strands, which awaits plain coroutine functions only."""

    async def check(event: Any) -> None:
        if board.armed:
            await look(event)

    return check
