"""The debugger's records: what stopped, what was changed, how it went on. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tracer import records as r
from tracer.debug.moment import Moment
from tracer.debug.stops import Decision, Stop


class Recording(Protocol):
    """What the debugger needs of a recording."""

    id: str
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

    def edited(self, stop: Stop, before: Any, who: str) -> None:
        """The input of the stopped call is another now; `before` is what clients had seen of it."""
        record = r.Edited(what="input", path="input", before=before, after=stop.document["input"], stop=stop.id)
        record.who, record.tool_use_id = who, stop.moment.tool_use_id
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
