"""Reading in blocks gives the same records as reading one by one, wherever a block ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import records as r
from tracer.journal import reader
from tracer.testing import SessionBuilder


@pytest.mark.parametrize("block", [1, 100, 1000, 5000, 1 << 20])
def test_blocks_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start()
    for size in (0, 10, 2000, 1, 9000, 3):
        build.put(r.Log(text="é\r" * size))
    path = build.end().close().path
    path.write_bytes(path.read_bytes() + b"\xff\r\n\n" + b'{"torn')
    monkeypatch.setattr(reader, "_CHUNK", block)
    one = reader.Reader(path)
    one.poll()
    assert list(reader.Reader(path).records()) == [one.record(seq) for seq in range(len(one))]
    assert list(reader.Reader(path).records(5)) == [one.record(seq) for seq in range(5, len(one))]


def test_a_file_cut_short_while_it_is_read_ends_as_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_CHUNK", 1)
    build = SessionBuilder(tmp_path / "s.jsonl").start().end()
    path = build.close().path
    reading = reader.Reader(path).records()
    next(reading)
    with path.open("r+b") as file:
        file.truncate(10)
    left = list(reading)
    assert len(left) == build.seq - 1
    assert all(isinstance(record, r.Unknown) for record in left)


@pytest.mark.parametrize("block", [1, 100, 1 << 20])
def test_a_slice_takes_in_a_line_however_long_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(reader, "_CHUNK", block)
    build = SessionBuilder(tmp_path / "s.jsonl").start()
    for size in (3000, 1, 9000):
        build.put(r.Log(text="x" * size))
    sliced, slices = reader.Reader(build.end().close().path), 0
    while sliced.poll(limit=1):
        slices += 1
    assert len(sliced) == build.seq and (slices > 3 or block == 1 << 20)
    assert [record.seq for record in sliced.records()] == list(range(build.seq)) and not sliced.torn
