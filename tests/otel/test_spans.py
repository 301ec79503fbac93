"""The mapping: names, kinds, attributes, events, status and ids of each span, as the GenAI conventions have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.otel.shapes import TRACEPARENT
from tracer import ids
from tracer import records as r
from tracer.otel.attributes import provider_and_model
from tracer.otel.data import SpanData
from tracer.otel.export import mapper_of, spans_of
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session


def spans(session: Session, content: bool = False) -> dict[str, SpanData]:
    """By name; of several with one name the first that ended."""
    found: dict[str, SpanData] = {}
    for span in spans_of(session, mapper_of(session, content=content)):
        found.setdefault(span.name, span)
    return found


def test_the_tree_has_the_conventions_names_and_kinds(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "tool say")
    said = list(spans_of(session, mapper_of(session)))
    names = {span.span_id: span.name for span in said}
    edges = sorted((names.get(span.parent_id, ""), span.name, span.kind) for span in said)
    cycle = "execute_event_loop_cycle"
    assert edges == [
        ("", "invoke_agent tester", "INTERNAL"),
        (cycle, "chat scripted/demo", "CLIENT"),
        (cycle, "chat scripted/demo", "CLIENT"),
        (cycle, "execute_tool calculator", "INTERNAL"),
        ("invoke_agent tester", cycle, "INTERNAL"),
        ("invoke_agent tester", cycle, "INTERNAL"),
    ]
    assert {span.trace_id for span in said} == {ids.trace_id("s", "0")}
    assert ids.span_id("s", "inv:0/cycle:1/tool:0") in names


def test_times_are_the_recorded_ones(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "say")
    root = spans(session)["invoke_agent tester"]
    folded = session.spans()[0]
    assert root.start == session.header.start + folded.start
    assert root.end == session.header.start + (folded.end or 0)


def test_a_model_call_says_what_was_asked_and_counted(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build.put(
        r.ModelStart(model="openai/gpt-4o", params={"temperature": 0.2, "max_tokens": 9, "stop": "x", "seed": True})
    )
    build.put(r.Delta(text="hi"))
    used = r.Usage(10, 20, 30, cache_read=3, cache_write=4, reasoning=5)
    build.put(r.ModelEnd(stop_reason="max_tokens", usage=used, cost=0.5, ttfc=250_000_000))
    said = spans(build.complete().end().close())["chat gpt-4o"].attributes
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.stop_sequences": ["x"],
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_write.input_tokens": 4,
        "gen_ai.usage.cache_creation.input_tokens": 4,
        "gen_ai.usage.reasoning.output_tokens": 5,
        "tracer.stream.chunks": 1,
        "tracer.cost_usd": 0.5,
        "tracer.session.id": "s",
        "tracer.invocation": "0",
        "tracer.cycle": 1,
    }


@pytest.mark.parametrize(
    ("recorded", "provider", "model"),
    [
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("bedrock/us.anthropic.claude", "aws.bedrock", "us.anthropic.claude"),
        ("vertex_ai/gemini-2.5", "gcp.vertex_ai", "gemini-2.5"),
        ("openrouter/meta-llama/llama-3", "openrouter", "meta-llama/llama-3"),
        ("scripted/demo", "scripted", "scripted/demo"),
        ("gpt-4o", "openai", "gpt-4o"),
        ("my-model", "unknown", "my-model"),
    ],
)
def test_the_provider_is_read_from_the_models_name(recorded: str, provider: str, model: str) -> None:
    assert provider_and_model(recorded) == (provider, model)


def test_an_inbound_traceparent_is_the_parent_of_the_root(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl")
    build.put(
        r.InvocationStart(inv="0", agent="tester", traceparent=TRACEPARENT, tracestate="a=b", conversation_id="c1")
    )
    build.inv = "0"
    said = spans(build.cycle().model("hi").complete().end().close())
    root = said["invoke_agent tester"]
    assert (root.trace_id, root.parent_id) == tuple(TRACEPARENT.split("-")[1:3])
    assert root.remote_parent
    assert root.tracestate == "a=b"
    assert root.attributes["gen_ai.conversation.id"] == "c1"
    assert said["chat scripted/demo"].trace_id == root.trace_id
    assert not said["chat scripted/demo"].remote_parent


def test_no_conversation_id_is_invented(tmp_path: Path) -> None:
    assert (
        "gen_ai.conversation.id"
        not in spans(build_session(tmp_path / "s.jsonl", "say"))["invoke_agent tester"].attributes
    )


def test_a_failure_is_an_error_with_its_type_and_a_success_is_unset(tmp_path: Path) -> None:
    said = spans(build_session(tmp_path / "s.jsonl", "toolerror fail"))
    tool = said["execute_tool calculator"]
    assert tool.attributes["error.type"] == "RuntimeError"
    assert tool.error == ""  # its message is content
    root = said["invoke_agent tester"]
    assert root.error == "connection reset"
    assert root.attributes["error.type"] == "RuntimeError"
    assert root.attributes["tracer.ending"] == "error"
    assert said["chat scripted/demo"].error is None
    assert "error.type" not in said["chat scripted/demo"].attributes


def test_a_limit_is_a_forced_stop_with_a_short_reason(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    index = build.model("hi", calls=[("wait", {})]).tool_start("wait")
    assert index == 0
    build.force_stop("x" * 1000, error="").end("limit")
    said = spans(build.close())
    cycle, root, tool = said["execute_event_loop_cycle"], said["invoke_agent tester"], said["execute_tool wait"]
    for span in (cycle, root):
        assert span.attributes["error.type"] == "force_stop"
        assert span.attributes["tracer.force_stop.reason"] == "x" * 256
        assert [event.name for event in span.events].count("tracer.force_stop") == 1
    assert tool.error is None
    assert tool.attributes["tracer.incomplete"] is True


def test_messages_are_events_without_content_and_never_too_many(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start("secret prompt").cycle()
    for _ in range(200):
        build.results("secret result", "other")
    said = spans(build.complete().end().close())
    cycle = said["execute_event_loop_cycle"]
    assert len(cycle.events) == 120
    assert cycle.attributes["tracer.events.dropped"] == 80
    event = cycle.events[0]
    assert event.attributes["parts"] == ["toolResult", "toolResult"]
    assert event.attributes["role"] == "user"
    assert "secret" not in repr(said)


def test_a_sub_agent_hangs_below_the_tool_that_called_it(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("", calls=[("helper", {})])
    build.tool_start("helper")
    caller = build.seq - 1
    inner: dict[str, Any] = {"inv": "0.0", "cycle": 1}
    build.put(r.InvocationStart(inv="0.0", agent="helper", caller=caller))
    build.put(r.CycleStart(**inner))
    build.put(r.ModelStart(model="openai/x", **inner))
    build.put(r.ModelEnd(stop_reason="end_turn", **inner))
    build.put(r.CycleEnd(**inner))
    build.put(r.InvocationEnd(ending="end_turn", inv="0.0"))
    said = spans(build.tool_end(0, "helper").complete().end().close())
    assert said["invoke_agent helper"].parent_id == said["execute_tool helper"].span_id
    assert {span.trace_id for span in said.values()} == {ids.trace_id("s", "0")}


def test_the_debuggers_pauses_and_edits_are_told(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("", calls=[("wipe", {})])
    build.tool_start("wipe")
    build.put(r.Stopped(id=1, point="before_tool", tool_use_id="call_1_0"))
    build.put(r.Edited(what="tool input", who="debugger", tool_use_id="call_1_0"), ms=5)
    build.put(r.Resumed(id=1, act="continue"), ms=500)
    said = spans(build.tool_end(0, "wipe").complete().end().close())
    assert said["execute_tool wipe"].attributes["tracer.paused_ms"] == 505.0
    assert said["execute_tool wipe"].attributes["tracer.edited"] is True
    assert said["invoke_agent tester"].attributes["tracer.paused_ms"] == 505.0


@pytest.mark.parametrize("content", [False, True])
def test_an_edit_is_an_event_with_who_and_without_what_unless_asked(tmp_path: Path, content: bool) -> None:
    where = r.Where("/home/me/app.py", 12, "cut")
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build.put(r.Edited(what="request", path="messages[0]", before="secret", after="x" * 99_999))
    build.model("", calls=[("wipe", {})]).tool_start("wipe")
    build.put(r.Edited(what="input", before={"a": 1}, after=2, who="hook cut", where=where, tool_use_id="call_1_0"))
    said = spans(build.tool_end(0, "wipe").complete().end().close(), content)
    (edit,) = [event for event in said["execute_tool wipe"].events if event.name == "tracer.edited"]
    (found,) = [event for event in said["execute_event_loop_cycle"].events if event.name == "tracer.edited"]
    assert (edit.attributes["what"], edit.attributes["by"]) == ("input", "hook cut (app.py:12)")
    assert found.attributes["by"] == "no hook (found changed since the last call)"
    shown = {key: edit.attributes.get(key) for key in ("path", "before", "after")}
    assert shown == ({"path": "", "before": '{"a":1}', "after": "2"} if content else dict.fromkeys(shown))
    assert ("secret" in str(found.attributes)) is content and len(str(found.attributes)) < 10_000


def test_the_prompt_is_the_roots_event_and_history_is_none(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start("hello")
    build.put(r.Message(role="user", content=[{"text": "earlier"}], origin="history", silent=True))
    root = spans(build.cycle().model("hi").complete().end().close())["invoke_agent tester"]
    (event,) = root.events
    assert event.attributes["origin"] == "prompt"
    assert event.time == 1_700_000_000_002_000_000


def test_a_clock_that_went_back_gives_no_negative_duration(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build.put(r.ModelStart(model="openai/x"))
    build.t -= 5_000_000
    build.put(r.ModelEnd(stop_reason="end_turn"))
    chat = spans(build.complete().end().close())["chat x"]
    assert chat.start == chat.end
