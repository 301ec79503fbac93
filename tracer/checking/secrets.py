"""Secrets that are still in a session: the shapes of keys, and the values that this environment calls secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tracer import records as r
from tracer.checking.lines import Finding
from tracer.journal.reader import Reader
from tracer.recording.redact import Redactor

_PIECES = ("text", "reasoning", "signature", "input")
_SHOWN = 4


def secrets(reader: Reader, redactor: Redactor) -> Iterator[Finding]:
    """Each secret with its place; of the secret itself no more than its beginning. Streamed pieces are put together."""
    said: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for seq, line in reader.lines():
        record = reader.record(seq)
        kind = r.kind_of(record)
        if not line and isinstance(record, r.Unknown):
            yield Finding(seq, "error", kind, f"it was not searched: {record.raw.get('why')}")
        if isinstance(record, r.Delta):
            for name in _PIECES:
                if piece := getattr(record, name):
                    said.setdefault((record.inv, name), (seq, []))[1].append(piece)
        elif isinstance(record, (r.BlockStart, r.BlockStop)):
            yield from _streamed(said, record.inv, redactor)
        if redactor.suspects(line.decode("utf-8", "replace")):
            for path, text in _strings(_json(line), ""):
                yield from (_finding(seq, kind, path, hit) for hit in redactor.found(text))
    for inv in {inv for inv, _ in said}:
        yield from _streamed(said, inv, redactor)


def _streamed(said: dict[tuple[str, str], tuple[int, list[str]]], inv: str, redactor: Redactor) -> Iterator[Finding]:
    for key in [key for key in said if key[0] == inv]:
        seq, pieces = said.pop(key)
        whole = {hit for piece in pieces for hit in redactor.found(piece)}
        hits = (hit for hit in redactor.found("".join(pieces)) if hit not in whole)
        yield from (_finding(seq, "delta", f"{key[1]} and the pieces after it", hit) for hit in hits)


def _finding(seq: int, kind: str, path: str, secret: str) -> Finding:
    return Finding(
        seq, "error", kind, f"{path} holds what looks like a secret: {secret[:_SHOWN]}… ({len(secret)} characters)"
    )


def _json(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return line.decode("utf-8", "replace")


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """All strings of a JSON value, keys too, each with its dotted path."""
    stack = [(path, value)]
    while stack:
        at, inner = stack.pop()
        if isinstance(inner, str):
            yield at or "the line", inner
        elif isinstance(inner, dict):
            stack += [(f"{at}.{key}" if at else key, item) for key, item in inner.items()]
            stack += [(f"a key of {at or 'the record'}", key) for key in inner]
        elif isinstance(inner, list):
            stack += [(f"{at}.{number}", item) for number, item in enumerate(inner)]
