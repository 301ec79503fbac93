"""The sample sessions: small, readable, anonymous, and each the story that its README tells."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from docs.make_samples import STORIES, record
from tracer import records as r
from tracer.otel.export import mapper_of, spans_of
from tracer.playback import ReplayedError, replay
from tracer.session import Session, open_session
from tracer.testing import digest

REPO = Path(__file__).parent.parent
SAMPLES = REPO / "sample_sessions"
LARGEST = 200_000


@dataclass(frozen=True)
class Expected:
    """What a sample holds: invocations, cycles, model calls and tool calls; statuses that are not ok; its records."""

    spans: tuple[int, int, int, int]
    bad: dict[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    ending: str = "end_turn"
    state: str = "ended"


BROKEN = {"clerk": "error", "cycle 2": "forced", "scripted/sample": "error"}
CUT = {"painter": "incomplete", "cycle 2": "incomplete", "resize": "incomplete"}
EXPECTED = {
    "plain-answer": Expected((1, 1, 1, 0)),
    "tools": Expected((1, 3, 3, 2), kinds=frozenset({"log"})),
    "parallel-tools": Expected((1, 2, 2, 4), {"weather": "error"}),
    "reasoning": Expected((1, 2, 2, 1)),
    "force-stop": Expected((1, 2, 2, 1), BROKEN, frozenset({"force_stop"}), "error"),
    "crash": Expected((1, 2, 2, 2), CUT, frozenset({"log"}), "", "crashed"),
    "stopped-and-edited": Expected((1, 3, 3, 3), kinds=frozenset({"stopped", "edited", "resumed"})),
    "sub-agent": Expected((2, 4, 4, 2)),
    "retry": Expected((1, 1, 3, 0), {"scripted/sample": "error"}, frozenset({"throttled"})),
}
ORDINARY = "".join(  # a user may be called `agent` or `user`: words of the files themselves tell nothing
    (REPO / source).read_text() for source in ("docs/samples.py", "tracer/demo/agent.py", "tracer/records.py")
)
KINDS = ("invocation", "cycle", "model", "tool")


def sample(name: str) -> Session:
    return open_session(SAMPLES / f"{name}.jsonl")


def test_there_is_a_sample_for_each_story_and_the_readme_names_it() -> None:
    names = {path.stem for path in SAMPLES.glob("*.jsonl")}
    assert names == set(EXPECTED) == {story.name for story in STORIES}
    readme = (SAMPLES / "README.md").read_text()
    assert names == set(re.findall(r"^\| `(.+?)\.jsonl`", readme, re.MULTILINE))


@pytest.mark.parametrize("name", EXPECTED)
def test_its_spans_and_its_end_are_those_of_the_story(name: str) -> None:
    session, expected = sample(name), EXPECTED[name]
    spans = session.spans()
    counted = Counter(span.kind for span in spans)
    assert tuple(counted[kind] for kind in KINDS) == expected.spans
    assert {span.name: span.status for span in spans if span.status != "ok"} == expected.bad
    found = list(session.records())
    assert expected.kinds <= {r.kind_of(record) for record in found}
    assert session.state == expected.state
    ends = [record.ending for record in found if isinstance(record, r.InvocationEnd)]
    assert (ends[-1] if ends else "") == expected.ending
    assert not [record for record in found if isinstance(record, r.Gap)]


@pytest.mark.parametrize("name", EXPECTED)
def test_it_is_small_and_its_spans_fit_a_screen(name: str) -> None:
    assert (SAMPLES / f"{name}.jsonl").stat().st_size < LARGEST
    assert 3 <= len(sample(name).spans()) <= 20


def telltales(text: str) -> list[str]:
    """What in the text would tell of this machine and its user: places, absolute paths, names."""
    places = ["/root", "/home/", "/work", "/Users", "/tmp", "/usr", os.getcwd(), str(Path.home()), sys.prefix]
    found = [place for place in places if place in text]
    found += [match[0] for match in re.finditer(r'[" (](/|[A-Z]:\\\\)[\w.-]+/', text)]
    names = {socket.gethostname(), os.environ.get("USER", ""), Path.home().name} - {"localhost"}
    telling = [name for name in names if len(name) > 1 and name not in ORDINARY]
    return found + [name for name in telling if re.search(rf"\b{re.escape(name)}\b", text)]


@pytest.mark.parametrize("name", EXPECTED)
def test_it_tells_nothing_of_the_machine(name: str) -> None:
    assert telltales((SAMPLES / f"{name}.jsonl").read_text()) == []
    deltas = [record for record in sample(name).records() if isinstance(record, r.Delta)]
    assert telltales("".join(delta.text or delta.reasoning or delta.input or "" for delta in deltas)) == []
    header = sample(name).header
    assert (header.host, header.cwd, header.git, header.pid, header.resource) == ("localhost", ".", {}, 0, {})
    assert header.redaction == "secrets, anonymous"
    assert all("/" not in word or word.startswith("docs/") for word in header.argv)
    files = [rec.where.file for rec in sample(name).records() if isinstance(rec, r.ToolStart) and rec.where]
    assert all(not os.path.isabs(file) for file in files)


@pytest.mark.parametrize("name", EXPECTED)
async def test_it_is_replayed_with_its_cycles_and_its_ending(name: str) -> None:
    events, left = [], ""
    try:
        async for event in replay(sample(name), speed=0):
            events.append(event)
    except ReplayedError as error:
        left = error.type
    top = [span for span in sample(name).spans() if span.kind == "cycle" and "." not in span.inv]
    assert sum("start_event_loop" in event for event in events) == len(top)
    assert left == ("ConnectionError" if name == "force-stop" else "")
    assert ("result" in events[-1]) == (EXPECTED[name].ending == "end_turn")


@pytest.mark.parametrize("name", EXPECTED)
def test_exported_spans_are_those_of_the_timeline(name: str) -> None:
    session = sample(name)
    before = digest(session.path)
    assert len(list(spans_of(session, mapper_of(session)))) == sum(EXPECTED[name].spans)
    assert digest(session.path) == before


def test_the_debuggers_story_is_told_whole() -> None:
    edits = [record for record in sample("stopped-and-edited").records() if isinstance(record, r.Edited)]
    assert [(edit.before, edit.after) for edit in edits] == [({"path": "photos"}, {"path": "scratch"})]
    tool = next(span for span in sample("stopped-and-edited").spans() if span.name == "delete_folder")
    assert tool.edited and tool.paused > 2 * 10**9 > tool.duration()


def test_the_broken_answer_is_kept() -> None:
    ends = [record for record in sample("force-stop").records() if isinstance(record, r.ModelEnd)]
    assert ends[-1].partial and "on Tuesday" in ends[-1].partial["content"][0]["text"]


@pytest.mark.parametrize("name", ["crash", pytest.param("stopped-and-edited", marks=pytest.mark.slow)])
async def test_anyone_can_record_it_again(name: str, tmp_path: Path) -> None:
    story = next(story for story in STORIES if story.name == name)
    again = open_session(await asyncio.to_thread(record, story, tmp_path, 20))
    counted = Counter(span.kind for span in again.spans())
    assert tuple(counted[kind] for kind in KINDS) == EXPECTED[name].spans
    assert again.state == EXPECTED[name].state
    assert telltales(again.path.read_text()) == []


def test_the_greps_find_what_they_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SAMPLES / "tools.jsonl").read_text()
    assert telltales(text.replace("./docs/samples.py", str(REPO / "docs/samples.py"), 1))
    monkeypatch.setattr(socket, "gethostname", lambda: "build-7")
    assert telltales(text.replace('"localhost"', '"build-7"', 1)) == ["build-7"]
