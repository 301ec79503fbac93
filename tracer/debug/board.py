"""What the agents' gates and the clients' sessions share: breakpoints, open stops, who watches, and the policy.

Every method may be called from any thread. It tells clients by `tell(event, body)`.
"""

from __future__ import annotations

import asyncio
import pathlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracer.debug import drafts, signatures
from tracer.debug.errors import DebugError
from tracer.debug.moment import Moment
from tracer.debug.names import Names
from tracer.debug.safepoint import SafePoint
from tracer.debug.scribe import Recording, Scribe
from tracer.debug.sources import Place
from tracer.debug.stops import Decision, Step, Stop
from tracer.debug.threads import Invocation, Threads
from tracer.debug.union import Armed, Union
from tracer.debug.values import Path, alike, dotted, found, replaced, restored

_EXCEPTIONS = ("tool_error", "model_error", "force_stop")
UNSEEN: Any = object()  # of an edit that goes in whatever is there now
GRACE = 1.0  # seconds that a viewer may take to come before it is told that nobody is there


@dataclass(frozen=True, slots=True)
class Verdict:
    """Stop here: at `point`, because of `reason` (DAP's word), by this breakpoint's text and these breakpoints' ids."""

    point: str
    reason: str
    breakpoint: str
    hits: list[int]


class Board:
    """One debugged recording. `armed` is the one thing that a gate looks at while nothing is set."""

    def __init__(self, recording: Recording, stop_timeout: float, on_lost: str, where: str = "") -> None:
        self.recording = recording
        self.stop_timeout = stop_timeout
        self.on_lost = on_lost
        self.grace = GRACE
        self.where = where
        self.lock = threading.RLock()
        self.union = Union(self.lock, self._breakpoint_changed)
        self.threads = Threads()
        self._scribe = Scribe(recording)
        self.stops: dict[int, Stop] = {}
        self.armed = False
        self.closed = False
        self.viewers = 0
        self.tell: Callable[[str, dict[str, Any]], None] = lambda event, body: None
        self.on_stop: Callable[[dict[str, Any]], None] = lambda body: None
        self.places: Callable[[], list[Place]] = list
        self.tools: Callable[[], list[tuple[str, str]]] = list  # (agent, tool) of the agents that are here
        self.unattended = 0  # tool calls that were refused since nobody came
        self._alone_since = time.monotonic()
        self._steps: list[Step] = []
        self._last_stop = 0

    def arm(self) -> None:
        """Look at the agents' events again, or no more: after each change of breakpoints and steps."""
        with self.lock:
            self.armed = not self.closed and bool(self.union.all or self._steps)

    # the agents' side

    def begin(self, inv: str, agent: str, cancel: Callable[[str], None]) -> Invocation:
        """An invocation runs on the calling loop."""
        self.warn()
        with self.lock:
            found = self.threads.get(inv) or self.threads.begin(inv, agent, asyncio.get_running_loop(), cancel)
        self.tell("thread", {"reason": "started", "threadId": found.id})
        return found

    def end(self, inv: str) -> None:
        """It is over: so are the steps within it, and whatever it left behind in a stop."""
        with self.lock:
            over = self.threads.end(inv)
            self._steps = [step for step in self._steps if step.inv != inv]
            left = [stop for stop in self.stops.values() if stop.inv == inv]
            self.arm()
        for stop in left:
            self.free(
                stop,
                Decision("cancelled", "the invocation ended", "the invocation ended while this call was stopped"),
            )
        if over is not None:
            self.tell("thread", {"reason": "exited", "threadId": over.id})

    def warn(self) -> None:
        """Say once of each breakpoint why no agent here will stop at it: it has no such tool, or no such point."""
        for why in self.union.unmet(self.tools()):
            self.note(why, None, "debugger", "warning")

    def judge(self, moment: Moment) -> Verdict | None:
        """Whether to stop here. Writes the lines of logpoints on the way."""
        stopping, lines = self.union.match(moment, Names(moment))
        for line in lines:
            self.note(line, moment, "breakpoint", "info")
        step = self._take_step(moment)
        if lines or any(armed.spec.once for armed in stopping) or step:
            self.arm()
        if stopping:
            return verdict_of(stopping, moment)
        return Verdict(moment.points[0], step.reason, "", []) if step else None

    def _take_step(self, moment: Moment) -> Step | None:
        if not self._steps:
            return None
        with self.lock:
            fitting = [step for step in self._steps if step.fits(moment)]
            self._steps = [step for step in self._steps if step not in fitting]
        return fitting[0] if fitting else None

    def open(
        self,
        verdict: Verdict,
        moment: Moment,
        document: dict[str, Any],
        source: tuple[str, int] | None,
        current: dict[str, Any],
    ) -> Stop:
        """A stop begins: recorded, told to the clients, and from now on decidable. On the agent's loop."""
        loop = asyncio.get_running_loop()
        with self.lock:
            self._last_stop += 1
            running = self.threads.get(moment.inv)
            thread = self.threads.number() if moment.level == 3 or running is None else running.id
            stop = Stop(
                self._last_stop, thread, verdict.point, verdict.reason, verdict.breakpoint, verdict.hits, moment,
                document, source, loop, loop.create_future(), current=current,
            )  # fmt: skip
            self._scribe.stopped(stop, self.viewers)
            self.stops[stop.id] = stop
            self.tell("stopped", stop.event())
        self.on_stop({"session": self.recording.id, **stop.body()})
        return stop

    def _say_alone(self, stop: Stop) -> None:
        stop.said_alone = True
        end = "the call is refused" if stop.is_tool and self.on_lost == "refuse" else "the run goes on"
        what = f"stopped at {stop.point} {stop.moment.name} and nobody watches"
        text = f"{what}: after {self.stop_timeout:g} s {end}; the socket is {self.where}"
        self.note(text, stop.moment, "debugger", "warning")

    def expire(self, stop: Stop) -> None:
        """Nobody is there: say so after a moment, and after the whole timeout end it by policy."""
        with self.lock:
            if self.viewers or stop.decision is not None:
                return
            alone = time.monotonic() - max(stop.since, self._alone_since)
            if not stop.said_alone and alone >= min(self.grace, self.stop_timeout):
                self._say_alone(stop)
            if alone >= self.stop_timeout:
                decision = self.policy(stop, "timeout", f"nobody attached within {self.stop_timeout:g} s")
                self.unattended += bool(decision.refusal)
                self.free(stop, decision)

    def finish(self, stop: Stop, decision: Decision) -> None:
        """The stop is over for the agent too: record how, and tell the clients."""
        self._scribe.resumed(stop, decision)
        told = {"stop": stop.id, "act": decision.act, "who": decision.who}
        self.tell("continued", {"threadId": stop.thread, "allThreadsContinued": False, "tracer": told})
        if stop.moment.level == 3:
            self.tell("thread", {"reason": "exited", "threadId": stop.thread})

    def note(self, text: str, moment: Moment | None, source: str, level: str) -> None:
        """A line for the session, and for whoever watches."""
        shown = self._scribe.log(text, moment, source, level)
        self.tell("output", {"category": "console", "output": shown + "\n"})

    def _breakpoint_changed(self, armed: Armed, reason: str) -> None:
        if armed.error:
            self.note(f"breakpoint {armed.spec.text!r}: {armed.error}", None, "debugger", "warning")
        self.tell("breakpoint", {"reason": reason, "breakpoint": self.union.body(armed)})

    # how stops end

    def free(self, stop: Stop, decision: Decision) -> bool:
        """Decide it; False where it is decided already. The first decision is the one that counts."""
        with self.lock:
            if stop.decision is not None:
                return False
            stop.decision = decision
            self.stops.pop(stop.id, None)
        stop.wake()
        return True

    def policy(self, stop: Stop, act: str, why: str) -> Decision:
        """What happens to a stop that nobody decides: a tool call is refused, anything else goes on."""
        if self.on_lost == "refuse" and stop.is_tool:
            return Decision(act, "policy: refuse", f"The debugger refused this call: {why}")
        return Decision(act, "policy: continue")

    def find(self, number: int) -> Stop:
        """The open stop with this id. Raises DebugError where it is over or never was."""
        stop = self.stops.get(number)
        if stop is None:
            there = ", ".join(map(str, list(self.stops))) or "none"
            raise DebugError(f"stop {number} is over or never was", f"open stops: {there}")
        return stop

    @property
    def session(self) -> str:
        """The session's id."""
        return self.recording.id

    @property
    def path(self) -> pathlib.Path:
        """The session's file."""
        return self.recording.path

    @property
    def over(self) -> bool:
        """A live run: more may come."""
        return False

    def scenes(self) -> list[Stop]:
        """The open stops."""
        return list(self.stops.values())

    def running(self) -> list[tuple[int, str]]:
        """The invocations that run, by number and name."""
        return [(one.id, f"{one.agent} #{one.inv}") for one in self.threads.all()]

    def stopped_on(self, thread: int) -> Stop | None:
        """The open stop of a thread."""
        return next((stop for stop in list(self.stops.values()) if stop.thread == thread), None)

    def decide(self, number: int, decision: Decision) -> Stop:
        """A client's decision. Raises DebugError for a stop that is over."""
        stop = self.find(number)
        if not self.free(stop, decision):
            raise DebugError(f"stop {number} is over", "ask for the open stops")
        return stop

    def edit(self, number: int, path: Path, new: Any, who: str, seen: Any = UNSEEN) -> Stop:
        """Set what lies at a path of the document; what was shown redacted and is unchanged keeps its real value.

        Raises DebugError: the stop is over, this cannot be edited there, the value does not fit, it holds a
        placeholder, or what is there is not what the client has `seen` (None: nothing).
        """
        scope = str(path[0])
        while True:
            stop = self.find(number)
            document = stop.document
            if scope not in stop.current:
                there = ", ".join(stop.current) or "nothing"
                raise DebugError(f"{scope} cannot be edited at {stop.point}", f"what can be edited there: {there}")
            real, after, unsigned = self._draft(stop, path, new, seen)
            with self.lock:
                if self.find(number).document is not document:
                    continue  # somebody was faster: what is new goes into what is there now
                if not alike(after, document[scope]):
                    stop.current[scope] = real
                    stop.document = {**document, scope: after}
                    stop.edited.add(scope)
                    self._alone_since = time.monotonic()  # whoever edits from a command line means to come back
                    self._scribe.edited(stop, path, document[scope], who)
                    if unsigned:
                        self.note(signatures.LOST, stop.moment, "debugger", "warning")
                return stop

    def _draft(self, stop: Stop, path: Path, new: Any, seen: Any) -> tuple[Any, Any, bool]:
        """(the scope's real value with the edit, the same as clients see it, whether it lost a signature).

        Without the lock, for which the agent's loop waits: to read a schema can take long. Raises DebugError.
        """
        scope = str(path[0])
        with self.lock:
            before, current = stop.document[scope], stop.current[scope]
        if seen is not UNSEEN and not alike(found(before, path[1:]), seen):
            raise DebugError(f"{dotted(path)} was edited by somebody else meanwhile", "look at it again")
        wanted = replaced(before, path[1:], new, drafts.may_add(stop.moment, path), path[:1])
        real = restored(wanted, before, current)
        drafts.check(stop.moment, scope, real)
        real, unsigned = signatures.unsigned(real, current) if scope == "messages" else (real, False)
        return real, self.recording.plain(real), unsigned

    def add_step(self, step: Step) -> None:
        """Stop once more at the point that the step means."""
        with self.lock:
            self._steps.append(step)
            self.arm()

    # who watches

    def viewer_came(self) -> None:
        """A client attached that can decide."""
        with self.lock:
            self.viewers += 1

    def viewer_went(self, act: str, who: str) -> None:
        """It has gone (`detach`: it said so; `lost`: it did not). After the last one the open stops end by policy."""
        with self.lock:
            self.viewers -= 1
            self._alone_since = time.monotonic()
            if self.viewers:
                return
            self._steps.clear()
            self.arm()
            self._end_all(act, f"its last viewer has gone ({who})")

    def _end_all(self, act: str, why: str) -> None:
        for stop in list(self.stops.values()):
            self.free(stop, self.policy(stop, act, why))

    def terminate(self, message: str, who: str) -> int:
        """Cancel all that runs, and free what waits; how many invocations that were."""
        with self.lock:
            running, waiting = self.threads.all(), list(self.stops.values())
        for invocation in running:
            invocation.stop(message)
        for stop in waiting:
            self.free(stop, Decision("cancelled", who, message))
        return len(running)

    def close(self) -> None:
        """Nothing stops any more; what waits ends by policy."""
        with self.lock:
            self.closed = True
            self.arm()
            self._end_all("detach", "the debugger was closed")


def verdict_of(stopping: list[Armed], moment: SafePoint) -> Verdict:
    """What the breakpoints that stop at a point come to."""
    first = stopping[0]
    point = first.spec.point if first.spec.point in moment.points else moment.points[0]
    exceptional = first.group == "exception" or point in _EXCEPTIONS
    reason = "exception" if exceptional else "function breakpoint"
    return Verdict(point, reason, first.spec.text, [armed.id for armed in stopping])
