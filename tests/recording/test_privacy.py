"""What a user keeps out of a recording: expressions, places in tool inputs, functions that fail closed, all content."""

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from agent_runtime.models.scripted import call, fail, text, think
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.errors import TracerError
from tracer.recording.content import CONTENT
from tracer.recording.privacy import privacy
from tracer.recording.redact import Redactor
from tracer.recording.tail import Tail
from tracer.session import Session


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


def fetch(url: str, headers: dict[str, str]) -> str:
    """Fetch a page.

    Args:
        url: where
        headers: what to say
    """
    print("fetched", url)
    return f"the secret page of {url}"


INPUT = {"url": "https://a.example/pageant", "headers": {"Authorization": "opensesame", "Accept": "plainly"}}
TURNS = [[think("I ponder it"), text("Fetching ACME-123456 now."), call("fetch", INPUT)], "It says ACME-654321."]


async def recorded(runtime: str = "own", turns: list[Any] | None = None, **rules: Any) -> Session:
    agent = make_agent(runtime, turns or TURNS, [fetch], system_prompt="be quiet about it")
    recording = tracer.attach(agent, **rules)
    live = [event async for event in agent.stream_async("fetch the page, please")]
    recording.close()
    assert "result" in live[-1] and agent.messages[1]["content"][-1]["toolUse"]["input"] == INPUT
    return tracer.open(recording.id)


def raw(session: Session) -> str:
    return session.path.read_text()


@pytest.mark.parametrize("rule", [r"ACME-\d{6}", re.compile("acme-[0-9]+", re.IGNORECASE)])
async def test_an_expression_of_the_users_is_replaced_in_every_record(rule: Any) -> None:
    session = await recorded(redact=[rule])
    assert "ACME-" not in raw(session) and "123456" not in raw(session) and "[redacted:" in raw(session)
    assert session.header.redaction == "secrets, 1 pattern"
    again = [event async for event in tracer.replay(session, speed=0)]
    assert "".join(e["data"] for e in again if "data" in e).startswith("Fetching [redacted:")


async def test_the_environment_holds_rules_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_REDACT", "ACME-\\d+\n\nfetch:/headers/Authorization\n")
    session = await recorded()
    assert "ACME-" not in raw(session) and "opensesame" not in raw(session) and "plainly" in raw(session)
    assert session.header.redaction == "secrets, 1 pattern, 1 place"


@given(before=st.text("ab1- ", max_size=90), after=st.text("ab1- ", max_size=90), sizes=st.lists(st.integers(1, 30)))
def test_a_match_is_replaced_however_a_stream_cuts_it(before: str, after: str, sizes: list[int]) -> None:
    rest, pieces = f"{before}ACME-123456{after}", []
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    tail = Tail(Redactor({}, patterns=(re.compile(r"ACME-\d{6}"),)))
    said = "".join(tail.take(piece)[0] for piece in [*pieces, rest]) + tail.rest()[0]
    assert said.startswith(before) and said.endswith(after) and "ACME" not in said and "123456" not in said


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("pointer", ["fetch:/headers/Authorization", "f*:/*/Authorization"])
async def test_a_place_in_a_tools_input_is_left_out_of_every_record_of_the_call(pointer: str, runtime: str) -> None:
    session = await recorded(runtime, redact=[pointer])
    said = raw(session)
    assert "opensesame" not in said and "opense" not in said and "plainly" in said
    for record in session.records():
        if isinstance(record, (r.ToolStart, r.ToolEnd)):
            assert record.input["headers"]["Authorization"] == "[left out]" and record.input["url"] == INPUT["url"]
    assert '"text":"Fetching ' in said  # what is no input of that tool streams as ever


async def test_an_edit_of_such_a_place_is_left_out_too() -> None:
    from tracer.recorder import Recording

    recording = Recording("x", privacy=privacy(["fetch:/headers/Authorization"]))
    recording.write(r.ToolStart(name="fetch", tool_use_id="t1", input=INPUT))
    recording.write(r.Edited(what="input", tool_use_id="t1", before=INPUT, after={**INPUT, "url": "b"}))
    recording.write(r.Edited(what="input", tool_use_id="t1", before="opensesame", after=None))
    recording.close()
    assert "opensesame" not in recording.path.read_text() and "plainly" in recording.path.read_text()


async def test_a_function_sees_whole_texts_and_what_it_says_is_recorded() -> None:
    seen: list[str] = []

    def shout(value: str) -> str:
        seen.append(value)
        return value.upper()

    session = await recorded(redact=[shout])
    assert "It says ACME-654321." in seen and "IT SAYS ACME-654321." in raw(session)
    assert "be quiet" not in raw(session) and "ponder" not in raw(session)
    ends = [x for x in session.records() if isinstance(x, r.ToolEnd)]
    assert ends[0].status == "success" and ends[0].name == "fetch"


def _raise(value: str) -> str:
    raise ValueError(value)


@pytest.mark.parametrize("function", [_raise, lambda value: None, lambda value: value.encode()])
async def test_a_function_that_fails_leaves_the_content_out(
    function: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tracer"):
        session = await recorded(redact=[function])
    said = raw(session)
    for word in ("ACME", "opensesame", "ponder", "please", "quiet", "pageant"):
        assert word not in said, word
    assert "left out" in said and caplog.text.count("redaction rule failed") == 1 and "ACME" not in caplog.text
    assert [s.status for s in session.spans()].count("ok") == len(session.spans())
    assert not [x for x in session.records() if isinstance(x, r.Gap)]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_metadata_holds_how_it_went_and_nothing_of_what_was_said(runtime: str) -> None:
    session = await recorded(runtime, record="metadata")
    said = raw(session)
    for word in ("ACME", "opensesame", "ponder", "please", "quiet", "pageant", "Fetch a page"):
        assert word not in said, word
    assert session.header.redaction == "secrets, metadata only"
    spans = [(s.kind, s.name, s.status) for s in session.spans()]
    assert ("tool", "fetch", "ok") in spans and len(spans) == 6
    tools = next(x for x in session.records() if isinstance(x, r.Content) and x.what == "tools")
    assert [tool["name"] for tool in tools.value] == ["fetch"]
    again = [event async for event in tracer.replay(session, speed=0)]
    assert again[-1]["result"].stop_reason == "end_turn"


async def test_metadata_of_a_failure_names_the_class_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_RECORD", "metadata")
    agent = make_agent("own", [[text("half "), fail(RuntimeError("about opensesame"))]])
    recording = tracer.attach(agent)
    with pytest.raises(RuntimeError):
        async for _ in agent.stream_async("go"):
            continue
    recording.close()
    assert "opensesame" not in recording.path.read_text() and "half" not in recording.path.read_text()
    end = next(x for x in tracer.open(recording.id).records() if isinstance(x, r.InvocationEnd))
    assert end.error and end.error.type == "RuntimeError"


# What tells how a run went, and not what was said in it. A new field belongs here, or into `CONTENT`.
TELLING = """
session: agent cwd git host id labels parent pid pid_start python redaction resource runtime socket start v versions
content: hash what | invocation_start: agent agent_id caller conversation_id labels traceparent tracestate
invocation_end: cost ending stop_reason usage | cycle_start: | cycle_end: ending
model_start: attempt base count dropped messages model system tool_choice tools
model_end: attempt cost latency_ms stop_reason ttfc usage
block_start: tool tool_use_id | delta: lead tail | block_stop: | message: origin role silent
tool_start: attempt index name tool_use_id where | tool_stream: index of tool_use_id twin
tool_end: attempt duration index name status tool_use_id | event: untwinned | throttled: attempt delay
force_stop: error | log: level logger source tool_use_id | loop_blocked: lag over tool_use_id where
stopped: breakpoint id index name point reason tool_use_id viewers | resumed: act id point who
edited: path stop tool_use_id what where who | gap: count | session_end: reason totals
"""


def test_each_field_of_each_record_is_content_or_tells_how_it_went() -> None:
    told = dict(part.split(":", 1) for part in re.split(r"[|\n]", TELLING) if part.strip())
    known = {kind.strip(): set(fields.split()) for kind, fields in told.items()}
    for kind, cls in r.KINDS.items():
        common = set(r.Record.__struct_fields__)
        fields = set(cls.__struct_fields__) - common
        assert fields - known[kind] == set(CONTENT.get(cls, ())), kind


def test_a_rule_that_is_wrong_records_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_agent("own", ["fine"])
    with pytest.raises(TracerError, match="no regular expression"):
        tracer.attach(agent, redact=["("])
    with pytest.raises(TracerError, match="no recording mode"):
        tracer.attach(agent, record="some")
    monkeypatch.setenv("TRACER_REDACT", "(")
    recording = tracer.attach(agent)
    assert "no regular expression" in recording.failed
    agent("go")
    assert not list(home.glob("sessions/*"))


def test_rules_are_told_apart() -> None:
    rules = privacy(["a+b", "http_*:/headers/X~1Y", str.upper, "https?://x", "x:y"], "metadata")
    assert [p.pattern for p in rules.patterns] == ["a+b", "https?://x", "x:y"]
    assert [(p.tool, p.keys) for p in rules.places] == [("http_*", ("headers", "X/Y"))]
    assert str(rules) == "3 patterns, 1 place, 1 function, metadata only"
    assert json.dumps(str(privacy())) == '""'
