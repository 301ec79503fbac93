"""Recordings in parts read as one wherever they are read; the home keeps its bounds, and whatever is live."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from agent_runtime.models.scripted import call, text, usage
from tests.cli.test_keeping import at
from tests.runtimes import make_agent
from tracer import logs
from tracer import records as r
from tracer.cli import main
from tracer.journal import index, process
from tracer.journal.paths import list_sessions, part_path, parts_of, session_path
from tracer.journal.reader import Reader
from tracer.recorder import Recording
from tracer.recording import bounds
from tracer.recording.bounds import Bounds, thin_out
from tracer.text.format import size
from tracer.units import read_age, read_count, read_size


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    logs.own_log.cache_clear()
    return tmp_path


def work(n: int) -> str:
    """Work.

    Args:
        n: a number
    """
    return f"worked on {n}"


TURNS: list[Any] = [[text("one step after the other "), call("work", {"n": n}), usage(3, 4)] for n in range(4)]


def recorded() -> tuple[Recording, list[str]]:
    """A recording in many parts, and what its consumer was told."""
    agent = make_agent("own", [*TURNS, "all done"], [work])
    recording = tracer.attach(agent)

    async def consume() -> list[str]:
        return [event["data"] async for event in agent.stream_async("go") if "data" in event]

    seen = asyncio.run(consume())
    recording.close()
    return recording, seen


def test_whatever_reads_a_session_reads_its_parts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACER_PART_BYTES", "1kB")
    monkeypatch.setattr(index, "SMALLEST", 100)
    recording, seen = recorded()
    path, found = recording.path, list(Reader(recording.path).records())
    assert len(parts_of(path)) > 5 and list_sessions() == [path]

    async def replayed() -> list[str]:
        return [event["data"] async for event in tracer.replay(path, speed=0) if "data" in event]

    assert asyncio.run(replayed()) == seen
    last = max(record.seq for record in found if isinstance(record, r.ModelStart))
    ask: list[tuple[list[str], str]] = [
        (["check", "last"], "0 errors"), (["ls"], "ok"), (["request", f"last#{last}"], "worked on 3"),
        (["show", "last", "--json", "kind:content"], '"work"'), (["pack", "last", "--keep"], ".zst"),
    ]  # fmt: skip
    for words, answer in ask:
        code = main(words)
        out, err = capfd.readouterr()
        assert code == 0 and answer in out + err, (words, out, err)
    assert list(Reader(path.with_name(f"{path.name}.zst")).records()) == found
    assert main(["rm", str(path.with_name(f"{path.name}.zst")), str(path)]) == 0
    assert list((path.parent).iterdir()) == [] == list((path.parents[1] / "cache" / "index").iterdir())


def test_an_open_session_grows_over_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_PART_BYTES", "200")
    recording = Recording("x")
    session = tracer.open(recording.path)
    for n in range(30):
        assert recording.write(r.Log(text=f"{n}")) == n + 1
        session.reader.poll()
        assert len(session.reader) == n + 2
    assert len(parts_of(recording.path)) > 5 and session.state == "live"
    recording.close()
    assert isinstance(list(session.records())[-1], r.SessionEnd)


@pytest.fixture
def old(home: Path) -> Path:
    """Five sessions, oldest first: one that failed, two that did not, one that lives, one that crashed."""
    me = {"pid": os.getpid(), "pid_start": process.start_time(os.getpid())}
    at(home, "a-failed", 5, "toolerror fail")
    two = at(home, "b-parts", 4, "tool say")
    data = two.read_bytes()
    two.write_bytes(data[:1000])
    part_path(two, 2).write_bytes(data[1000:])
    at(home, "c-fine", 3)
    at(home, "d-live", 2, "tool crash", **me)
    at(home, "e-crashed", 1, "tool crash")
    return home


def left(home: Path) -> str:
    """The letters of what is there; a session of which some part is left would be among them."""
    return "".join(sorted({path.name[0] for path in (home / "sessions").iterdir()}))


@pytest.mark.parametrize(("most", "stays"), [(9, "abcde"), (5, "abcde"), (4, "acde"), (3, "ade"), (2, "de"), (1, "d")])
def test_the_oldest_go_first_failed_ones_last_and_live_ones_never(most: int, stays: str, old: Path) -> None:
    assert thin_out(Bounds(most=most), session_path("none")) == ""
    assert left(old) == stays
    told = [json.loads(line) for line in (old / "tracer.log").read_text().splitlines()] if stays != "abcde" else []
    assert sorted(line["session"][0] for line in told) == sorted(set("abcde") - set(stays))
    assert all(line["event"] == "delete" and line["why"] == f"TRACER_KEEP={most}" for line in told)


def test_the_bytes_are_bounded_by_as_few_sessions_as_do(old: Path) -> None:
    total = sum(path.stat().st_size for path in (old / "sessions").iterdir())
    assert thin_out(Bounds(most_bytes=total), session_path("none")) == "" and left(old) == "abcde"
    assert thin_out(Bounds(most_bytes=total - 1), session_path("none")) == "" and left(old) == "acde"
    assert thin_out(Bounds(most_bytes=1), session_path("none")) == "TRACER_MAX_BYTES=1" and left(old) == "d"


def test_what_has_begun_elsewhere_or_only_just_is_left_alone(home: Path) -> None:
    for name, age in (("a-elsewhere", 3600), ("b-long-ago", 5 * 86_400)):
        path, then = at(home, name, 1, "tool crash"), time.time() - age
        path.write_bytes(path.read_bytes().replace(b'"localhost"', b'"another.example"', 1))
        os.utime(session_path(name), (then, then))
    session_path("c-no-header-yet").touch()
    assert thin_out(Bounds(most=1), session_path("none")) == "TRACER_KEEP=1"
    assert left(home) == "ac"


def test_a_session_that_goes_meanwhile_counts_no_more(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Bounds.broken

    def once(self: Bounds, kept: bounds.Kept) -> str:
        for part in reversed(parts_of(session_path("b-parts"))):
            part.unlink(missing_ok=True)
        return broken(self, kept)

    monkeypatch.setattr(Bounds, "broken", once)
    assert thin_out(Bounds(most=4), session_path("none")) == ""
    assert left(old) == "acde"


def test_a_recording_that_begins_keeps_the_bounds(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(bounds, "_thin_out", lambda *given: done.append(thin_out(*given)))
    monkeypatch.setenv("TRACER_KEEP", "3")
    recording = Recording("x")
    until = time.monotonic() + 100
    while not done and time.monotonic() < until:
        time.sleep(0.01)
    assert done == [""] and left(old) == "".join(sorted({"d", "e", recording.id[0]}))
    recording.close()


def test_a_program_that_is_over_at_once_has_kept_the_bounds_and_said_what_went(old: Path) -> None:
    code = "from tracer.recorder import Recording; Recording('x')"
    env = {**os.environ, "TRACER_KEEP": "4", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    assert left(old)[1:] == "ade" and len(list_sessions()) == 4
    told = [json.loads(line)["session"] for line in (old / "tracer.log").read_text().splitlines()]
    assert told == ["b-parts", "c-fine"]


@pytest.mark.parametrize("name", ["TRACER_PART_BYTES", "TRACER_PART_AGE", "TRACER_MAX_BYTES", "TRACER_KEEP"])
@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("value", ["much", "-1", "0", ""])
def test_a_wish_that_means_nothing_is_told_and_costs_nothing(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(name, value)
    recording = Recording("x")
    assert not recording.failed and len(list_sessions()) == 6
    assert (f"{name} is not heeded" in caplog.text) is (value in ("much", "-1"))
    recording.close()


@given(st.integers(0, 10**12))
def test_sizes_are_read_as_they_are_shown(count: int) -> None:
    shown = size(count).replace(" ", "")
    assert read_size(str(count)) == count
    if "." not in shown:
        assert abs(read_size(shown) - count) <= count * 0.06


@pytest.mark.parametrize("text", ["", "x", "1.5GB", "1 day", "-1", "1e9", "\u0663"])
def test_what_is_no_size_age_or_number_is_refused(text: str) -> None:
    for read in (read_size, read_age, read_count):
        with pytest.raises(ValueError, match=r"is no (size|age|number)"):
            read(text)
