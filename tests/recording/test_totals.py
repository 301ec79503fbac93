"""What `session_end` says of a recording is what its file holds, whatever became of the file on the way."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import tracer
from agent_runtime.models.scripted import call, fail, text
from tests.recording.test_forks import forked, others
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.endings import STATUS_OF_ENDING
from tracer.journal.paths import parts_of
from tracer.journal.writer import Writer
from tracer.recorder import record_program
from tracer.session import Session
from tracer.text.summary import summarise

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


def told(session: Session) -> r.Totals | None:
    end = list(session.records())[-1]
    assert isinstance(end, r.SessionEnd)
    return end.totals


def check(session: Session) -> r.Totals:
    """The totals, after they were held against the timeline of the same file and against its row without them."""
    totals, timeline = told(session), session.timeline()
    assert totals is not None
    assert totals.invocations == len({span.inv for span in timeline.roots})
    assert totals.cycles == len([span for span in timeline.spans if span.kind == "cycle"])
    assert (totals.usage or r.Usage(), totals.cost) == (timeline.usage, timeline.cost)
    assert STATUS_OF_ENDING.get(totals.ending, "abandoned") == timeline.roots[-1].status
    row = summarise(session.path)
    assert (row.cycles, row.tokens, row.cost) == (totals.cycles, timeline.usage.total, totals.cost)
    return totals


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_long_traceback_and_many_runs_are_listed_as_they_were(runtime: str) -> None:
    def add(n: int) -> int:
        """Add."""
        return n + 1

    long = RuntimeError("no " + "x" * 9000)
    turns = [[call("add", {"n": 1})], "two", "three", [text("half"), fail(long)]]
    agent = make_agent(runtime, turns, [add])
    recording = tracer.attach(agent)
    agent("first")
    agent("y" * 5000)
    with pytest.raises(Exception, match="no x"):
        agent("third")
    recording.close()
    totals = check(tracer.open(recording.id))
    assert (totals.invocations, totals.cycles, totals.ending) == (3, 4, "error")
    row = summarise(recording.path)
    assert (row.status, row.prompt, row.partial) == ("error", "first", False)
    assert totals.usage is not None and row.tokens == totals.usage.total > 0


def test_several_agents_in_one_recording_count_together_and_nested_ones_too() -> None:
    recording = record_program("both")
    inner = make_agent("own", ["inner"], name="helper", description="helps")
    outer = make_agent("own", [[call("helper", {"input": "x"})], "done"])
    outer.tool_registry.process_tools([inner.as_tool()])
    other = make_agent("own", ["else"])
    outer("a")
    other("b")
    recording.close()
    totals = check(tracer.open(recording.id))
    assert (totals.invocations, totals.cycles, totals.ending) == (2, 4, "end_turn")


def test_a_forked_child_counts_what_it_said_itself() -> None:
    agent = make_agent("own", ["one", "two", "three"])
    recording = tracer.attach(agent)
    agent("a")

    def child() -> None:
        agent("b")
        recording.close()

    forked(child)
    agent("c")
    recording.close()
    assert (check(tracer.open(recording.id)).cycles, check(others(recording)[0]).cycles) == (2, 1)


@pytest.mark.parametrize("lose", [os.unlink, lambda path: os.truncate(path, 0)])
def test_a_file_begun_anew_counts_what_is_in_it(lose: Callable[[Path], object]) -> None:
    def drop() -> str:
        """Lose the session."""
        lose(recording.path)
        return "gone"

    agent = make_agent("own", ["one", [call("drop", {})], "still here"], [drop])
    recording = tracer.attach(agent)
    agent("a")
    agent("b")
    recording.close()
    totals = check(tracer.open(recording.id))
    assert (totals.invocations, totals.cycles, totals.ending) == (1, 2, "end_turn")


def test_a_file_deleted_before_the_end_has_nothing_to_count() -> None:
    agent = make_agent("own", ["one"])
    recording = tracer.attach(agent)
    agent("a")
    recording.path.unlink()
    recording.close()
    assert told(tracer.open(recording.id)) == r.Totals() and summarise(recording.path).status == "empty"


def cut(path: Path) -> None:
    os.truncate(path, path.read_bytes().rindex(b"\n", 0, -1) + 1)


def added(path: Path) -> None:
    with path.open("ab") as file:
        file.write(r.encode(r.CycleStart(seq=9, t=9, inv="0", cycle=2)) + b"\n")


@pytest.mark.parametrize(("change", "cycles"), [(cut, 0), (added, 2)])
def test_where_lines_went_or_came_nothing_is_said_and_the_reader_counts(
    tmp_path: Path, change: Callable[[Path], None], cycles: int
) -> None:
    path = tmp_path / "s.jsonl"
    writer = Writer(path, lambda _: None)
    writer.append(r.Session(id="x", host="localhost"))
    writer.append(r.InvocationStart(inv="0"))
    writer.append(r.CycleStart(inv="0", cycle=1))
    change(path)
    writer.close()
    assert told(Session(path)) is None and summarise(path).cycles == cycles


def test_a_part_that_is_deleted_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    writer = Writer(path, lambda _: None, part_bytes=100)
    writer.append(r.Session(id="x", host="localhost", cwd="y" * 100))
    for n in range(3):
        writer.append(r.InvocationStart(inv=f"{n}", prompt="z" * 30))
    parts_of(path)[-1].unlink()
    writer.close()
    assert told(Session(path)) is None
