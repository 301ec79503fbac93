"""Which run a record belongs to, when calls overlap or are left, and that nothing of a recording stays behind."""

import asyncio
import gc
import logging
import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime.models.scripted import call, text
from tests.recording.agents import TWO_TOOLS, add, of_kind, run
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recorder import record_program


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_recording_ends_when_its_agent_goes(runtime: str) -> None:
    agent = make_agent(runtime, ["fine"])
    recording, gone = tracer.attach(agent), weakref.ref(agent)
    agent("hello")
    del agent
    gc.collect()
    assert gone() is None and recording.closed
    assert tracer.open(recording.id).state == "ended"


@pytest.fixture
def small_heap() -> None:
    """A collection looks at what this test makes alone: at all that others left it would take seconds."""
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("small_heap")
@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_an_agent_that_nobody_but_its_stream_knows_is_recorded(runtime: str) -> None:
    recording = record_program()
    async for _ in make_agent(runtime, ["fine"]).stream_async("hello"):
        gc.collect()
    recording.close()
    assert [e.ending for e in of_kind(tracer.open(recording.id), r.InvocationEnd)] == ["end_turn"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_refused_second_call_takes_nothing_from_the_first(runtime: str) -> None:
    agent = make_agent(runtime, TWO_TOOLS, [add])
    recording = tracer.attach(agent)
    refused = 0
    async for event in agent.stream_async("first"):
        if "data" in event:
            with pytest.raises(Exception, match=r"call|invocation"):
                await run(agent, "second")
            refused += 1
    assert refused
    recording.close()
    session = tracer.open(recording.id)
    kinds = (r.ModelStart, r.ModelEnd, r.ToolStart, r.ToolEnd, r.Message)
    assert {record.inv for record in of_kind(session, *kinds)} == {"0"}
    assert len(of_kind(session, r.ModelStart)) == 2
    assert [e.ending for e in of_kind(session, r.InvocationEnd) if e.inv == "0"] == ["end_turn"]


@pytest.mark.usefixtures("small_heap")
async def test_a_run_that_was_left_does_not_end_the_next_ones_place() -> None:
    agent = make_agent("own", [[text("one two three")], *TWO_TOOLS], [add])
    recording = tracer.attach(agent)
    async for event in agent.stream_async("left"):
        if "data" in event:
            break
    places = []
    async for event in agent.stream_async("whole"):
        gc.collect()
        places.append(recording.position(agent))
        del event
    assert {inv for inv, _ in places[:-1]} == {"1"} and places[-2][1] == 2
    recording.close()


async def test_a_tool_that_is_cancelled_by_leaving_has_its_end() -> None:
    started = asyncio.Event()

    async def slow() -> Any:
        """Wait."""
        started.set()
        yield "waiting"
        await asyncio.sleep(3600)

    agent = make_agent("own", [[call("slow", {})], "never"], [slow])
    recording = tracer.attach(agent)
    stream = agent.stream_async("go")
    async for event in stream:
        if "tool_stream_event" in event:
            break
    await stream.aclose()
    recording.close()
    session = tracer.open(recording.id)
    assert [e.status for e in of_kind(session, r.ToolEnd)] == ["error"]
    found = list(session.records())
    end = next(record for record in found if isinstance(record, r.InvocationEnd))
    assert end.ending == "abandoned"
    assert not [record for record in found if record.seq > end.seq and not isinstance(record, r.SessionEnd)]


async def test_parallel_tools_keep_their_places_when_they_are_resumed() -> None:
    from agent_runtime.hooks import BeforeToolCallEvent

    def ask(event: BeforeToolCallEvent) -> None:
        event.interrupt("approve", reason="sure?")

    turns = [[call("add", {"a": 1, "b": 2}), call("add", {"a": 3, "b": 4})], "done"]
    agent = make_agent("own", turns, [add])
    agent.add_hook(ask, BeforeToolCallEvent)
    recording = tracer.attach(agent)
    first = (await run(agent))[-1]["result"]
    answers = [{"interruptResponse": {"interruptId": i.id, "response": "yes"}} for i in first.interrupts]
    assert (await run(agent, answers))[-1]["result"].stop_reason == "end_turn"
    recording.close()
    session = tracer.open(recording.id)
    again = [s.path for s in session.spans() if s.inv == "1" and s.kind == "tool"]
    assert again == ["inv:1/cycle:1/tool:0", "inv:1/cycle:1/tool:1"]
    assert [(e.index, e.result["content"][0]["text"]) for e in of_kind(session, r.ToolEnd) if e.inv == "1"] == [
        (0, "3"), (1, "7")]  # fmt: skip


async def test_names_and_ids_that_utf8_cannot_hold_lose_no_record() -> None:
    agent = make_agent("own", [[call("add", {"a": 1, "b": 2}, id="id\ud800")], "ok"], [add], name="na\udfffme")
    recording = tracer.attach(agent)
    with tracer.label(who="\ud800"):
        await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    assert not of_kind(session, r.Gap)
    assert [s.status for s in session.spans() if s.kind == "tool"] == ["ok"]


async def test_labels_and_names_are_words_too_and_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "zx81-very-private-value")
    agent = make_agent("own", ["fine"], name="for zx81-very-private-value")
    recording = tracer.attach(agent, labels={"key": "zx81-very-private-value"})
    with tracer.label(request="zx81-very-private-value"):
        await run(agent)
    recording.write(r.Stopped(id=1, breakpoint='before_tool if input.x = "zx81-very-private-value"'))
    recording.close()
    assert "zx81" not in recording.path.read_text()


async def test_replays_leave_no_file_open() -> None:
    agent = make_agent("own", ["fine"])
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(5):
        assert [event async for event in tracer.replay(recording.id, speed=0)]
    assert (len(os.listdir("/proc/self/fd")) if before else 0) <= before  # the closed session goes in a moment


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's: `tmp_path` under xdist is too long, and another is taken."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        yield Path(folder)


def test_a_debugger_that_cannot_open_is_a_warning(
    short_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (short_path / "tracer").mkdir()
    (short_path / "tracer").chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    agent = make_agent("own", ["fine"])
    with caplog.at_level(logging.WARNING, "tracer"):
        recording = tracer.attach(agent, debug=True, otlp="foo")
    told = [record.message for record in caplog.records if record.name == "tracer"]
    assert "only you can enter" in told[0] and not recording.failed
    assert told[1:] == ["the OTLP endpoint 'foo' is not an http URL; give it as http://localhost:4318"]
    (short_path / "tracer").chmod(0o700)
    assert tracer.attach(agent, debug=True) is recording and recording.debugger is not None
    recording.close()


async def test_a_program_is_not_watched_after_its_recording() -> None:
    from tracer.recorder import record_program

    recording = record_program("over")
    recording.close()
    agent = make_agent("own", ["fine"])
    assert "stream_async" not in agent.__dict__
