"""What recording costs: one append against `os.write` of the same bytes, and reading a long session back."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.ab import Row, Sample, Work, compare
from tracer import records as r
from tracer.journal.reader import Reader
from tracer.journal.writer import Writer
from tracer.recording.redact import Redactor
from tracer.testing import build_session

BYTES = 400_000
COPIES = 400


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


def long_session(folder: Path) -> Path:
    """One session's lines many times over: a realistic mix, about 60 MB."""
    lines = build_session(folder / "one.jsonl", " ".join(["tools3 think tool say"] * 20)).path.read_bytes()
    head, _, rest = lines.partition(b"\n")
    path = folder / "long.jsonl"
    path.write_bytes(head + b"\n" + rest * COPIES)
    return path


def whole_process(work: Work) -> Sample:
    """As in_process, but a child's time counts too."""
    cpu, wall = os.times(), time.perf_counter_ns()
    work()
    after = os.times()
    used = sum(after[:4]) - sum(cpu[:4])
    return Sample(max(1, int(used * 1e9)), max(1, time.perf_counter_ns() - wall))


def reading(path: Path) -> Iterator[Row]:
    def count() -> None:
        for _ in range(5):
            subprocess.run(["wc", "-l", str(path)], stdout=subprocess.DEVNULL, check=True)

    def index() -> None:
        for _ in range(5):
            Reader(path).poll(1 << 40)

    reader = Reader(path)
    reader.poll(1 << 40)
    lines = path.read_bytes().splitlines()[: len(reader) // 10]
    yield Row.of("index a session / wc -l (whole process)", compare(count, index, 6, whole_process), 6)

    def generic() -> None:
        for line in lines:
            msgspec.json.decode(line)

    def typed() -> None:
        for line in lines:
            r.decode(line)

    yield Row.of("typed decode / untyped decode of each line", compare(generic, typed, 10), 1.5)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size, text, budgets in (("small", "hello ", (2.0, 3.0)), ("4 KB", "word and word " * 290, (1.7, 3.0))):
            bare, encoded, whole = appends(folder, text)
            yield Row.of(f"append {size}: encode and write / os.write", compare(bare, encoded, 20), budgets[0])
            yield Row.of(f"append {size}: redact, lock and write / os.write", compare(bare, whole, 20), budgets[1])
        yield from reading(long_session(folder))
