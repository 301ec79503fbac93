"""A session as plain lifecycle lines, one an event, in the order they happen. It reads records, no file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tracer import records as r
from tracer.text import format as fmt
from tracer.text.edited import by_whom, of_what
from tracer.text.safe import clean, snippet
from tracer.timeline import Timeline

Tone = Literal["plain", "dim", "strong", "good", "bad", "warn", "tool", "debug"]


@dataclass(frozen=True, slots=True)
class Line:
    """One event told: `t` in ns since the start, `depth` 0 for the top agent, `text` one line that is safe to print."""

    seq: int
    t: int
    text: str
    tone: Tone = "plain"
    depth: int = 0


class Lines:
    """Feed it the records in order; it gives a line for each that has something to say."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._reasons: dict[str, str] = {}

    def feed(self, record: r.Record) -> Line | None:
        """The record's line, or None where it is a part of a later one (the pieces of a text, say)."""
        self.timeline.feed(record)
        tell = _TELLERS.get(type(record))
        told = tell(self, record) if tell else None
        if told is None:
            return None
        text, tone = told
        return Line(record.seq, record.t, clean(text), tone, record.inv.count("."))

    def _session(self, record: r.Session) -> Told:
        parts = [f"session {record.id}", record.agent, record.runtime, fmt.moment(record.start) if record.start else ""]
        return " · ".join(part for part in parts if part), "dim"

    def _event(self, record: r.Event) -> Told:
        if "init_event_loop" in record.event:
            return "event loop initialised", "plain"
        if not record.event or {"event", "start"} & record.event.keys():
            return None
        if "tool_cancel_event" in record.event:
            return _cancelled(record.event["tool_cancel_event"]), "warn"
        if "tool_interrupt_event" in record.event:
            return _interrupted(record.event["tool_interrupt_event"]), "warn"
        return f"event: {_json(record.event)}", "dim"

    def _invocation_start(self, record: r.InvocationStart) -> Told:
        labels = "".join(f" {key}={value}" for key, value in record.labels.items())
        return f"invocation {record.inv} of {record.agent or 'agent'}{labels}: {_prompt(record.prompt)}", "strong"

    def _invocation_end(self, record: r.InvocationEnd) -> Told:
        parts = [record.ending or "?"]
        if record.stop_reason not in ("", record.ending):
            parts[0] += f" ({record.stop_reason})"
        if record.why:
            parts[0] += f", {record.why}"
        span = self.timeline.at(f"inv:{record.inv}")
        tone: Tone = "good" if span is None or span.status == "ok" else "bad"
        parts += [*_spent(record.usage, record.cost), *([fmt.duration(span.duration())] if span else [])]
        return f"invocation {record.inv} ended: " + " · ".join(parts), tone

    def _cycle_start(self, record: r.CycleStart) -> Told:
        return f"cycle {record.cycle} starting", "strong"

    def _cycle_end(self, record: r.CycleEnd) -> Told:
        if record.ending == "complete":
            return f"cycle {record.cycle} completed", "good"
        reason = self._reasons.pop(record.inv, "")
        return f"cycle {record.cycle} force-stopped: {reason or 'unknown reason'}", "bad"

    def _force_stop(self, record: r.ForceStop) -> Told:
        said = record.reason or record.error
        known = not record.error or not record.reason or record.error.rpartition(".")[2] in said
        self._reasons[record.inv] = said if known else f"{record.error}: {said}"
        return None

    def _model_start(self, record: r.ModelStart) -> Told:
        again = f" (attempt {record.attempt + 1})" if record.attempt else ""
        return f"asking {record.model or 'the model'}{again}, {fmt.counted(record.sent, 'message')}", "dim"

    def _model_end(self, record: r.ModelEnd) -> Told:
        if record.error:
            return f"model failed: {record.error.said}", "bad"
        span = self.timeline.of(record)
        parts = [record.stop_reason or "?", *_spent(record.usage, record.cost)]
        return "model answered: " + " · ".join([*parts, *([fmt.duration(span.duration())] if span else [])]), "dim"

    def _block_stop(self, record: r.BlockStop) -> Told:
        blocks = self.timeline.live_blocks(record.inv)
        if not blocks or blocks[-1].kind == "input" or not blocks[-1].text:
            return None
        block = blocks[-1]
        return f"{block.kind}: {_one_line(block.text)}", "dim" if block.kind == "reasoning" else "plain"

    def _message(self, record: r.Message) -> Told:
        origin = "" if record.origin in ("", "model") else f" ({record.origin})"
        return f"new message: {record.role}{origin}", "plain"

    def _tool_start(self, record: r.ToolStart) -> Told:
        again = f" (attempt {record.attempt + 1})" if record.attempt else ""
        return f"using tool: {record.name}{again} {_json(record.input)}", "tool"

    def _tool_stream(self, record: r.ToolStream) -> Told:
        span = self.timeline.of(record)
        if record.of is not None:
            return None
        name = span.name if span and span.kind == "tool" else record.tool_use_id
        return f"tool says: {name} {_json(record.data)}", "dim"

    def _tool_end(self, record: r.ToolEnd) -> Told:
        text = f"{record.name} {record.status or '?'} in {fmt.duration(record.duration)}: {_result(record.result)}"
        text += "".join(f" · swallowed {_swallowed(one)}" for one in record.swallowed[:3])
        if record.refused:
            return f"tool refused: {record.name}: {_one_line(record.cancelled)}", "warn"
        if record.cancelled:
            return f"tool skipped: {record.name} {_one_line(record.cancelled)}: {_result(record.result)}", "warn"
        return (f"tool failed: {text}", "bad") if record.status == "error" else (f"tool result: {text}", "tool")

    def _throttled(self, record: r.Throttled) -> Told:
        return f"model is busy: next attempt in {fmt.duration(int(record.delay * 1e9))}", "warn"

    def _log(self, record: r.Log) -> Told:
        fields = f" {_json(record.fields)}" if record.fields else ""
        name = " ".join(part for part in (record.source or "log", record.level, record.logger) if part)
        bad = record.failed or record.level.lower() == "warning" or record.source == "stderr"
        return f"{name}: {_one_line(record.text)}{fields}", "warn" if bad else "dim"

    def _loop_blocked(self, record: r.LoopBlocked) -> Told:
        if record.over:
            return f"event loop free again, after {fmt.duration(record.lag)}", "warn"
        where = f" by {record.where.name} ({record.where.file}:{record.where.line})" if record.where else ""
        return f"event loop blocked{where}, for {fmt.duration(record.lag)} so far", "warn"

    def _stopped(self, record: r.Stopped) -> Told:
        why = record.breakpoint or record.reason
        return f"stopped at {record.point} {record.name}".rstrip() + (f" ({why})" if why else ""), "debug"

    def _resumed(self, record: r.Resumed) -> Told:
        return f"resumed: {record.act}" + (f" by {record.who}" if record.who else ""), "debug"

    def _edited(self, record: r.Edited) -> Told:
        return f"edited {of_what(record)} {by_whom(record)}: {_json(record.before)} → {_json(record.after)}", "debug"

    def _gap(self, record: r.Gap) -> Told:
        lost = f"{fmt.counted(record.count, 'record')} could not be written: " if record.count else ""
        return lost + record.reason, "bad"

    def _session_end(self, record: r.SessionEnd) -> Told:
        return f"recording ended: {record.reason or 'done'}", "dim"

    def _unknown(self, record: r.Unknown) -> Told:
        if record.raw.get("kind") == "damaged":
            return f"damaged line: {record.raw.get('why', '')}", "warn"
        return f"{r.kind_of(record)}: not known to this version", "dim"


Told = tuple[str, Tone] | None

_TELLERS: dict[type[r.Record], Callable[[Lines, Any], Told]] = {
    r.Session: Lines._session, r.Event: Lines._event, r.InvocationStart: Lines._invocation_start,
    r.InvocationEnd: Lines._invocation_end, r.CycleStart: Lines._cycle_start, r.CycleEnd: Lines._cycle_end,
    r.ForceStop: Lines._force_stop, r.ModelStart: Lines._model_start, r.ModelEnd: Lines._model_end,
    r.BlockStop: Lines._block_stop, r.Message: Lines._message, r.ToolStart: Lines._tool_start,
    r.ToolStream: Lines._tool_stream, r.ToolEnd: Lines._tool_end, r.Throttled: Lines._throttled, r.Log: Lines._log,
    r.LoopBlocked: Lines._loop_blocked, r.Stopped: Lines._stopped, r.Resumed: Lines._resumed, r.Edited: Lines._edited,
    r.Gap: Lines._gap, r.SessionEnd: Lines._session_end, r.Unknown: Lines._unknown,
}  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _prompt(prompt: Any) -> str:
    if isinstance(prompt, list):
        texts = [block.get("text", "") for block in prompt if isinstance(block, dict)]
        return snippet(" ".join(str(text) for text in texts) or _json(prompt), 200)
    return snippet(_json(prompt), 200)


def _result(result: Any) -> str:
    content = result.get("content") if isinstance(result, dict) else result
    blocks = content if isinstance(content, list) else [content]
    return _one_line(" ".join(_json(_inner(block)) for block in blocks))


def _inner(block: Any) -> Any:
    return next((block[key] for key in ("text", "json") if key in block), block) if isinstance(block, dict) else block


def _swallowed(said: Any) -> str:
    """`{"type", "message", "file", "line"}` in words."""
    where = f" ({_of(said, 'file')}:{_of(said, 'line')})" if _of(said, "file") else ""
    return f"{_of(said, 'type')}: {_one_line(str(_of(said, 'message')))}{where}"


def _cancelled(said: Any) -> str:
    """`{"tool_use": {"name"}, "message"}` in words."""
    why = _of(said, "message")
    return f"tool cancelled: {_tool_name(said)}" + (f": {_one_line(_json(why))}" if why else "")


def _interrupted(said: Any) -> str:
    """`{"tool_use": {"name"}, "interrupts": [{"name", "reason"}]}` in words."""
    asked = _of(said, "interrupts")
    questions = [_question(one) for one in asked] if isinstance(asked, list) else []
    return f"tool interrupted: {_tool_name(said)}" + (f" asks {', '.join(questions)}" if questions else "")


def _question(interrupt: Any) -> str:
    inside = _of(interrupt, "value") or interrupt  # an Interrupt object is recorded in a typed form
    name, reason = _of(inside, "name"), _of(inside, "reason")
    if not name:
        return _json(interrupt)
    return str(name) + (f" ({_one_line(_json(reason))})" if reason else "")


def _tool_name(said: Any) -> str:
    use = _of(said, "tool_use")
    return str(_of(use, "name") or _of(use, "toolUseId") or "a tool")


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _spent(usage: r.Usage | None, cost: float | None) -> list[str]:
    parts = []
    if usage:
        count = usage.total or usage.input + usage.output
        parts.append(f"{fmt.tokens(count, usage.estimated)} tokens")
    return parts if cost is None else [*parts, fmt.cost(cost)]
