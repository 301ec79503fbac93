"""What the inspector says of a span or a record: headings, facts, JSON and text, cut to a size that stays quick."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from tracer import records as r
from tracer.journal.reader import Reader
from tracer.spans import input_of
from tracer.text import format as units
from tracer.text.edited import by_whom, of_what
from tracer.text.safe import clean
from tracer.timeline import Span
from tracer.tui.model import broken, jsontext, transcript
from tracer.tui.model.lines import Line, fold, wrap

LIMIT = 4_000
_LABEL = 11
_BEHIND = 500  # records between the end of a model call and its message


def heading(text: str, note: str = "", style: str = "faint") -> list[Line]:
    """A blank line and a section's title."""
    return [[], [(text, "heading"), (f"  {note}" if note else "", style)]]


def facts(pairs: list[tuple[str, str, str]], width: int) -> Iterator[Line]:
    """Label, value, style: one line a fact, continued below its value; facts without a value are left out."""
    for name, value, style in pairs:
        if value:
            yield from fold([(f"{name:<{_LABEL}} ", "dim"), (clean(value), style or "text")], width, _LABEL + 1)


def json_lines(value: Any, width: int) -> Iterator[Line]:
    """A value as coloured JSON, every string in it cut to a size that stays readable."""
    text = jsontext.pretty(shorten(value))
    for line in jsontext.coloured(text[: LIMIT * 4]):
        text_of = line[0][0] if line else ""
        indent = len(text_of) - len(text_of.lstrip(" "))
        yield from fold(line, width, min(indent + 2, max(0, width // 2)))


def shorten(value: Any, room: int = LIMIT) -> Any:
    """The value with long strings and lists cut, and what is missing said in their place."""
    if isinstance(value, str) and len(value) > room:
        return f"{value[:room]}… (+{units.size(len(value) - room)}, Enter shows all)"
    if isinstance(value, dict):
        return {key: shorten(item, room // 2) for key, item in list(value.items())[:200]}
    if isinstance(value, list):
        short = [shorten(item, room // 2) for item in value[:100]]
        return [*short, f"… {len(value) - 100} more"] if len(value) > 100 else short
    return value


def text_lines(text: str, width: int, style: str = "text") -> Iterator[Line]:
    """A text, wrapped and cut."""
    for line in wrap(text[:LIMIT], width):
        yield [(line, style)]
    if len(text) > LIMIT:
        yield [(f"… {units.size(len(text) - LIMIT)} more (Enter)", "faint")]


def of_span(span: Span, reader: Reader, now: int, width: int, waiting: bool = False) -> list[Line]:
    """The inspector's lines for a span; `now` (ns) ends the duration of one that runs, if it is not `waiting` to."""
    lines: list[Line] = [[(span.name, "strong"), (f"  {span.kind}", "dim")]]
    first = reader.record(span.first)
    last = reader.record(span.last) if 0 <= span.last < len(reader) and span.last != span.first else None
    lines += facts(_outline(span, last, "" if waiting else units.duration(span.duration(now))), width)
    lines += facts([("edited", edit, "warn") for edit in _edits(span, reader)], width)
    if span.status == "incomplete" and span.last < 0:
        lines += [[], *text_lines(f"{broken.LOST[:1].upper()}{broken.LOST[1:]}.", width, "error"), []]
    match first:
        case r.ToolStart():
            lines += _tool(first, last, input_of(reader.record(span.input_seq)), width)
        case r.ModelStart():
            lines += _model(span, reader, width)
        case r.InvocationStart():
            lines += _invocation(first, last, width)
    if span.reason and not (isinstance(last, (r.ToolEnd, r.InvocationEnd, r.ModelEnd)) and last.error):
        lines += [*heading("reason"), *text_lines(span.reason, width, "error")]
    return lines


def _edits(span: Span, reader: Reader) -> Iterator[str]:
    """What was edited in it and by whom."""
    for seq in span.edits:
        record = reader.record(seq)
        if isinstance(record, r.Edited):
            yield f"{of_what(record)} {by_whom(record)}  #{seq}"


def _outline(span: Span, last: r.Record | None, took: str) -> list[tuple[str, str, str]]:
    """The facts that every span has, and how it ended, said once."""
    state = "stopped" if span.held else span.status
    style = {"ok": "ok", "running": "accent", "stopped": "stop"}.get(state, "error")
    ending = last.ending if isinstance(last, r.InvocationEnd) else ""
    usage = span.usage
    return [
        ("status", state, style),
        ("duration", took, ""),
        ("paused", units.duration(span.paused) if span.paused else "", "warn"),
        ("started", f"+{units.clock(span.start).strip()}  #{span.first}", ""),
        ("tokens", f"{usage.input} in · {usage.output} out" if usage else "", ""),
        ("cost", units.cost(span.cost) if span.cost is not None else "", ""),
        ("first chunk", units.duration(span.ttfc) if span.ttfc is not None else "", ""),
        ("ending", ending if ending != state else "", ""),
        ("stop reason", span.stop_reason if span.stop_reason != ending else "", ""),
    ]


def _tool(start: r.ToolStart, end: r.Record | None, now: Any, width: int) -> Iterator[Line]:
    """`now`: the input as it stands, edited or not."""
    if start.where:
        yield from facts([("where", f"{start.where.file}:{start.where.line}", "")], width)
    edited = now is not None and now != start.input
    yield from heading("input", "as proposed" if edited else "")
    yield from json_lines(start.input, width)
    if edited:
        yield from heading("input", "as executed" if isinstance(end, r.ToolEnd) else "as edited", "warn")
        yield from json_lines(now, width)
    if not isinstance(end, r.ToolEnd):
        return
    if end.error:
        yield from _failure(end.error, width)
    yield from heading("result", end.status if end.status != "success" else "")
    yield from _content(end.result, width)
    for swallowed in end.swallowed:
        yield from heading("swallowed", style="warn")
        yield from json_lines(swallowed, width)


def _content(result: Any, width: int) -> Iterator[Line]:
    """A tool result: text that is JSON as JSON, other text as it is."""
    blocks = result.get("content") if isinstance(result, dict) else None
    if not isinstance(blocks, list):
        yield from json_lines(result, width)
        return
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) else None
        if isinstance(text, str) and not _is_json(text):
            yield from text_lines(text, width)
        else:
            yield from json_lines(json.loads(text) if isinstance(text, str) else block, width)


def _is_json(text: str) -> bool:
    if len(text) > 100_000 or text[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _model(span: Span, reader: Reader, width: int) -> Iterator[Line]:
    start, said = reader.record(span.first), answer(span, reader)
    end = reader.record(span.last) if 0 <= span.last < len(reader) else None
    if not isinstance(start, r.ModelStart):
        return
    attempt = str(start.attempt + 1) if start.attempt else ""
    yield from facts([("sent", units.counted(start.sent, "message"), ""), ("attempt", attempt, "warn")], width)
    if start.params:
        yield from [*heading("parameters"), *json_lines(start.params, width)]
    cut = said is None and broken.ended_early(span, reader)
    late = said is None and span.end is not None  # its message is not there, or far behind
    for part in broken.partial(span, reader) if late else transcript.parts(said) if said else ():
        note = f"{part.head}  cut off".strip() if cut else part.head
        yield from [*heading(part.tag, note, "error" if cut else "faint"), *text_lines(part.text, width, part.style)]
    if isinstance(end, r.ModelEnd) and end.error:
        yield from _failure(end.error, width)


def answer(span: Span, reader: Reader) -> r.Message | None:
    """The message that a model call ended with, if it is not far behind: agents beside it may speak in between."""
    for seq in range(span.last + 1, min(span.last + _BEHIND, len(reader))) if span.last >= 0 else ():
        record = reader.record(seq)
        if record.inv != span.inv:
            continue
        if isinstance(record, r.Message) and record.origin == "model":
            return record
        if isinstance(record, (r.ModelStart, r.CycleEnd, r.InvocationEnd)):
            return None
    return None


def _invocation(start: r.InvocationStart, end: r.Record | None, width: int) -> Iterator[Line]:
    yield from heading("prompt")
    if isinstance(start.prompt, str):
        yield from text_lines(start.prompt, width)
    else:
        yield from json_lines(start.prompt, width)
    if start.labels:
        yield from [*heading("labels"), *json_lines(start.labels, width)]
    if isinstance(end, r.InvocationEnd) and end.error:
        yield from _failure(end.error, width)


def _failure(failure: r.Failure, width: int) -> Iterator[Line]:
    yield from heading("exception")
    yield from text_lines(failure.said, width, "error")
    lines = failure.traceback.rstrip().split("\n")
    if lines[-1].endswith(failure.message):  # what stands above already
        lines.pop()
    if lines:
        yield from text_lines("\n".join(lines), width, "dim")


def of_record(record: r.Record, raw_size: int, width: int) -> list[Line]:
    """The inspector's lines for a record: its place, what it says as text where it is a message, and its JSON."""
    kind = r.kind_of(record)
    place = f"#{record.seq}  +{units.clock(max(0, record.t)).strip()}"
    lines: list[Line] = [[(kind, "strong"), (f"  {place}", "dim")]]
    lines += facts(
        [("cycle", str(record.cycle or ""), ""), ("size", units.size(raw_size) if raw_size > 2000 else "", "")], width
    )
    if isinstance(record, r.Message):
        lines += facts([("role", record.role, ""), ("origin", record.origin, "")], width)
        for part in transcript.parts(record):
            lines += [*heading(part.tag, part.head), *text_lines(part.text, width, part.style)]
        lines += heading("record")
    else:
        lines.append([])
    lines += json_lines(whole(record), width)
    return lines


def whole(record: r.Record) -> Any:
    """The record as plain JSON values, as its line says it."""
    if isinstance(record, r.Unknown):
        return record.raw
    return msgspec.json.decode(r.encode(record))
