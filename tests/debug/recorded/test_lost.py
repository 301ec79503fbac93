"""A recording that is not whole, and a debugger of it that fails: what is lost is marked, and one can go on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.debug.recorded.walker import Walker, build
from tracer import records as r
from tracer.cli import dap
from tracer.debug.echo import Spoken
from tracer.debug.errors import DebugError
from tracer.debug.live import Live
from tracer.debug.recorded import moving
from tracer.debug.recorded.serve import on_socket
from tracer.debug.recorded.tape import Tape
from tracer.session import Session

PLAN: list[Any] = ["tools2", ["tool", "say"], "fail", "say"]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with contextlib.closing(build(tmp_path / "s.jsonl", PLAN)) as made:
        yield made


@pytest.mark.parametrize("lost", [{"messages": [-1]}, {"messages": [9999]}, {"base": -1}, {"base": 0}])
def test_a_message_that_was_lost_in_a_gap_is_marked_and_one_walks_on(tmp_path: Path, lost: dict[str, Any]) -> None:
    path = tmp_path / "s.jsonl"
    build(path, PLAN).close()
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    lines = [line | lost if line["kind"] == "model_start" else line for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with contextlib.closing(Session(path)) as session:
        walker = Walker(session).start()
        walker.all_stops("stepIn")
        marked = walker.ask("tracer/value", stop=walker.stop, expression="messages")["value"]
        assert [one["role"] for one in marked].count("lost") == 1
        assert "request" in marked[0]["content"][0]["text"]


def test_a_point_that_cannot_be_shown_leaves_one_where_one_stood(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    walker = Walker(session).start()
    before = walker.view()

    def fails(tape: Tape, at: int) -> dict[str, Any]:
        raise IndexError(at)

    with monkeypatch.context() as patch:
        patch.setattr("tracer.debug.recorded.stage.document", fails)
        with pytest.raises(DebugError):
            walker.ask("next", threadId=1)
    assert walker.view() == before
    assert walker.go("next") > 1


async def test_whose_a_connection_is_is_looked_at_first(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr("tracer.debug.recorded.serve.peer_is_us", lambda peer: looked.append("peer"))
    monkeypatch.setattr("tracer.debug.recorded.serve.Recorded", lambda *given: looked.append("recording"))
    server = await on_socket(Tape(session), 0, tmp_path / "s" / "d.sock")
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s" / "d.sock")
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()
    server.close()
    assert looked == ["peer"]


def test_a_live_session_whose_file_is_gone_keeps_no_file_from_being_opened(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Live("gone", tmp_path / "gone.sock", tmp_path / "gone.jsonl")
    here = Live("here", tmp_path / "here.sock", session.path)
    monkeypatch.setattr("tracer.debug.live.live_sessions", lambda: [gone, here])
    assert dap._live(str(session.path)) == here.socket
    monkeypatch.setattr("tracer.debug.live.live_sessions", lambda: [gone])
    assert dap._live(str(session.path)) is None


def test_who_names_a_record_asks_for_no_live_session(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.debug.live.live_sessions", lambda: pytest.fail("it was asked"))
    assert dap._live(f"{session.path}#3") is None


def test_of_what_is_said_on_a_long_way_the_last_pieces_are_kept_and_no_more_is_held(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    bodies = Spoken.bodies

    def counted(self: Spoken, records: Iterable[r.Record]) -> list[dict[str, Any]]:
        some = list(records)
        held.append(len(some))
        return bodies(self, some)

    monkeypatch.setattr(Spoken, "bodies", counted)
    monkeypatch.setattr(moving, "_SLICE", 3)
    whole = Walker(session).start()
    whole.go("continue")
    said = [one["output"] for one in whole.told("output")]
    monkeypatch.setattr(moving, "SPOKEN", 5)
    walker = Walker(session).start()
    walker.go("continue")
    assert [one["output"] for one in walker.told("output")] == [f"[{len(said) - 5} pieces left out]\n", *said[-5:]]
    assert len(said) > 10 and max(held) == 3
