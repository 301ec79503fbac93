"""The deltas of one content block: their text, which a later record may complete, and the dicts they stand for."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r

Dict = dict[str, Any]


@dataclass
class Delta:
    """A delta as the consumer saw it: `kind` is the record's field, `so_far` the tool input up to and with it."""

    seq: int
    kind: str
    text: str
    raw: Dict | None
    use: Dict
    so_far: str = ""
    named: Dict = field(default_factory=dict)
    twinned: bool = True
    final: bool = False

    def dicts(self) -> list[Dict]:
        """The raw chunk, then its cooked twin."""
        body, twin = self._cooked()
        whole = live((self.raw or {}).get("contentBlockDelta", {}))
        if self.named:
            whole = {**whole, "delta": {"toolUse": {**self.named, **body["toolUse"]}}}
        raw = {"event": {"contentBlockDelta": {"delta": body, **whole}}}
        return [raw, twin] if self.twinned else [raw]

    def _cooked(self) -> tuple[Dict, Dict]:
        text = self.text
        if self.kind == "text":
            body: Dict = {"text": text}
            return body, {"data": text, "delta": body}
        if self.kind == "input":
            body = {"toolUse": {"input": text}}
            use = {**self.use, "input": self.so_far}
            return body, {"type": "tool_use_stream", "delta": body, "current_tool_use": use}
        if self.kind == "signature":
            body = {"reasoningContent": {"signature": text}}
            return body, {"reasoning_signature": text, "delta": body, "reasoning": True}
        body = {"reasoningContent": {"text": text}}
        return body, {"reasoningText": text, "delta": body, "reasoning": True}


class Block:
    """Deltas in order; those at the end may still get what the recorder held back in case it began a secret."""

    def __init__(self, tool: str = "", tool_use_id: str = "") -> None:
        self._use = {"toolUseId": tool_use_id, "name": tool}
        self._input = ""
        self._open: list[Delta] = []

    def add(self, record: r.Delta) -> Delta | None:
        """The delta that a record brings, None for a tail; the deltas that its lead does not reach become final."""
        kind = next((k for k in ("text", "reasoning", "signature", "input") if getattr(record, k) is not None), "text")
        text, reached = getattr(record, kind) or "", len(record.lead)
        self._settle(len(self._open) - max(reached, 1 if record.tail else 0))
        for delta, size in zip(self._open, record.lead, strict=False):
            delta.text, text = delta.text + text[:size], text[size:]
        if record.tail:
            if self._open:
                self._open[-1].text += text  # a secret took the place of what waited
            self._settle(len(self._open) - 1)  # the last may yet be told to have no twin
            return None
        named = live((record.raw or {}).get("named", {}))
        if named:
            told = {key: str(named[key]) for key in self._use if key in named}
            self._use = {**self._use, **told, **{key: value for key, value in self._use.items() if value}}
        delta = Delta(record.seq, kind, text, record.raw, self._use, named=named)
        self._open.append(delta)
        return delta

    def untwin(self, seq: int) -> None:
        """The delta's cooked twin was not seen."""
        for delta in self._open:
            if delta.seq == seq:
                delta.twinned = False

    def settle(self) -> None:
        """Nothing more comes for these deltas."""
        self._settle(len(self._open))

    def _settle(self, count: int) -> None:
        for delta in self._open[: max(0, count)]:
            if delta.kind == "input":
                self._input += delta.text
                delta.so_far = self._input
            delta.final = True
        del self._open[: max(0, count)]


def live(value: Any) -> Any:
    """The typed JSON form of bytes and large numbers as Python values again, what looked like it as it was, and
    everything else as it is."""
    if isinstance(value, list):
        return [live(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "$dict" and isinstance(inner, dict):
            return {key: live(item) for key, item in inner.items()}
        if (typed := _TYPED.get(key)) is not None:
            with contextlib.suppress(ValueError, TypeError):  # older files hold data that looks so as it was
                return typed(inner)
    return {key: live(inner) for key, inner in value.items()}


_TYPED: dict[str, Callable[[str], Any]] = {
    "$bytes": lambda said: base64.b64decode(said, validate=True),
    "$int": lambda said: int(said, 0),
    "$float": float,
}
