"""What recording costs: one append against `os.write` of the same bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ab import Row, Work, compare
from tracer import records as r
from tracer.journal.writer import Writer
from tracer.recording.redact import Redactor

BYTES = 400_000


def appends(folder: Path, text: str) -> tuple[Work, Work, Work]:
    """`os.write` of a ready line; encode and write; the writer with its lock, and redaction before it."""
    rounds = BYTES // (80 + len(text))
    writer, redact = Writer(folder / f"{len(text)}.jsonl", print), Redactor({}).text
    line = r.encode(r.Delta(seq=1000, t=1_000_000_000, inv="0", cycle=1, text=text)) + b"\n"
    fd = os.open(folder / f"{len(text)}.raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def bare() -> None:
        for _ in range(rounds):
            os.write(fd, line)

    def encoded() -> None:
        for seq in range(rounds):
            os.write(fd, r.encode(r.Delta(seq=seq, t=1_000_000_000, inv="0", cycle=1, text=text)) + b"\n")

    def whole() -> None:
        for _ in range(rounds):
            writer.append(r.Delta(inv="0", cycle=1, text=redact(text)))

    return bare, encoded, whole


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size, text, budgets in (("small", "hello ", (2.0, 3.0)), ("4 KB", "word and word " * 290, (1.7, 3.0))):
            bare, encoded, whole = appends(folder, text)
            yield Row.of(f"append {size}: encode and write / os.write", compare(bare, encoded, 20), budgets[0])
            yield Row.of(f"append {size}: redact, lock and write / os.write", compare(bare, whole, 20), budgets[1])
