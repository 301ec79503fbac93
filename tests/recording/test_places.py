"""A long life does not fill the recorder's memory, and a living history is still written once."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracer
from tests.runtimes import make_agent
from tracer import records as r
from tracer.recording import places


@pytest.fixture(autouse=True)
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    monkeypatch.setattr(places, "KEPT", 20)


async def test_what_left_the_history_long_ago_is_forgotten() -> None:
    agent = make_agent("own", [f"answer {n}" for n in range(60)])
    recording = tracer.attach(agent)
    for n in range(60):
        agent.messages.clear()
        await agent.invoke_async(f"question {n}")
        assert len(recording._messages) <= 20
    recording.close()


async def test_a_living_history_of_any_length_is_written_once() -> None:
    said = [{"role": role, "content": [{"text": f"{role} {n}"}]} for n in range(13) for role in ("user", "assistant")]
    agent, other = (
        make_agent("own", ["yes"] * 5, messages=list(said)),
        make_agent("own", [f"no {n}" for n in range(30)]),
    )
    recording = tracer.attach(agent)
    recording.watch(other)
    for n in range(5):
        await agent.invoke_async(f"go {n}")
        for step in range(6):
            other.messages.clear()
            await other.invoke_async(f"{n} {step}")
    recording.close()
    found = [record for record in tracer.open(recording.id).records() if isinstance(record, r.Message)]
    assert sum(record.origin == "history" for record in found) == len(said)


def test_what_was_used_last_is_kept() -> None:
    known = places.Places(lambda: 0)
    for n in range(20):
        known.put(b"%d" % n, n)
    assert known.get(b"0") == 0
    known.put(b"new", 99)
    assert (known.get(b"0"), known.get(b"1"), known.get(b"new"), len(known)) == (0, None, 99, 15)
