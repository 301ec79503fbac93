"""Prompts, messages, tool arguments and results as attributes: the one place where content enters a span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.otel import parts
from tracer.otel.attributes import finish_reason
from tracer.otel.clip import clipped
from tracer.otel.data import Attributes
from tracer.timeline import Span


@dataclass(slots=True)
class _Block:
    tool: str = ""
    tool_use_id: str = ""
    kind: str = "text"
    pieces: list[str] = field(default_factory=list)

    def part(self) -> parts.Part:
        text = "".join(self.pieces)
        if self.kind == "input" or self.tool:
            call = {"type": "tool_call", "id": self.tool_use_id or None, "name": self.tool}
            return {**call, "arguments": parts.arguments(text) if text else {}}
        return {"type": self.kind, "content": text}


class Contents:
    """Keeps what the model streams until its call ends, and where the messages are. `read` fetches a record by seq."""

    def __init__(self, read: Callable[[int], r.Record]) -> None:
        self._read = read
        self._calls: dict[str, int] = {}
        self._blocks: dict[int, list[_Block]] = {}
        self._sent: dict[tuple[str, int], str] = {}
        self._fresh: dict[int, list[int]] = {}
        self._systems: dict[str, int] = {}
        self._instructed: dict[str, str] = {}
        self._system: dict[int, int] = {}
        self._agents: dict[str, str] = {}
        self._prompts: dict[str, int] = {}
        self._answers: dict[str, int] = {}

    def note(self, record: r.Record) -> None:
        """Take the next record of the session."""
        step = _STEPS.get(type(record))
        if step is not None:
            step(self, record)

    def _content(self, record: r.Content) -> None:
        if record.what == "system":
            self._systems[record.hash] = record.seq

    def _invocation_start(self, record: r.InvocationStart) -> None:
        self._agents[record.inv] = f"{record.inv.count('.')}/{record.agent_id}/{record.agent}"

    def _model_start(self, record: r.ModelStart) -> None:
        """Of its messages those that no earlier cycle of this agent sent; the system prompt once an invocation."""
        agent, here = self._agents.get(record.inv, ""), f"{record.inv}/{record.cycle}"
        sent = self._sent
        self._fresh[record.seq] = [s for s in record.messages if sent.setdefault((agent, s), here) == here]
        if record.system in self._systems and self._instructed.get(record.inv) != record.system:
            self._instructed[record.inv] = record.system
            self._system[record.seq] = self._systems[record.system]
        self._calls[record.inv] = record.seq

    def _block_start(self, record: r.BlockStart) -> None:
        self._streaming(record.inv).append(_Block(record.tool, record.tool_use_id))

    def _delta(self, record: r.Delta) -> None:
        blocks = self._streaming(record.inv)
        if not blocks:
            blocks.append(_Block())
        for kind, piece in (("text", record.text), ("reasoning", record.reasoning), ("input", record.input)):
            if piece is not None:
                blocks[-1].kind = kind
                blocks[-1].pieces.append(piece)

    def _streaming(self, inv: str) -> list[_Block]:
        return self._blocks.setdefault(self._calls.get(inv, -1), [])

    def _message(self, record: r.Message) -> None:
        if record.origin == "prompt":
            self._prompts[record.inv] = record.seq
        elif record.origin == "model":
            self._answers[record.inv] = record.seq

    def add(self, found: Attributes, span: Span, start: r.Record | None, end: r.Record | None) -> None:
        """Add the content of a span that has ended, with the records that began and ended it."""
        if span.kind == "model":
            self._chat(found, span)
        elif span.kind == "tool":
            self._tool(found, start, end)
        elif span.kind == "invocation":
            self._invocation(found, span)

    def _chat(self, found: Attributes, span: Span) -> None:
        if fresh := self._fresh.pop(span.first, []):
            _put(found, "gen_ai.input.messages", self._messages(fresh))
        said = [block.part() for block in self._blocks.pop(span.first, [])]
        if said:
            reason = finish_reason(span.stop_reason) or "error"
            answer = {"role": "assistant", "parts": said, "finish_reason": reason}
            _put(found, "gen_ai.output.messages", [answer])
        system = self._system.pop(span.first, None)
        record = self._read(system) if system is not None else None
        if isinstance(record, r.Content):
            _put(found, "gen_ai.system_instructions", _instructions(record.value))

    def _tool(self, found: Attributes, start: r.Record | None, end: r.Record | None) -> None:
        if isinstance(end, r.ToolEnd):
            _put(found, "gen_ai.tool.call.arguments", end.input)
            _put(found, "gen_ai.tool.call.result", parts.response(end.result))
        elif isinstance(start, r.ToolStart):
            _put(found, "gen_ai.tool.call.arguments", start.input)

    def _invocation(self, found: Attributes, span: Span) -> None:
        prompt, answer = self._prompts.pop(span.inv, None), self._answers.pop(span.inv, None)
        if prompt is not None:
            _put(found, "gen_ai.input.messages", self._messages([prompt]))
        if answer is not None and span.status == "ok":
            reason = finish_reason(span.stop_reason) or "stop"
            said = [{**message, "finish_reason": reason} for message in self._messages([answer])]
            _put(found, "gen_ai.output.messages", said)

    def _messages(self, seqs: list[int]) -> list[Any]:
        found = []
        for seq in seqs:
            try:
                record = self._read(seq)
            except IndexError:  # a damaged file may refer to what is not there
                continue
            if isinstance(record, r.Message):
                found.append(parts.message(record.role, record.content))
        return found


def _instructions(value: Any) -> list[parts.Part]:
    blocks = value if isinstance(value, list) else [{"text": value if isinstance(value, str) else str(value)}]
    return [parts.part(block) for block in blocks]


def _put(found: Attributes, key: str, value: Any) -> None:
    text, cut = clipped(value)
    found[key] = text
    if cut:
        before = found.get("tracer.content.truncated_bytes", 0)
        found["tracer.content.truncated_bytes"] = cut + (before if isinstance(before, int) else 0)


_STEPS: dict[type[r.Record], Callable[[Contents, Any], None]] = {
    r.Content: Contents._content,
    r.InvocationStart: Contents._invocation_start,
    r.ModelStart: Contents._model_start,
    r.BlockStart: Contents._block_start,
    r.Delta: Contents._delta,
    r.Message: Contents._message,
}
