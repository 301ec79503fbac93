"""The debugger's records: what stopped, what was changed, how it went on. It decides nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tracer import records as r
from tracer.debug import drafts, values
from tracer.debug.errors import DebugError
from tracer.debug.moment import Moment
from tracer.debug.stops import Decision, Stop
from tracer.debug.values import lookup


class Recording(Protocol):
    """What the debugger needs of a recording."""

    id: str
    path: Path
    debugger: Any

    def write(self, record: r.Record) -> int: ...
    def plain(self, value: Any) -> Any: ...
    def position(self, agent: Any) -> tuple[str, int]: ...
    def on_watch(self, callback: Callable[[Any], None]) -> None: ...


class Scribe:
    """Writes them into the recording, each at the place in the run that it tells of, without secrets."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def _write(self, moment: Moment | None, record: r.Record) -> None:
        if moment is not None:
            record.inv, record.cycle = moment.inv, moment.cycle
        self._recording.write(record)

    def stopped(self, stop: Stop, viewers: int) -> None:
        """A stop begins, seen by so many."""
        moment = stop.moment
        record = r.Stopped(
            id=stop.id, point=stop.point, breakpoint=stop.breakpoint, reason=stop.reason, viewers=viewers
        )
        record.tool_use_id, record.index, record.name = moment.tool_use_id, moment.index, moment.name
        self._write(moment, record)

    def edited(self, stop: Stop, path: values.Path, before: Any, who: str) -> None:
        """Something is another now, as clients see it; `before` is what its scope was. An input is told as a whole."""
        scope = str(path[0])
        below = () if scope == "input" else path[1:]
        what, where = drafts.told(scope, (scope, *below))
        record = r.Edited(what=what, path=where, stop=stop.id, who=who, tool_use_id=stop.moment.tool_use_id)
        record.after = lookup(stop.document[scope], below)
        with contextlib.suppress(DebugError):  # the edit may have brought it
            record.before = lookup(before, below)
        self._write(stop.moment, record)

    def resumed(self, stop: Stop, decision: Decision) -> None:
        """The stop is over."""
        self._write(stop.moment, r.Resumed(id=stop.id, act=decision.act, who=decision.who, point=stop.point))

    def log(self, text: str, moment: Moment | None, source: str, level: str) -> str:
        """A line; as it was written."""
        record = r.Log(text=self._recording.plain(text), level=level, source=source)
        if moment is not None:
            record.tool_use_id = moment.tool_use_id
        self._write(moment, record)
        return record.text
