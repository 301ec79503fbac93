"""Signal handlers and finalizers that write in the middle of a record: each line has its own number."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journal.interruption import interrupted
from tracer import records as r
from tracer.journal import writer as module
from tracer.journal.writer import Writer

ADD: list[Callable[[Writer, str], int]] = [
    lambda writer, text: writer.text("0", 1, text),
    lambda writer, text: writer.append(r.Delta(inv="0", cycle=1, text=text)),
]
WAYS = pytest.mark.parametrize("add", ADD, ids=["text", "append"])
DURABLE = pytest.mark.parametrize("durable", [False, True])


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, told: list[str]) -> Iterator[Callable[..., Writer]]:
    made: list[Writer] = []

    def begun(durable: bool = False) -> Writer:
        writer = Writer(tmp_path / f"{len(made)}.jsonl", told.append, durable=durable)
        made.append(writer)
        writer.append(r.Session(id="s"))
        writer._trusted = sys.maxsize  # as right after a look at the file
        return writer

    yield begun
    for writer in made:
        writer.close()


def texts(writer: Writer) -> list[str | None]:
    found = [r.decode(line) for line in writer.path.read_bytes().splitlines()]
    assert [record.seq for record in found] == list(range(len(found)))
    return [record.text for record in found if isinstance(record, r.Delta)]


@WAYS
def test_by_an_exception_at_any_point(add: Callable[[Writer, str], int], make: Callable[..., Writer]) -> None:
    for stop in range(1, 40):
        writer = make()
        with interrupted(stop, module):
            add(writer, "f")
        add(writer, "g")
        assert texts(writer) in (["g"], ["f", "g"]), stop


@WAYS
@DURABLE
def test_by_signals_as_they_come(
    add: Callable[[Writer, str], int], durable: bool, make: Callable[..., Writer], told: list[str]
) -> None:
    writer, inside, count = make(durable), False, 0

    def handle(*args: object) -> None:
        nonlocal inside, count
        if not inside:
            inside, count = True, count + 1
            ADD[count % 2](writer, "g")
            inside = False

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
    try:
        for _ in range(60 if durable else 4000):
            add(writer, "f")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(texts(writer)) == count + (60 if durable else 4000)
    assert told == []


@WAYS
def test_by_the_end(
    add: Callable[[Writer, str], int],
    make: Callable[..., Writer],
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = make()

    def encode(record: r.Record) -> bytes:
        monkeypatch.undo()
        writer.close()
        return r.encode(record)

    monkeypatch.setattr(module, "_encode", encode)
    assert add(writer, "f") == -1
    assert texts(writer) == [] and told == []


def test_what_is_written_between_a_look_and_what_comes_of_it(
    make: Callable[..., Writer], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, state_of = make(), module.state_of  # type: ignore[attr-defined]

    def look(*args: Any) -> os.stat_result | None:
        found = state_of(*args)
        monkeypatch.setattr(module, "state_of", state_of)
        writer.append(r.Log(text="g"))
        return found

    monkeypatch.setattr(module, "state_of", look)
    writer.append(r.Log(text="f"))
    assert texts(writer) == [] and told == []
