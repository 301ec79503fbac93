"""The conversation as lines: what was said, thought, called and answered. Items are records; the last one may still stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracer import records as r
from tracer.text.format import duration, size
from tracer.timeline import Block
from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, cut, wrap

CAP = 12_000
CLIP = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an item: the `tag` in the margin, its text, and the names of their styles; `clip` lines show at first."""

    tag: str
    tag_style: str
    text: str
    style: str
    clip: int = 0


def parts(record: r.Record, told: frozenset[str] | set[str] = frozenset()) -> list[Part]:
    """What a record adds to the transcript; `told` holds the tool use ids whose results stood there already."""
    match record:
        case r.Message():
            return [part for block in record.content for part in _block(block, record, told)]
        case r.ToolEnd():
            return [_result(record)]
        case r.Log():
            style = "error" if record.level.lower() in ("error", "critical") else "dim"
            return [Part(record.source or "log", "faint", record.text, style, CLIP)]
        case r.ForceStop():
            return [Part("forced to stop", "error", record.reason, "error", CLIP)]
        case r.InvocationEnd() if record.error:
            return [Part("failed", "error", f"{record.error.type}: {record.error.message}", "error", CLIP)]
    return _note(record)


def _note(record: r.Record) -> list[Part]:
    match record:
        case r.Stopped():
            why = f" · {record.breakpoint}" if record.breakpoint else ""
            return [Part("stopped", "stop", f"{record.point} {record.name}{why}", "stop")]
        case r.Resumed():
            who = f" by {record.who}" if record.who else ""
            return [Part("resumed", "dim", f"{record.act}{who}", "dim")]
        case r.Edited():
            change = f"{jsontext.short(record.before)} → {jsontext.short(record.after)}"
            return [Part("edited", "warn", f"{record.what} {change}", "warn", CLIP)]
        case r.Throttled():
            return [Part("throttled", "warn", f"the next attempt comes after {record.delay:g}s", "dim")]
        case r.Gap():
            return [Part("gap", "error", f"{record.count} records are missing: {record.reason}", "error")]
        case r.LoopBlocked():
            where = f" at {record.where.file}:{record.where.line}" if record.where else ""
            return [Part("loop blocked", "warn", f"{duration(record.lag)}{where}", "warn")]
        case r.Unknown() if record.raw.get("kind") == "damaged":
            return [Part("damaged", "error", str(record.raw.get("why", "")), "error", CLIP)]
    return []


def _block(block: Any, record: r.Message, told: frozenset[str] | set[str]) -> Iterator[Part]:
    if not isinstance(block, dict):
        yield Part(record.role, "dim", str(block), "text", CLIP)
    elif "text" in block:
        user = record.role == "user"
        yield Part(
            "you" if user else "agent", "user" if user else "model", str(block["text"]), "strong" if user else "text"
        )
    elif "reasoningContent" in block:
        yield Part("thinks", "faint", reasoning(block["reasoningContent"]), "think", CLIP)
    elif "toolUse" in block:
        use = block["toolUse"] if isinstance(block["toolUse"], dict) else {}
        yield Part(f"calls {use.get('name', '')}", "tool", jsontext.short(use.get("input")), "text", CLIP)
    elif "toolResult" in block:
        answer = block["toolResult"] if isinstance(block["toolResult"], dict) else {}
        if answer.get("toolUseId") not in told:
            yield Part("result", "ok", result_text(answer), "text", CLIP)
    else:
        yield Part(record.role, "dim", jsontext.short(block), "dim", CLIP)


def reasoning(content: Any) -> str:
    """The text of a reasoningContent block; a note where it is redacted."""
    inner = content.get("reasoningText") if isinstance(content, dict) else None
    text = inner.get("text") if isinstance(inner, dict) else None
    return str(text) if text is not None else "(redacted)"


def _result(record: r.ToolEnd) -> Part:
    bad = record.status == "error" or record.error is not None
    text = result_text(record.result)
    if not text and record.error:
        text = f"{record.error.type}: {record.error.message}"
    took = f" {duration(record.duration)}" if record.duration else ""
    return Part(f"{record.name}{took}", "error" if bad else "ok", text, "error" if bad else "text", CLIP)


def result_text(result: Any) -> str:
    """The texts of a tool result's content, other content as JSON in one line."""
    content = result.get("content") if isinstance(result, dict) else result
    if not isinstance(content, list):
        return "" if content is None else jsontext.short(content, CAP)
    return "\n".join(
        str(item["text"]) if isinstance(item, dict) and "text" in item else jsontext.short(item, CAP)
        for item in content
    )


def streaming(blocks: list[Block]) -> list[Part]:
    """The answer that streams now."""
    out = []
    for block in blocks:
        if block.kind == "input":
            out.append(Part(f"calls {block.tool}", "tool", block.text, "dim"))
        elif block.kind == "reasoning":
            out.append(Part("thinks", "faint", block.text, "think"))
        else:
            out.append(Part("agent", "model", block.text, "text"))
    return out


MARGIN = 14


def lay_out(items: list[Part], width: int, whole: bool = False) -> list[Line]:
    """The parts as lines of `width` columns: a margin with the tag, the text beside it, clipped unless `whole`."""
    lines: list[Line] = []
    margin = MARGIN if width >= 48 else 2
    for part in items:
        lines += _lay_out_part(part, width, margin, whole)
    return lines


def _lay_out_part(part: Part, width: int, margin: int, whole: bool) -> list[Line]:
    body = part.text[:CAP] if part.text.strip() else "—"
    rows: list[Line] = [[(text, part.style)] for text in wrap(body.strip("\n"), width - margin - 1)]
    hidden = 0 if whole or not part.clip or len(rows) <= part.clip + 1 else len(rows) - part.clip
    if hidden:
        rows = rows[: part.clip]
    more = f"… {hidden} more lines (l)" if hidden else ""
    if len(part.text) > CAP:
        more = f"… {size(len(part.text) - CAP)} more (Enter)"
    if more:
        rows.append([(more, "faint")])
    if margin <= 2:
        return [[(part.tag, part.tag_style)], *([("  ", ""), *row] for row in rows)]
    tag = cut(part.tag, margin - 1)
    heads = [tag.rjust(margin - 1) if len(tag) == len(part.tag) else tag] + [""] * (len(rows) - 1)
    if len(part.tag) >= margin:  # a long tag has a line of its own
        return [[(cut(part.tag, width), part.tag_style)], *([(" " * margin, ""), *row] for row in rows)]
    return [[(f"{head:>{margin - 1}} ", part.tag_style), *row] for head, row in zip(heads, rows, strict=True)]
