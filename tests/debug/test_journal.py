"""The session's bytes over the debugger's connection: all of them, in pieces, of a live run and of a recording."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import Any

import pytest

from tests.debug.recorded.walker import Walker, build
from tests.debug.support import bench
from tracer.debug import journal
from tracer.debug.errors import DebugError
from tracer.session import Session


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "CHUNK", 700)


async def test_a_live_runs_bytes_come_in_pieces(small: None) -> None:
    async with bench(["Hello."]) as made, made.client() as client:
        await made.end(made.run())
        got, told = b"", dict[str, Any](size=1)
        while len(got) < told["size"]:
            told = await client.request("tracer/journal", {"from": len(got)})
            piece = base64.b64decode(told["data"])
            assert len(piece) <= 700 and not told["over"]
            got += piece
        assert got == made.recording.path.read_bytes()
        with pytest.raises(DebugError, match="-1 is no offset"):
            await client.request("tracer/journal", {"from": -1})


def test_a_recording_says_that_no_more_will_come(tmp_path: Path, small: None) -> None:
    with contextlib.closing(build(tmp_path / "s.jsonl", ["tool"])) as session:
        _takes_all(session)


def _takes_all(session: Session) -> None:
    walker, got = Walker(session), b""
    walker.ask("initialize", adapterID="test")
    told: dict[str, Any] = {"over": False}
    while not told["over"]:
        told = walker.ask("tracer/journal", **{"from": len(got)})
        got += base64.b64decode(told["data"])
    assert got == session.path.read_bytes() and told["size"] == len(got) > 700
