"""The breakpoints of all clients together, and what is known of each: hits, faults. It stops nothing itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from tracer.debug.breakpoints import POINTS, Breakpoint, Filter, compile_condition
from tracer.debug.names import UnreadableError
from tracer.debug.safepoint import SafePoint
from tracer.filters import MismatchError

NOBODY = 0  # the owner of the breakpoints given at start: they stay whoever comes and goes
_OF_TOOLS = ("before_tool", "after_tool", "tool_error")
_FIELD = re.compile(r"\{([A-Za-z_][\w.-]*)\}")


class Armed:
    """A breakpoint in force: its `id`, whose it is, how often its place and condition fitted, what is wrong with it."""

    def __init__(self, number: int, spec: Breakpoint, owner: int, group: str) -> None:
        self.id = number
        self.spec = spec
        self.owner = owner
        self.group = group
        self.hits = 0
        self.error = ""
        self.unmet = False
        self._filter: Filter | None = compile_condition(spec) if spec.condition else None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether its condition holds. Raises MismatchError, and whatever reading the values raises."""
        return self._filter is None or bool(self._filter.test(values))

    def message(self, values: Mapping[str, Any]) -> str:
        """Its log text with `{dotted.names}` filled in; a name that is not there stays as it is."""
        return _FIELD.sub(lambda match: _field(match, values), self.spec.log or "")


def _field(match: re.Match[str], values: Mapping[str, Any]) -> str:
    value: Any = values
    for key in match[1].split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return match[0] if value is None else str(value)


class Union:
    """All breakpoints in force; `lost` are the points that no agent here offers."""

    def __init__(self, lock: threading.RLock, changed: Callable[[Armed, str], None]) -> None:
        self._lock = lock
        self._changed = changed
        self._last = 0
        self.all: list[Armed] = []
        self.lost: frozenset[str] = frozenset()

    def replace(self, owner: int, group: str, specs: Iterable[Breakpoint]) -> list[Armed]:
        """Put a client's breakpoints of one group in force for its earlier ones; unchanged ones keep their hits."""
        with self._lock:
            before = [armed for armed in self.all if (armed.owner, armed.group) == (owner, group)]
            kept = {armed.spec: armed for armed in before}
            fresh: list[Armed] = []
            for spec in specs:
                fresh.append(kept.pop(spec) if spec in kept else self._armed(spec, owner, group))
            self.all = [armed for armed in self.all if armed not in before] + fresh
            return fresh

    def _armed(self, spec: Breakpoint, owner: int, group: str) -> Armed:
        self._last += 1
        return Armed(self._last, spec, owner, group)

    def add(self, owner: int, spec: Breakpoint) -> Armed:
        """Put one more in force; the one that is there where it is the same."""
        with self._lock:
            same = next((one for one in self.all if (one.owner, one.spec) == (owner, spec)), None)
            armed = same or self._armed(spec, owner, "function")
            self.all += [] if same else [armed]
            return armed

    def remove(self, owner: int, number: int) -> None:
        """Take one of an owner's out of force, if it is there."""
        with self._lock:
            self.all = [one for one in self.all if (one.owner, one.id) != (owner, number)]

    def drop(self, owner: int) -> None:
        """A client has gone: so do its breakpoints."""
        with self._lock:
            self.all = [armed for armed in self.all if armed.owner != owner]

    def body(self, armed: Armed) -> dict[str, Any]:
        """The breakpoint as DAP tells it."""
        why = armed.error or self._unhooked(armed.spec)
        told: dict[str, Any] = {"id": armed.id, "verified": not why}
        return told | ({"message": why, "reason": "failed"} if why else {"message": armed.spec.text})

    def unmet(self, tools: list[tuple[str, str]]) -> list[str]:
        """What there is to say of breakpoints at which nothing here will stop, where the tools are these (agent, tool);
        of each once."""
        said = []
        with self._lock:
            for armed in self.all:
                if not armed.unmet and (why := self._never(armed.spec, tools)):
                    armed.unmet = True
                    said.append(f"breakpoint {armed.spec.text!r}: {why}")
        return said

    def _never(self, spec: Breakpoint, tools: list[tuple[str, str]]) -> str:
        """Why it will not stop: no agent here offers its point, or has its tool; "" where it may."""
        if spec.glob == "*" or spec.point not in _OF_TOOLS:
            return self._unhooked(spec)
        there = [tool for agent, tool in tools if fnmatchcase(agent, spec.agent)]
        if any(fnmatchcase(tool, spec.glob) for tool in there):
            return ""
        names = f"tools are {', '.join(sorted(set(there)))}" if there else "there are no tools"
        return f"no tool here is called that yet; {names}"

    def _unhooked(self, spec: Breakpoint) -> str:
        """That no agent here offers its point; "" where one does."""
        if spec.point not in self.lost:
            return ""
        return f"this agent's runtime has no hook for {spec.point}: it will not stop there"

    def unsupported(self) -> list[str]:
        """The points that no agent here offers, in the grammar's order."""
        return [point for point in POINTS if point in self.lost]

    def match(self, moment: SafePoint, values: Mapping[str, Any]) -> tuple[list[Armed], list[str]]:
        """The breakpoints that stop here, and the lines of the logpoints that fit."""
        stopping: list[Armed] = []
        lines: list[str] = []
        for armed in self.all:
            if not armed.spec.covers(moment.points, moment.name, moment.agent):
                continue
            try:
                if armed.holds(values) and self._counts(armed):
                    stopping += [armed] if armed.spec.log is None else []
                    lines += [armed.message(values)] if armed.spec.log is not None else []
            except Exception as error:  # an agent's or a model's own object may raise anything
                stopping += [armed] if self._fault(armed, error, moment) else []
        return stopping, lines

    def _counts(self, armed: Armed) -> bool:
        """Its place and its condition fit once more: whether this time counts."""
        with self._lock:
            armed.hits += 1
            counted = armed.spec.hit is None or armed.spec.hit(armed.hits)
            if counted and armed.spec.once:
                if armed not in self.all:  # a sibling came first
                    return False
                self.all = [a for a in self.all if a is not armed]
                self._changed(armed, "removed")
        return counted

    def _fault(self, armed: Armed, error: Exception, moment: SafePoint) -> bool:
        """Mark it; whether to stop all the same: before a tool, where what it asks could not be read.

        A condition that compares what cannot be compared is a fault of its own and stops nothing. Both stay in force.
        """
        mismatch = isinstance(error, MismatchError)
        then = "it does not stop then" if mismatch else "before a tool it stops then, elsewhere it does not"
        text = f"it cannot be evaluated ({error if mismatch else _told(error)}); {then}"
        if armed.error != text:
            armed.error = text
            self._changed(armed, "changed")
        return not mismatch and armed.spec.log is None and "before_tool" in moment.points


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, UnreadableError) else f"{type(error).__name__}: {error}"
