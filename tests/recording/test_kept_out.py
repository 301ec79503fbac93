"""What never reaches the disk: secrets, also in pieces and late ones, and what tells of the machine."""

import json
import os
from pathlib import Path

import pytest

import tracer
from agent_runtime.models.scripted import call, text
from tests.recording.agents import add, boom, home, of_kind, run  # noqa: F401 - a fixture
from tests.runtimes import make_agent
from tracer import records as r


async def test_secrets_never_reach_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "zx81-very-private-value")
    monkeypatch.setenv("PLAIN_TOKEN", "password")

    def fetch(token: str) -> str:
        """Fetch.

        Args:
            token: a token
        """
        return f"got {token} with ghp_abcdefghijklmnopqrstuvwxyz0123"

    agent = make_agent("own", [[call("fetch", {"token": "zx81-very-private-value"})], "the password is fine"], [fetch])
    recording = tracer.attach(agent)
    await run(agent, "use zx81-very-private-value")
    recording.close()
    session = tracer.open(recording.id)
    messages = json.dumps(
        [m.content for m in of_kind(session, r.Message)] + [e.result for e in of_kind(session, r.ToolEnd)]
    )
    assert "zx81" not in messages and "ghp_" not in messages
    assert "the password is fine" in messages
    tags = {part[:8] for part in messages.split("[redacted:")[1:]}
    assert len(tags) == 2


async def test_an_anonymous_recording_tells_nothing_of_the_machine(tmp_path: Path) -> None:
    import socket
    import sys

    from tracer.recorder import record_program

    recording = record_program("nobody", anonymous=True)
    await run(make_agent("own", [[call("boom", {})], f"it lies in {os.getcwd()}"], [boom]))
    recording.close()
    said = recording.path.read_text()
    names = [os.getcwd(), sys.prefix, str(Path.home()), socket.gethostname(), str(tmp_path)]
    assert [name for name in names if len(name) > 3 and name in said] == []
    assert "it lies in ." in said and "RuntimeError: kaboom" in said
    header = tracer.open(recording.id).header
    assert (header.host, header.cwd, header.pid, header.git) == ("localhost", ".", 0, {})


async def test_a_secret_that_streams_in_pieces_never_reaches_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "zx81-very-private-value")
    agent = make_agent(
        "own",
        [[call("add", {"a": 1, "b": "zx81-very-private-value"}), text("it is zx81-very-private-value!")], "ok"],
        [add],
    )
    recording = tracer.attach(agent)
    live = await run(agent)
    recording.close()
    said = recording.path.read_text()
    session = tracer.open(recording.id)
    assert "zx81" not in said and "private-value" not in said
    assert "".join(d.text or "" for d in of_kind(session, r.Delta)).startswith("it is [redacted:")
    again = [event async for event in tracer.replay(session, speed=0)]
    assert [sorted(e) for e in again] == [sorted(e) for e in live]


async def test_a_secret_that_the_program_loads_later_is_known_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_agent("own", ["it is zx81-loaded-later and pg-pass-4711"])
    recording = tracer.attach(agent)
    monkeypatch.setenv("MY_API_TOKEN", "zx81-loaded-later")
    monkeypatch.setenv("PGPASSWORD", "pg-pass-4711")
    await run(agent)
    recording.close()
    said = recording.path.read_text()
    assert "loaded-later" not in said and "pass-4711" not in said
