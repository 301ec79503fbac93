"""The event list: which records are rows, and what a row says. A stream's pieces are left out until asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from tracer import records as r
from tracer.text.format import clock, cost, counted, duration, tokens
from tracer.tui.model import jsontext, transcript
from tracer.tui.model.feed import Feed, failed
from tracer.tui.model.lines import Line, clip, cut

STYLES = {
    "session": "invocation", "invocation_start": "invocation", "invocation_end": "invocation", "cycle_start": "cycle",
    "cycle_end": "cycle", "model_start": "model", "model_end": "model", "message": "user", "tool_start": "tool",
    "tool_stream": "tool", "tool_end": "tool", "stopped": "stop", "resumed": "stop", "edited": "warn",
    "throttled": "warn", "session_end": "invocation",
}  # fmt: skip


class Events:
    """The seqs that are rows: all of the feed's, or (unless `pieces`) those that are more than a stream's pieces."""

    def __init__(self, feed: Feed, pieces: bool = False) -> None:
        self.feed = feed
        self.pieces = pieces

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rows(self) -> Sequence[int]:
        """The seqs, in order."""
        return range(self.feed.window.first, self.feed.fed) if self.pieces else self.feed.events

    def row_of(self, seq: int) -> int:
        """The row of a record, or of the next one that is a row."""
        return min(bisect_left(self.rows, seq), max(0, len(self) - 1))


def line(record: r.Record, width: int) -> Line:
    """A record as a row: number, time, cycle, kind, and what it says in short."""
    kind = r.kind_of(record)
    style = "error" if failed(record) else STYLES.get(kind, "dim")
    cycle = f"{record.cycle:>3}" if record.cycle else "   "
    head: Line = [(f"{record.seq:>6} ", "faint"), (f"{clock(max(0, record.t)):>9} ", "dim"), (f"{cycle} ", "faint"),
                  (f"{kind:<16} ", style)]  # fmt: skip
    return clip([*head, (cut(summary(record), 400), "error" if failed(record) else "text")], width)


def summary(record: r.Record) -> str:
    """What a record says, in one line of a few hundred characters at most."""
    match record:
        case r.Session():
            return f"{record.agent} on {record.runtime} {record.versions.get(record.runtime, '')}"
        case r.InvocationStart():
            return _text(record.prompt)
        case r.InvocationEnd():
            return _ended(record.why or record.ending, record.usage, record.cost)
        case r.CycleEnd():
            return record.ending
        case r.ModelStart():
            attempt = f" · attempt {record.attempt + 1}" if record.attempt else ""
            return f"{record.model} · {counted(record.sent, 'message')}{attempt}"
        case r.ModelEnd():
            return _ended(record.error.said if record.error else record.stop_reason, record.usage, record.cost)
        case r.Message():
            return f"{record.role}: " + " · ".join(_block(block) for block in record.content[:8])
        case r.ToolStart():
            return f"{record.name}({jsontext.short(record.input)})"
        case r.ToolEnd():
            result = _text(transcript.result_text(record.result))
            return f"{record.name} {record.status} {duration(record.duration)} → {result}"
    return _piece(record)


def _piece(record: r.Record) -> str:
    match record:
        case r.Delta():
            return jsontext.short(record.text or record.reasoning or record.input or record.signature or "")
        case r.BlockStart():
            return f"tool_use {record.tool}" if record.tool else ""
        case r.ForceStop():
            return f"{record.error}: {record.reason}" if record.error else record.reason
        case r.Log():
            return record.text[:400]
        case r.SessionEnd():
            return record.reason
        case r.Event():
            return jsontext.short(record.event)
        case r.Content():
            return f"{record.what} {record.hash}"
        case r.ToolStream():
            return f"#{record.of}" if record.of is not None else jsontext.short(record.data)
    parts = transcript.parts(record)
    return parts[0].text[:400] if parts else ""


def _ended(how: str, usage: r.Usage | None, usd: float | None) -> str:
    said = [how] if how else []
    if usage:
        said.append(f"{tokens(usage.input)} in · {tokens(usage.output)} out")
    if usd is not None:
        said.append(cost(usd))
    return " · ".join(said)


def _block(block: Any) -> str:
    if isinstance(block, dict) and isinstance(block.get("toolUse"), dict):
        return f"calls {block['toolUse'].get('name', '')}"
    if isinstance(block, dict) and "toolResult" in block:
        return "result " + _text(transcript.result_text(block["toolResult"]))
    if isinstance(block, dict) and "reasoningContent" in block:
        return "thinks"
    return _text(block.get("text", block) if isinstance(block, dict) else block)


def _text(value: Any) -> str:
    return value[:400] if isinstance(value, str) else jsontext.short(value)
