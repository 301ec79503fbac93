"""From records back to the stream's dicts: the inverse of the recorder. It knows no clock."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.journal.reader import Reader

Dict = dict[str, Any]


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
class _Stream:
    """What is needed to rebuild one invocation's twins."""

    twin: Dict | None = None
    twin_of: int = -1
    use: Dict = field(default_factory=dict)


class Rebuild:
    """Feed it records in order; `feed` gives the dicts of top-level invocations that are certain by then."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._streams: dict[str, _Stream] = {}
        self._asked: dict[int, int] = {}

    def feed(self, record: r.Record) -> list[Dict]:
        """The dicts that this record stands for, after the twin of the record before."""
        if not record.inv or "." in record.inv:
            return []
        stream = self._streams.setdefault(record.inv, _Stream())
        if isinstance(record, r.Event) and record.untwinned is not None:
            stream.twin = None
            return []
        before = [stream.twin] if stream.twin is not None and _of_stream(record) else []
        if before:
            stream.twin = None
        return before + self._events(record, stream)

    def flush(self) -> list[Dict]:
        """What was still held back at the end of the file."""
        held = [stream.twin for stream in self._streams.values() if stream.twin is not None]
        self._streams.clear()
        return held

    def _events(self, record: r.Record, stream: _Stream) -> list[Dict]:
        match record:
            case r.Event():
                return [live(record.event)]
            case r.Delta():
                raw, stream.twin = _delta(record, stream)
                return [raw]
            case r.BlockStart():
                stream.use = {"toolUseId": record.tool_use_id, "name": record.tool, "input": ""}
                use = {"toolUse": {"name": record.tool, "toolUseId": record.tool_use_id}} if record.tool else {}
                return [{"event": live(record.raw) if record.raw else {"contentBlockStart": {"start": use}}}]
            case r.BlockStop():
                return [{"event": live(record.raw) if record.raw else {"contentBlockStop": {}}}]
            case r.Message() if not record.silent:
                return [{"message": {"role": record.role, "content": live(record.content), **live(record.extra)}}]
            case _:
                return self._lifecycle(record)

    def _lifecycle(self, record: r.Record) -> list[Dict]:
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
            case r.ToolStream():
                return [self._tool_stream(record)]
            case r.InvocationEnd() if record.result is not None:
                said = live(record.result)
                return [{"result": ReplayedResult(record.stop_reason, said.get("message"), said)}]
            case _:
                return []

    def _tool_stream(self, record: r.ToolStream) -> Dict:
        data = live(record.data) if record.of is None else self._child(record.of)
        return {"type": "tool_stream", "tool_stream_event": {"tool_use": self._use(record), "data": data}}

    def _use(self, record: r.ToolStream) -> Dict:
        for seq in range(record.seq - 1, -1, -1):
            message = self._reader.record(seq)
            if isinstance(message, r.Message) and message.inv == record.inv and message.role == "assistant":
                uses = [b["toolUse"] for b in message.content if "toolUse" in b]
                if 0 <= record.index < len(uses):
                    return dict(live(uses[record.index]))
                break
        return {"toolUseId": record.tool_use_id}

    def _child(self, seq: int) -> Any:
        """A sub-agent's event by the record it made; the second time the same record is meant, its twin."""
        record = self._reader.record(seq)
        inner = _Stream()
        events = self._events(record, inner)
        times = self._asked[seq] = self._asked.get(seq, -1) + 1
        both = [*events, inner.twin]
        return both[min(times, len(both) - 1)] if events else None


def _of_stream(record: r.Record) -> bool:
    """Whether a record comes from the stream itself, and so after the twin, and not from a hook or another thread."""
    return isinstance(
        record,
        (
            r.Event,
            r.Delta,
            r.BlockStop,
            r.BlockStart,
            r.Message,
            r.CycleEnd,
            r.ForceStop,
            r.CycleStart,
            r.InvocationEnd,
        ),
    )


def _delta(record: r.Delta, stream: _Stream) -> tuple[Dict, Dict]:
    if record.text is not None:
        body: Dict = {"text": record.text}
        twin: Dict = {"data": record.text, "delta": body}
    elif record.reasoning is not None:
        body = {"reasoningContent": {"text": record.reasoning}}
        twin = {"reasoningText": record.reasoning, "delta": body, "reasoning": True}
    elif record.signature is not None:
        body = {"reasoningContent": {"signature": record.signature}}
        twin = {"reasoning_signature": record.signature, "delta": body, "reasoning": True}
    else:
        body = {"toolUse": {"input": record.input or ""}}
        stream.use = {**stream.use, "input": stream.use.get("input", "") + (record.input or "")}
        twin = {"type": "tool_use_stream", "delta": body, "current_tool_use": dict(stream.use)}
    raw = live(record.raw) if record.raw else {"contentBlockDelta": {"delta": body}}
    return {"event": raw}, twin


def live(value: Any) -> Any:
    """The typed JSON form of bytes and large numbers as Python values again; everything else as it is."""
    if isinstance(value, list):
        return [live(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "$bytes":
            return base64.b64decode(inner)
        if key in ("$int", "$float"):
            return int(inner) if key == "$int" else float(inner)
    return {key: live(inner) for key, inner in value.items()}
