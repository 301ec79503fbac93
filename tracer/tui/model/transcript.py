"""The conversation as lines: what was said, thought, called and answered. Items are records; the last may stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from tracer import records as r
from tracer.text.edited import by_whom, of_what
from tracer.text.format import counted, duration, size
from tracer.text.safe import clean
from tracer.timeline import Block
from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, cut, fit, wrap

CAP = 12_000
CLIP = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an item: the `tag` in the margin, a `head` (a tool's name), its text; `clip` lines show first."""

    tag: str
    tag_style: str
    text: str
    style: str
    clip: int = 0
    head: str = ""
    inline: bool = False


def parts(record: r.Record, told: frozenset[str] | set[str] = frozenset()) -> list[Part]:
    """What a record adds to the transcript; `told` holds the tool use ids whose results stood there already."""
    match record:
        case r.Message():
            return [part for block in record.content for part in _block(block, record, told)]
        case r.ToolEnd():
            return [_result(record)]
        case r.Log():
            style = "error" if record.failed else "dim"
            return [Part(record.source or "log", "faint", record.text, style, CLIP)]
        case r.ForceStop():
            return [Part("forced", "error", f"to stop: {record.reason}", "error", CLIP)]
        case r.InvocationEnd() if record.ending in ("abandoned", "cancelled"):
            why = f": {record.why}" if record.why else ""
            return [Part(record.ending[:8], "warn", f"the run was {record.ending}{why}", "warn", CLIP)]
        case r.InvocationEnd() if record.error:
            return [Part("failed", "error", record.why, "error", CLIP)]
    return _note(record)


def _note(record: r.Record) -> list[Part]:
    match record:
        case r.Stopped():
            why = f" · {record.breakpoint}" if record.breakpoint else f" · {record.reason}" if record.reason else ""
            return [Part("stopped", "stop", f"{record.point} {record.name}{why}", "stop")]
        case r.Resumed():
            who = f" by {record.who}" if record.who else ""
            return [Part("resumed", "dim", f"{record.act}{who}", "dim")]
        case r.Edited():
            change = f"{jsontext.short(record.before)} → {jsontext.short(record.after)}"
            return [Part("edited", "warn", f"{of_what(record)} {by_whom(record)}: {change}", "warn", CLIP)]
        case r.Throttled():
            return [Part("busy", "warn", f"throttled: the next attempt comes after {record.delay:g}s", "dim")]
        case r.Gap():
            missing = f"{counted(record.count, 'record')} missing: " if record.count else ""
            return [Part("gap", "error", missing + record.reason, "error")]
        case r.LoopBlocked():
            if record.over:
                return [Part("freed", "dim", f"the event loop, after {duration(record.lag)}", "dim")]
            where = f" by {record.where.name} at {record.where.file}:{record.where.line}" if record.where else ""
            return [Part("blocked", "warn", f"the event loop{where}", "warn")]
        case r.Unknown() if record.raw.get("kind") == "damaged":
            return [Part("damaged", "error", str(record.raw.get("why", "")), "error", CLIP)]
    return []


def _block(block: Any, record: r.Message, told: frozenset[str] | set[str]) -> Iterator[Part]:
    if not isinstance(block, dict):
        yield Part(record.role, "dim", str(block), "text", CLIP)
    elif "text" in block:
        user = record.role == "user"
        tag = ("asked" if "." in record.inv else "you") if user else "agent"
        yield Part(tag, "user" if user else "model", str(block["text"]), "strong" if user else "text")
    elif "reasoningContent" in block:
        yield Part("thinks", "faint", reasoning(block["reasoningContent"]), "think", CLIP)
    elif "toolUse" in block:
        use = block["toolUse"] if isinstance(block["toolUse"], dict) else {}
        yield _call(str(use.get("name", "")), jsontext.short(use.get("input"), CAP))
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
    text = result_text(record.result)
    if not text and record.error:
        text = record.error.said
    took = f" {duration(record.duration)}" if record.duration else ""
    tag, style = ("failed", "error") if record.failed else ("result", "ok")
    if record.cancelled:
        tag, style = ("refused" if record.refused else "skipped"), "warn"
    return Part(tag, style, text, "error" if record.failed else "text", CLIP, f"{record.name}{took}")


def _call(name: str, value: str) -> Part:
    return Part("call", "tool", value, "dim", CLIP, name, inline=True)


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
            out.append(_call(block.tool, block.text))
        elif block.kind == "reasoning":
            out.append(Part("thinks", "faint", block.text, "think"))
        else:
            out.append(Part("agent", "model", block.text, "text"))
    return out


MARGIN, DEEP = 9, 6


def lay_out(items: list[Part], width: int, whole: bool = False, depth: int = 0) -> list[Line]:
    """The parts as lines of `width` columns: a margin with the tag, the text beside it, clipped unless `whole`.

    `depth`: how many agents stand between these and the reader; each draws a rule beside the text.
    """
    lines: list[Line] = []
    beside = _rules(depth)
    rules: Line = [(beside, "heading")] if depth else []
    for part in items:
        rows = _body(part, max(8, width - MARGIN - 1 - len(beside)), whole)
        tags = [fit(part.tag, MARGIN - 1, right=True)] + [" " * (MARGIN - 1)] * (len(rows) - 1)
        lines += [[(f"{tag} ", part.tag_style), *rules, *row] for tag, row in zip(tags, rows, strict=True)]
    return lines


def opening(name: str, depth: int, width: int) -> list[Line]:
    """The lines above what a sub-agent says: whose it is."""
    rules = " " * MARGIN + _rules(depth - 1)
    return [[], [(rules + "┌ ", "heading"), (cut(name, max(4, width - len(rules) - 3)), "heading")]]


def _rules(depth: int) -> str:
    """A rule for each agent between the reader and who speaks; of more than there is room for, how many."""
    return "│ " * depth if depth <= DEEP else f"⋯{depth} │ "


def _body(part: Part, width: int, whole: bool) -> list[Line]:
    text = part.text[:CAP].strip("\n")
    rows: list[Line] = [[(row, part.style)] for row in wrap(text, width)] if text or not part.head else []
    name = cut(part.head, width)
    if part.head and part.inline:
        line = clean(text)
        if cell_len(line) < width - cell_len(name) - 2:
            return [[(name, "strong"), (f"  {line}", part.style)]]
    if part.head:
        rows.insert(0, [(name, "strong")])
    return _clipped(part, rows, whole)


def _clipped(part: Part, rows: list[Line], whole: bool) -> list[Line]:
    limit = part.clip + bool(part.head)
    hidden = 0 if whole or not part.clip or len(rows) <= limit + 1 else len(rows) - limit
    more = f"… {hidden} more lines  l shows them" if hidden else ""
    if len(part.text) > CAP:
        more = f"… {size(len(part.text) - CAP)} more  Enter shows all"
    shown = rows[: len(rows) - hidden] if hidden else rows
    return [*shown, [(more, "faint")]] if more else shown
