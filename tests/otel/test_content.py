"""Content leaves only when asked for, in the conventions' schemas, and is valid JSON at any length."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.otel.test_spans import spans
from tracer import records as r
from tracer.otel import parts
from tracer.otel.clip import clipped
from tracer.otel.export import mapper_of, spans_of
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session

SCHEMAS = Path(__file__).parents[3] / "shared" / "semconv"
KEYS = {
    "gen_ai.input.messages": "gen-ai-input-messages.json",
    "gen_ai.output.messages": "gen-ai-output-messages.json",
    "gen_ai.system_instructions": "gen-ai-system-instructions.json",
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
blocks = st.one_of(
    st.builds(lambda t: {"text": t}, st.text()),
    st.builds(lambda n, v: {"toolUse": {"toolUseId": "t1", "name": n, "input": v}}, st.text(), values),
    st.builds(lambda t: {"reasoningContent": {"reasoningText": {"text": t}}}, st.text()),
    st.builds(lambda t: {"toolResult": {"toolUseId": "t1", "content": [{"text": t}, {"json": [t]}]}}, st.text()),
    st.dictionaries(st.sampled_from(["text", "toolUse", "toolResult", "reasoningContent", "image", "x"]), values),
)


def schema(key: str) -> Any:
    path = SCHEMAS / KEYS[key]
    if not path.exists():
        pytest.skip(f"the GenAI schemas are not next to this checkout ({path.name})")
    return json.loads(path.read_text())


def rich(path: Path) -> Session:
    build = SessionBuilder(path).start("what is 6*7?")
    build.put(r.Content(hash="h1", what="system", value="You are terse."))
    build.cycle().put(r.ModelStart(model="openai/x", system="h1", messages=[2]))
    build.put(r.BlockStart())
    build.put(r.Delta(reasoning="hm"))
    build.put(r.BlockStart(tool="calculator", tool_use_id="c1"))
    build.put(r.Delta(input='{"expression": '))
    build.put(r.Delta(input='"6*7"}'))
    build.put(r.BlockStart(tool="broken", tool_use_id="c2"))
    build.put(r.Delta(input='{"half'))
    build.put(r.ModelEnd(stop_reason="tool_use"))
    build.tool("calculator", {"expression": "6*7"}, "42").tool("broken", "{", error="bad input").complete()
    return build.end().close()


def test_nothing_said_leaves_unless_it_is_asked_for(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "think tools3 toolerror fail")
    said = list(spans_of(session, mapper_of(session)))
    for word in ("please", "forty-nine", "Let me", "expression", "division", "about to"):
        assert word not in repr(said)
    assert "forty-nine" in repr(list(spans_of(session, mapper_of(session, content=True))))


def test_each_attribute_of_content_fits_its_schema(tmp_path: Path) -> None:
    sessions = [rich(tmp_path / "a.jsonl"), build_session(tmp_path / "b.jsonl", "think tools3 toolerror fail")]
    checked = set()
    for session in sessions:
        for span in spans_of(session, mapper_of(session, content=True)):
            for key in KEYS.keys() & span.attributes.keys():
                jsonschema.validate(json.loads(str(span.attributes[key])), schema(key))
                checked.add(key)
    assert checked == set(KEYS)


def test_a_calls_content_is_what_it_sent_and_what_it_said(tmp_path: Path) -> None:
    said = spans(rich(tmp_path / "s.jsonl"), content=True)
    chat, tool = said["chat x"].attributes, said["execute_tool calculator"].attributes
    assert json.loads(str(chat["gen_ai.system_instructions"])) == [{"type": "text", "content": "You are terse."}]
    (asked,) = json.loads(str(chat["gen_ai.input.messages"]))
    assert asked == {"role": "user", "parts": [{"type": "text", "content": "what is 6*7?"}]}
    (answer,) = json.loads(str(chat["gen_ai.output.messages"]))
    assert answer["finish_reason"] == "tool_call"
    assert answer["parts"] == [
        {"type": "reasoning", "content": "hm"},
        {"type": "tool_call", "id": "c1", "name": "calculator", "arguments": {"expression": "6*7"}},
        {"type": "tool_call", "id": "c2", "name": "broken", "arguments": '{"half'},
    ]
    assert json.loads(str(tool["gen_ai.tool.call.arguments"])) == {"expression": "6*7"}
    assert json.loads(str(tool["gen_ai.tool.call.result"])) == "42"
    assert said["execute_tool broken"].error == "bad input"


def test_a_message_goes_out_with_the_first_call_that_sends_it(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "say say say")
    chats = [s for s in spans_of(session, mapper_of(session, content=True)) if s.name.startswith("chat")]
    sent = [json.loads(str(chat.attributes["gen_ai.input.messages"])) for chat in chats]
    assert [[message["role"] for message in messages] for messages in sent] == [["user"], ["assistant"], ["assistant"]]


@given(st.lists(blocks, max_size=5))
def test_any_message_fits_the_schema(content: list[Any]) -> None:
    message = parts.message("user", content)
    text, _ = clipped([message])
    jsonschema.validate(json.loads(text), schema("gen_ai.input.messages"))


@given(values | st.text(min_size=400) | st.lists(st.text(min_size=60), min_size=30), st.integers(200, 2000))
def test_clipped_text_is_json_of_the_size_asked_for(value: Any, limit: int) -> None:
    text, cut = clipped(value, limit)
    assert len(text.encode()) <= limit
    assert (json.loads(text) == value) if not cut else (json.loads(text) is not None)


def test_a_long_conversation_is_cut_inside_its_parts(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start("é" * 300_000).cycle().model("ok").complete().end()
    chat = spans(build.close(), content=True)["chat scripted/demo"].attributes
    text = str(chat["gen_ai.input.messages"])
    assert len(text.encode()) <= 64 << 10
    (message,) = json.loads(text)
    assert message["parts"][0]["content"].startswith("éé")
    whole = len('[{"role":"user","parts":[{"type":"text","content":""}]}]') + 600_000
    assert chat["tracer.content.truncated_bytes"] == whole - len(text.encode())
