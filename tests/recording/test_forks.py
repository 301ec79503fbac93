"""A process that is forked from a recorded one leaves its parent's file alone, and records what it says itself."""

import asyncio
import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import tracer
from agent_runtime.models.scripted import call
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.journal.paths import list_sessions
from tracer.recorder import Recording, record_program
from tracer.session import Session

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


def forked(work: Callable[[], object]) -> None:
    """Do it in a forked child, which then ends without ceremony."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def others(recording: Recording) -> list[Session]:
    return [tracer.open(path) for path in list_sessions() if path != recording.path]


def answers(session: Session) -> list[str]:
    """What the model said in each of its messages."""
    said = [m.content for m in session.records() if isinstance(m, r.Message) and m.origin == "model"]
    return ["".join(block.get("text", "") for block in content) for content in said]


def sent(session: Session, call: r.ModelStart) -> list[r.Message]:
    return [cast(r.Message, session.record(seq)) for seq in call.messages]


def invocations(session: Session) -> list[str]:
    return [x.inv for x in session.records() if isinstance(x, r.InvocationStart)]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_childs_agent_opens_a_session_of_its_own(runtime: str) -> None:
    agent = make_agent(runtime, ["one", "two", "three"])
    recording = tracer.attach(agent)
    agent("a")
    before = recording.path.read_bytes()
    forked(lambda: agent("b"))
    assert recording.path.read_bytes() == before
    agent("c")
    recording.close()
    assert answers(tracer.open(recording.id)) == ["one", "two"]  # the parent's model has not moved on
    (child,) = others(recording)
    assert answers(child) == ["two"] and child.header.pid != os.getpid()
    assert child.header.parent == r.Parent(recording.id, before.count(b"\n") - 1)
    first = next(x for x in child.records() if isinstance(x, r.ModelStart))
    assert [m.content[0]["text"] for m in sent(child, first)] == ["a", "one", "b"]


def test_a_child_that_says_nothing_leaves_no_file() -> None:
    agent = make_agent("own", ["one"])
    recording = tracer.attach(agent)
    forked(lambda: None)
    assert not others(recording)
    forked(lambda: tracer.attach(agent))
    assert not others(recording)
    recording.close()


def test_a_child_of_a_tool_names_the_call_that_it_came_from() -> None:
    def work() -> str:
        """Work in another process."""
        forked(lambda: make_agent("own", ["from the child"])("psst"))
        return "done"

    agent = make_agent("own", [[call("work", {})], "fine"], [work])
    recording = tracer.attach(agent)
    agent("go")
    recording.close()
    (child,) = others(recording)
    assert answers(child) == ["from the child"]
    assert all("." not in inv for inv in invocations(child))  # nothing of the parent's run is around it there
    parent = child.header.parent
    assert parent and isinstance(tracer.open(parent.session).record(parent.seq), r.ToolStart)
    assert [s.status for s in child.spans()] == ["ok"] * len(child.spans())


def test_a_stream_that_goes_on_in_the_child_says_there_what_it_belongs_to() -> None:
    agent = make_agent("own", [["one ", "two "], "after"])
    recording = tracer.attach(agent)

    async def consume() -> None:
        pid = -1
        async for event in agent.stream_async("go"):
            if event.get("data") == "one ":
                pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    asyncio.run(consume())
    recording.close()
    (child,) = others(recording)
    assert [s.path for s in child.spans()][:2] == ["inv:0", "inv:0/cycle:1"]
    assert child.spans()[0].status == "ok" and answers(child) == ["one two "]
    assert answers(tracer.open(recording.id)) == ["one two "]


def _speak(agent: Any) -> None:
    agent("hello")


def test_a_multiprocessing_child_ends_its_session_cleanly() -> None:
    agent = make_agent("own", ["one"])
    recording = tracer.attach(agent)
    process = multiprocessing.get_context("fork").Process(target=_speak, args=(agent,))
    process.start()
    process.join(100)
    recording.close()
    (child,) = others(recording)
    assert process.exitcode == 0 and child.state == "ended" and answers(child) == ["one"]


def test_a_child_of_a_child_names_its_own_parent() -> None:
    agent = make_agent("own", ["one", "two"])
    recording = tracer.attach(agent)

    def child() -> None:
        agent("in the child")
        forked(lambda: agent("in its child"))

    forked(child)
    recording.close()
    first, second = sorted(others(recording), key=lambda s: answers(s) != ["one"])
    assert first.header.parent and first.header.parent.session == recording.id
    assert second.header.parent and second.header.parent.session == first.id


def test_agents_on_loops_in_threads_write_whole_lines_in_order() -> None:
    recording = record_program("many")
    agents = [make_agent("own", [[f"a{n} ", f"b{n} "] * 20] * 3) for n in range(6)]

    async def pair(one: Any, two: Any) -> None:
        for _ in range(3):
            await asyncio.gather(one.invoke_async("go"), two.invoke_async("go"))

    threads = [threading.Thread(target=lambda n=n: asyncio.run(pair(*agents[2 * n : 2 * n + 2]))) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recording.close()
    lines = recording.path.read_bytes().splitlines()
    assert [r.decode(line).seq for line in lines] == list(range(len(lines)))
    assert sorted(answers(tracer.open(recording.id))) == sorted(f"a{n} b{n} " * 20 for n in range(6) for _ in range(3))


async def test_a_file_deleted_in_mid_run_is_begun_again_and_readable() -> None:
    def lose() -> str:
        """Delete the session."""
        recording.path.unlink()
        return "gone"

    agent = make_agent("own", [[call("lose", {})], "still here"], [lose])
    recording = tracer.attach(agent)
    live = [event async for event in agent.stream_async("go")]
    assert live[-1]["result"].stop_reason == "end_turn"
    recording.close()
    session = tracer.open(recording.id)
    assert answers(session)[-1] == "still here" and session.spans()[0].status == "ok"
    gap = next(x for x in session.records() if isinstance(x, r.Gap))
    assert gap.count > 5 and "deleted" in gap.reason
    last = [x for x in session.records() if isinstance(x, r.ModelStart)][-1]
    assert [m.role for m in sent(session, last)] == ["user", "assistant", "user"]


async def test_what_a_child_leaves_out_of_a_value_is_told_in_its_own_file() -> None:
    agent = make_agent("own", ["Hello."])
    recording = tracer.attach(agent)
    for number in range(200):
        recording._cuts(f"thing {number}")

    def child_says() -> None:
        recording._cuts("thing 0")
        recording.close()

    forked(child_says)
    recording.close()

    def told(session: Session) -> list[str]:
        return [x.reason.rpartition(": ")[2] for x in session.records() if isinstance(x, r.Gap)]

    (child,) = others(recording)
    assert told(child) == ["thing 0"]
    assert told(tracer.open(recording.path)) == [f"thing {number}" for number in range(100)]
