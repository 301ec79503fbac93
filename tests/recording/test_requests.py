"""A request that says only what has come since the one before is the request that was sent."""

import asyncio
import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from agent_runtime.models.scripted import call
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.errors import TracerError
from tracer.recording.requests import Requests
from tracer.session import Session
from tracer.text.record import request_of

MESSAGES = st.lists(st.integers(0, 30), max_size=30)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 12), MESSAGES, st.booleans()), max_size=12)


def session_of(records: list[r.Record], folder: str) -> Session:
    path = Path(folder) / "s.jsonl"
    path.write_bytes(b"".join(r.encode(record) + b"\n" for record in [r.Session(), *records]))
    return Session(path)


@given(STEPS)
def test_what_was_sent_is_read_again(steps: list[tuple[bool, int, list[int], bool]]) -> None:
    requests, records, sent = Requests(), list[r.Record](), list[list[int]]()
    history: list[int] = []
    for retried, dropped, new, written in steps:
        history = history[dropped:] + new
        attempts = 2 if retried else 1
        for attempt in range(attempts):
            record = r.ModelStart(attempt=attempt)
            requests.shorten(record, list(history))
            assert record.sent == len(history)
            if written:
                records.append(record)
                sent.append(list(history))
            requests.wrote(record, len(records) if written else -1, [])
    with tempfile.TemporaryDirectory() as folder:
        session = session_of(records, folder)
        read = [session.messages(record) for record in session.records() if isinstance(record, r.ModelStart)]
        session.close()
    assert read == sent


def test_a_request_that_only_grows_says_what_is_new() -> None:
    requests, records = Requests(), [r.ModelStart() for _ in range(3)]
    for seq, record in enumerate(records):
        requests.shorten(record, list(range(20 + 2 * seq)))
        requests.wrote(record, seq, [])
    assert [(record.base, record.messages, record.sent) for record in records[1:]] == [
        (0, [20, 21], 22),
        (1, [22, 23], 24),
    ]


def test_after_the_file_began_anew_all_is_said() -> None:
    requests, record = Requests(), r.ModelStart()
    requests.shorten(record, list(range(20)))
    requests.forget()
    requests.wrote(record, 3, [])
    later = r.ModelStart()
    requests.shorten(later, list(range(20)))
    assert later.base is None and later.messages == list(range(20))


def test_messages_are_known_by_identity_until_somebody_may_have_changed_them() -> None:
    requests, record = Requests(), r.ModelStart()
    sent: list[Any] = [{"role": "user"}, {"role": "assistant"}]
    for seqs in ([4, -1], [4, 5]):
        requests.shorten(record, seqs)
        requests.wrote(record, 6, sent)
        assert requests.known([*sent, {}]) == (seqs if -1 not in seqs else [])  # what was not written is tried again
    assert requests.known([{"role": "user"}, sent[1]]) == requests.known(sent[:1]) == []
    requests.unsure()
    assert requests.known(sent) == []


@pytest.mark.parametrize("base", [0, 2, 7])
def test_a_request_without_the_one_before_it_is_an_error(base: int, tmp_path: Path) -> None:
    session = session_of([r.Message(), r.ModelStart(base=base)], str(tmp_path))
    start = session.record(2)
    assert isinstance(start, r.ModelStart)
    with pytest.raises(TracerError, match=f"goes on from #{base}"):
        session.messages(start)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_each_request_of_a_long_run_is_rebuilt(runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))

    def add(a: int) -> str:
        """Add one, and change what was said long ago."""
        if a == 20:
            agent.messages[1]["content"][0]["toolUse"]["input"]["a"] = "changed"
        return str(a + 1)

    turns: list[Any] = [[call("add", {"a": number})] for number in range(30)]
    agent = make_agent(runtime, [*turns, "done"], [add])
    asked: list[Any] = []
    stream = agent.model.stream

    async def watched(messages: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append([{"role": m["role"], "content": copy.deepcopy(m["content"])} for m in messages])
        async for chunk in stream(messages, *args, **kwargs):
            yield chunk

    agent.model.stream = watched
    recording = tracer.attach(agent)
    asyncio.run(_read(agent))
    recording.detach()
    session = Session(recording.path)
    starts = [record for record in session.records() if isinstance(record, r.ModelStart)]
    assert [request_of(session, start.seq)["messages"] for start in starts] == asked
    assert "changed" in str(asked[21])
    assert len(asked) == 31 and sum(len(start.messages) > 20 for start in starts) == 1


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_program_changes_between_two_calls_is_sent_anew(
    runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    agent = make_agent(runtime, ["one", "two"], [])
    recording = tracer.attach(agent)
    asyncio.run(_read(agent))
    agent.messages[0]["content"][0]["text"] = "changed"
    asyncio.run(_read(agent))
    recording.detach()
    session = Session(recording.path)
    last = [record for record in session.records() if isinstance(record, r.ModelStart)][-1]
    texts = [message["content"][0]["text"] for message in request_of(session, last.seq)["messages"]]
    assert texts[:2] == ["changed", "one"]


async def _read(agent: Any) -> None:
    async for _ in agent.stream_async("go"):
        pass
