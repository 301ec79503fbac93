"""A session in numbered parts reads as one, also while it is followed; a file that is cut short ends its follower."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.journal import paths, process, reader
from tracer.journal.reader import Reader
from tracer.testing import SessionBuilder, build_session
from tracer.text.listing import follow_session

WRITER = """
import os, sys, time
from pathlib import Path
from tracer import records as r
from tracer.journal.paths import part_path
from tracer.journal.process import start_time
path, count, size = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
part, fd, left = 1, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), size
os.write(fd, r.encode(r.Session(id="x", seq=0, t=0, pid=os.getpid(), pid_start=start_time(os.getpid()))) + b"\\n")
print("up", flush=True)
for seq in range(1, count):
    line = r.encode(r.Log(seq=seq, t=seq, text="é" * (seq % 90))) + b"\\n"
    if left < len(line):
        part, left = part + 1, size
        os.close(fd)
        fd = os.open(part_path(path, part), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    cut = seq % len(line) if seq % 50 == 0 else len(line)
    os.write(fd, line[:cut]), os.write(fd, line[cut:])
    left -= len(line)
    if seq % 100 == 0:
        time.sleep(0.01)
if sys.argv[4] == "end":
    os.write(fd, r.encode(r.SessionEnd(seq=count, t=count)) + b"\\n")
else:
    os.write(fd, line[:9])
    os.kill(os.getpid(), 9)
"""


def divided(path: Path, data: bytes, places: list[int]) -> None:
    """The bytes in parts that end at these places."""
    edges = [0, *sorted(places), len(data)]
    for number, (start, stop) in enumerate(itertools.pairwise(edges), 1):
        paths.part_path(path, number).write_bytes(data[start:stop])


@given(picks=st.lists(st.integers(1, 60), max_size=5, unique=True), block=st.integers(1, 3000))
def test_parts_read_as_one_session(tmp_path_factory: pytest.TempPathFactory, picks: list[int], block: int) -> None:
    folder = tmp_path_factory.mktemp("parts")
    whole = build_session(folder / "whole.jsonl", "tools3 think say").path
    lines = whole.read_bytes().splitlines(keepends=True)
    parted = folder / "parted.jsonl"
    divided(parted, whole.read_bytes(), [sum(map(len, lines[:pick])) for pick in picks if pick < len(lines)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_CHUNK", block)
        one, other = Reader(whole), Reader(parted)
        assert list(one.records()) == list(other.records())
        assert [one.raw(seq) for seq in range(len(one))] == [other.raw(seq) for seq in range(len(other))]
        assert list(one.find(b"forty")) == list(other.find(b"forty")) != []
        assert other.state() == "ended"


def test_only_the_first_part_is_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    path = build_session(paths.session_path("abc"), "tool say").path
    divided(path, path.read_bytes(), [500, 900])
    assert paths.list_sessions() == [path] and paths.resolve("a") == path
    assert [part.name for part in paths.parts_of(path)] == ["abc.jsonl", "abc.jsonl.2", "abc.jsonl.3"]


@pytest.mark.parametrize(("end", "state"), [("end", "ended"), ("kill", "crashed")])
def test_a_follower_loses_doubles_and_tears_nothing_at_ten_thousand_a_second(
    tmp_path: Path, end: str, state: str
) -> None:
    path, count = tmp_path / "s.jsonl", 10_000
    argv = [sys.executable, "-c", WRITER, str(path), str(count), "100000", end]
    writer = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert writer.stdout and writer.stdout.readline() == b"up\n"
    reaper = threading.Thread(target=writer.wait)
    reaper.start()
    following = Reader(path)
    seen = [record for record in following.follow(interval=0.002) if record is not None]
    reaper.join()
    writer.stdout.close()
    said = [r.decode(following.raw(seq)).seq for seq in range(count)]
    assert [record.seq for record in seen] == list(range(count + (end == "end"))) and said == list(range(count))
    assert all(isinstance(record, r.Log) for record in seen[1:count])
    assert following.state() == state and len(paths.parts_of(path)) > 5


def test_a_pid_that_was_given_again_is_not_the_writer(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", pid=os.getpid(), pid_start=process.start_time(os.getpid()) - 1)
    assert list(build.start().close(clean=False).follow())[-1] is not None
    build = SessionBuilder(tmp_path / "t.jsonl", pid=os.getpid(), pid_start=process.start_time(os.getpid()))
    assert build.start().close(clean=False).state == "live"


@pytest.mark.parametrize("regrown", [False, True])
def test_a_file_that_is_cut_short_ends_its_follower(tmp_path: Path, regrown: bool) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", pid=os.getpid(), pid_start=process.start_time(os.getpid()))
    path = build.start().close(clean=False).path
    following = Reader(path)
    seen = following.follow(interval=0.001)
    for _ in range(4):
        next(seen)
    assert following.state() == "live"
    size = path.stat().st_size
    path.write_bytes(b"x" * (size + 10) if regrown else b"x" * 10)
    assert [record for record in seen if record is not None] == []
    assert following.cut and following.state() == "crashed"


def test_the_lines_of_a_file_that_is_cut_short_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", pid=os.getpid(), pid_start=process.start_time(os.getpid()))
    session = build.start().close(clean=False)
    session.reader.poll()
    os.truncate(session.path, 20)
    follow_session(session)
    assert capsys.readouterr().out.endswith("cut short while it was read: what was there before has been told\n")
