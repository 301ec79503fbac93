"""The gates on an agent: hooks that hold it at a safe point until somebody decides. They know no client."""

from __future__ import annotations

import asyncio
import copy
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from tracer.debug import moment as moments
from tracer.debug.board import Board, Verdict
from tracer.debug.breakpoints import POINTS
from tracer.debug.moment import EVENTS, Moment
from tracer.debug.stops import Decision, Stop
from tracer.debug.values import alike
from tracer.recording.watch import hooks_of

ORDER = 1000  # after the user's hooks, before the recorder's reading: what is approved is what runs
TICK = 0.05  # seconds; only while something is stopped
Check = Callable[[Any], Any]


class Gate:
    """The gates of one agent. Disarmed, a hook costs one look at `board.armed`."""

    def __init__(self, board: Board, agent: Any) -> None:
        self.board = board
        self._agent = weakref.ref(agent)
        self._inv = ""
        self._undo: list[Callable[[], None]] = []
        module = hooks_of(agent)
        check = stock_check(board, self.look) if module.__name__.startswith("strands.") else own_check(board, self.look)
        there = [name for name in EVENTS if hasattr(module, name)]
        for name in there:
            self._add(agent, getattr(module, name), check)
        self._add(agent, module.BeforeInvocationEvent, self._begin)
        self._add(agent, module.AfterInvocationEvent, self._end)
        offered = {point for name in there for point in EVENTS[name]} | {"any"}
        self.lost = frozenset(POINTS) - offered

    def _add(self, agent: Any, event_type: Any, callback: Check) -> None:
        undo = agent.add_hook(callback, event_type, order=ORDER)
        self._undo += [undo] if callable(undo) else []

    def release(self) -> None:
        """Take the hooks back where the runtime can (stock hooks stay, disarmed)."""
        for undo in self._undo:
            undo()
        self._undo.clear()

    async def _begin(self, event: Any) -> None:
        self._enter(event, self.board.recording.position(event.agent)[0])

    def _enter(self, event: Any, inv: str) -> None:
        """The agent is in this invocation now; an earlier one of its was abandoned."""
        if inv == self._inv or not inv or self.board.closed:
            return
        if self._inv:
            self.board.end(self._inv)
        self._inv = inv
        self.board.begin(inv, str(getattr(event.agent, "name", "") or "agent"), self._cancel)

    async def _end(self, event: Any) -> None:
        inv, self._inv = self._inv, ""
        if inv:
            self.board.end(inv)

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
            moment = moments.read(event, position)
            verdict = self.board.judge(moment)
            if verdict is not None:
                await self._hold(verdict, moment)
        except Exception as error:
            self.board.note(
                f"the debugger failed at {type(event).__name__}: {type(error).__name__}: {error}",
                None,
                "debugger",
                "error",
            )
            if hasattr(event, "cancel_tool") and self.board.on_lost == "refuse":
                event.cancel_tool = f"The debugger refused this call: it failed ({type(error).__name__})"

    async def _hold(self, verdict: Verdict, moment: Moment) -> None:
        shown = moments.document(moment, self.board.recording.plain)
        proposed = copy.deepcopy(moment.event.tool_use.get("input")) if moment.level == 3 else None
        stop = self.board.open(verdict, moment, shown, moments.source_of(moment.event), proposed)
        try:
            decision = await self._decision(stop)
            self._apply(stop, decision)
        except BaseException as error:
            self.board.free(stop, Decision("cancelled", type(error).__name__))
            decision = stop.decision or Decision("cancelled", type(error).__name__)
            raise
        finally:
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

    def _apply(self, stop: Stop, decision: Decision) -> None:
        event = stop.moment.event
        if not stop.is_tool:
            return
        if decision.refusal:
            event.cancel_tool = decision.refusal
        elif not alike(stop.current, stop.input):
            self.board.edited(stop)
            # a new dict: the model's message in the history stays as it was
            event.tool_use = {**event.tool_use, "input": stop.current}


def own_check(board: Board, look: Callable[[Any], Awaitable[None]]) -> Check:
    """The hook for runtimes that await whatever a hook returns: no coroutine is made while nothing is armed."""

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
