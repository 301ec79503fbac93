"""A recording on the stage: one client's place in recorded time, and what stops it there. It tells nobody."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracer.debug.board import verdict_of
from tracer.debug.errors import DebugError
from tracer.debug.recorded import steps
from tracer.debug.recorded.facts import document
from tracer.debug.recorded.hits import Hits, hits_of, nearest
from tracer.debug.recorded.tape import Past, Tape
from tracer.debug.scene import Scene
from tracer.debug.sources import Place
from tracer.debug.union import Armed, Union
from tracer.spans import Span

BEGINNING, END = "the beginning of the recording", "the end of the recording"


@dataclass(slots=True, eq=False)
class PastScene(Scene):
    """A point of a recording; `said` is what is told of it besides."""

    seq: int = 0
    said: str = ""

    def body(self) -> dict[str, Any]:
        return {**Scene.body(self), "seq": self.seq}

    def event(self) -> dict[str, Any]:
        told = {**Scene.event(self), "allThreadsStopped": True}
        return told | ({"text": f"{self.said}: {told['text']}"} if self.said else {})


class Recorded:
    """Stop n is the n-th safe point, whichever way one came there; `at` is where one stands."""

    def __init__(self, tape: Tape, at: int = 0) -> None:
        self.tape = tape
        self.lock = threading.RLock()
        self.union = Union(self.lock, lambda armed, reason: None)
        self.at = at
        self._hits: dict[int, Hits] = {}
        self._scenes: dict[int, PastScene] = {}
        if tape.points:
            self.stand(at, "entry", [])

    @property
    def session(self) -> str:
        """The session's id."""
        return self.tape.session.id

    @property
    def path(self) -> Path:
        """The session's file."""
        return self.tape.session.path

    @property
    def over(self) -> bool:
        """Whether nothing will be added to it."""
        return self.tape.session.reader.standing() != "live"

    @property
    def here(self) -> PastScene:
        """Where one stands."""
        return self._scenes[self.at]

    def scenes(self) -> list[PastScene]:
        """The one place where it stands still, unless it has none."""
        return [self.here] if self.tape.points else []

    def running(self) -> list[tuple[int, str]]:
        """The invocations that ran then, and the calls that ran beside the one that is shown."""
        if not self.tape.points:
            return []
        there = [*self.tape.running(self.at), *self.tape.calling(self.at)]
        return [(number, _title(self.tape.threads[number - 1])) for number in there]

    def find(self, number: int) -> Scene:
        """The n-th safe point."""
        if not 1 <= number <= len(self.tape.points):
            raise DebugError(f"there is no stop {number}", f"the recording has stops 1 to {len(self.tape.points)}")
        return self._scene(number - 1)

    def stopped_on(self, thread: int) -> Scene | None:
        """The last point that this thread had come to."""
        at = self.tape.last_on(thread, self.at) if self.tape.points else None
        return self._scene(at) if at is not None else None

    def places(self) -> list[Place]:
        """Where the tools that were called are written."""
        return self.tape.places()

    def arm(self) -> None:
        """Find where the breakpoints stop, those that are new."""
        known = self._hits
        self._hits = {one.id: known[one.id] if one.id in known else hits_of(one, self.tape) for one in self.union.all}

    def viewer_came(self) -> None:
        """Nobody waits for a decision."""

    def viewer_went(self, act: str, who: str) -> None:
        """Nothing is left undecided."""

    # moving

    def stand(self, at: int, reason: str, armed: list[Armed], said: str = "") -> PastScene:
        """Come to a point, because of `reason` or of breakpoints."""
        scene = self._new(at)  # one that cannot be shown leaves the client where it stands
        scene.reason, scene.said = reason, said
        if armed:
            verdict = verdict_of(armed, scene.moment)
            scene.point, scene.reason = verdict.point, verdict.reason
            scene.breakpoint, scene.hits = verdict.breakpoint, verdict.hits
        self.at, self._scenes = at, {at: scene}
        return scene

    def run(self, target: int | None, reason: str, back: bool = False) -> PastScene:
        """To a point, or as far as there is, unless a breakpoint lies before it."""
        hits = [(one, self._hits[one.id]) for one in self.union.all if one.id in self._hits]
        stop, armed = nearest(hits, self.at, back)
        if stop is not None and (target is None or (stop >= target if back else stop <= target)):
            return self.stand(stop, reason, armed)
        if target is not None:
            return self.stand(target, reason, [])
        if back:
            return self.stand(0, "entry", [], BEGINNING)
        return self.stand(len(self.tape.points) - 1, "end", [], END)

    def step(self, thread: int, mode: str) -> PastScene:
        """next, stepIn or stepOut of a thread."""
        return self.run(steps.forward(self.tape, self.at, self.of(thread), mode), "step")

    def step_back(self, thread: int) -> PastScene:
        """One step back of a thread."""
        scene = self.of(thread)
        return self.run(steps.backward(self.tape, scene.id - 1, scene), "step", back=True)

    def single(self, by: int) -> PastScene:
        """To the point beside this one, whose ever it is."""
        to = self.at + by
        return self.run(to if 0 <= to < len(self.tape.points) else None, "step", back=by < 0)

    def of(self, thread: int) -> Scene:
        """Where this thread stands. Raises DebugError where it does not run."""
        scene = self.stopped_on(thread)
        if scene is None:
            raise DebugError(f"thread {thread} does not run there", "ask for threads")
        return scene

    def lines(self, frm: int, to: int) -> list[str]:
        """What logpoints say on the way from a point (not its own) to another."""
        passed = range(frm + 1, to + 1) if to > frm else range(frm - 1, to - 1, -1)
        hits = [one for one in self._hits.values() if one.lines]
        return [one.lines[at] for at in passed for one in hits if at in one.lines] if hits else []

    def _scene(self, at: int) -> PastScene:
        if at not in self._scenes:
            self._scenes[at] = self._new(at)
        return self._scenes[at]

    def _new(self, at: int) -> PastScene:
        point = self.tape.points[at]
        return PastScene(
            at + 1, point.thread, point.points[0], "step", "", [], point, document(self.tape, at),
            self._source(point), point.seq,
        )  # fmt: skip

    def _source(self, point: Past) -> tuple[str, int] | None:
        """The tool's source, where its file is here."""
        for place in self.tape.places():
            if point.level == 3 and place.tool == point.name and os.path.exists(place.file):
                return os.path.abspath(place.file), place.first
        return None


def _title(span: Span) -> str:
    which = f"(call {span.index + 1} of #{span.inv})" if span.kind == "tool" else f"#{span.inv}"
    return f"{span.name} {which}"
