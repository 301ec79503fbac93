"""From records back to the stream's dicts: the inverse of the recorder. It knows no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.playback.deltas import Block, Delta, live

Dict = dict[str, Any]
_STREAM = (
    *(r.Event, r.Delta, r.BlockStart, r.BlockStop, r.Message, r.CycleStart, r.CycleEnd, r.ForceStop, r.Throttled),
    *(r.ToolStream, r.InvocationEnd),
)


@dataclass(frozen=True)
class ReplayedResult:
    """What stands in for the `AgentResult` of the recorded run."""

    stop_reason: str
    message: Any
    said: Dict = field(repr=False)

    def to_dict(self) -> Dict:
        """The recorded dict."""
        return self.said


@dataclass
class _Made:
    """What a record stands for: dicts, a delta that may still grow, or one of the two dicts of a sub-agent's delta."""

    t: int
    events: list[Dict] | None = None
    delta: Delta | None = None
    use: Dict | None = None
    inner: _Made | None = None
    which: int = 0

    @property
    def certain(self) -> bool:
        """Whether nothing that comes can change it."""
        if self.inner is not None:
            return self.inner.certain
        return self.events is not None or (self.delta is not None and self.delta.final)

    def dicts(self) -> list[Dict]:
        if self.inner is not None:
            both = self.inner.dicts()
            data = both[min(self.which, len(both) - 1)] if both else None
            return [_tool_stream(self.use or {}, data)]
        if self.delta is not None:
            return self.delta.dicts()
        return self.events or []


@dataclass
class _Stream:
    """One invocation while it is rebuilt."""

    block: Block = field(default_factory=Block)
    uses: list[Dict] = field(default_factory=list)
    stop: _Made | None = None


class Rebuild:
    """Feed it records in order; `feed` gives the dicts of top-level invocations that are certain by then."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._queue: deque[_Made] = deque()
        self._inner: dict[int, _Made] = {}
        self._asked: dict[int, int] = {}

    def feed(self, record: r.Record) -> list[tuple[int, Dict]]:
        """(time, dict) of what this record makes certain."""
        if record.inv and isinstance(record, _STREAM):
            stream = self._streams.setdefault(record.inv, _Stream())
            made = self._make(record, stream)
            if isinstance(record, r.ForceStop):
                stream.stop = made
            if "." in record.inv:
                made = made or (stream.stop if isinstance(record, r.CycleEnd) else None)  # older files refer to that
                if made is not None:
                    self._inner[record.seq] = made
            elif made is not None:
                self._queue.append(made)
        return self._certain()

    def flush(self) -> list[tuple[int, Dict]]:
        """What was still held back at the end of the file."""
        for stream in self._streams.values():
            stream.block.settle()
        return self._certain()

    def _certain(self) -> list[tuple[int, Dict]]:
        found: list[tuple[int, Dict]] = []
        while self._queue and self._queue[0].certain:
            made = self._queue.popleft()
            found += [(made.t, event) for event in made.dicts()]
        return found

    def _make(self, record: r.Record, stream: _Stream) -> _Made | None:
        if isinstance(record, r.Delta):
            delta = stream.block.add(record)
            return _Made(record.t, delta=delta) if delta else None
        if isinstance(record, r.Event) and record.untwinned is not None:
            stream.block.untwin(record.untwinned)
            return None
        if not isinstance(record, r.ToolStream):
            stream.block.settle()
        if isinstance(record, r.BlockStart):
            stream.block = Block(record.tool, record.tool_use_id)
        if isinstance(record, r.ToolStream):
            return self._tool(record, stream)
        if isinstance(record, r.Message) and record.role == "assistant" and not record.silent:
            stream.uses = [block["toolUse"] for block in record.content if "toolUse" in block]
        events = _events(record)
        return _Made(record.t, events) if events else None

    def _tool(self, record: r.ToolStream, stream: _Stream) -> _Made:
        known = stream.uses[record.index] if 0 <= record.index < len(stream.uses) else {"toolUseId": record.tool_use_id}
        use = dict(live(record.use.get("toolUse") or known))
        inner = self._inner.get(record.of) if record.of is not None else None
        if record.of is None or inner is None:
            return _Made(record.t, [_tool_stream(use, live(record.data))])
        asked = self._asked[record.of] = self._asked.get(record.of, -1) + 1
        return _Made(record.t, use=use, inner=inner, which=1 if record.twin else asked)


def _tool_stream(use: Dict, data: Any) -> Dict:
    return {"type": "tool_stream", "tool_stream_event": {"tool_use": use, "data": data}}


def _events(record: r.Record) -> list[Dict]:
    match record:
        case r.Event():
            return [live(record.event)]
        case r.BlockStart():
            use = {"toolUse": {"name": record.tool, "toolUseId": record.tool_use_id}} if record.tool else {}
            return [{"event": live(record.raw) if record.raw else {"contentBlockStart": {"start": use}}}]
        case r.BlockStop():
            return [{"event": live(record.raw) if record.raw else {"contentBlockStop": {}}}]
        case r.Message() if not record.silent:
            return [{"message": {"role": record.role, "content": live(record.content), **live(record.extra)}}]
        case _:
            return _lifecycle(record)


def _lifecycle(record: r.Record) -> list[Dict]:
    match record:
        case r.CycleStart():
            return [{"start_event_loop": True}]
        case r.CycleEnd(ending="complete"):
            return [{"complete": True}]
        case r.ForceStop():
            return [{"force_stop": True, "force_stop_reason": record.reason}]
        case r.Throttled():
            delay = record.delay
            return [{"event_loop_throttled_delay": int(delay) if delay == int(delay) else delay}]
        case r.InvocationEnd() if record.result is not None:
            said = live(record.result)
            return [{"result": ReplayedResult(record.stop_reason, said.get("message"), said)}]
        case _:
            return []
