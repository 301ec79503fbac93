"""Strands messages become OpenAI ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent_runtime.models.chat.request import messages_of, tool_choice_of, tools_of

PNG = {"format": "png", "source": {"bytes": b"\x89PNG"}}


def test_a_tool_round() -> None:
    use = {"toolUseId": "c1", "name": "add", "input": {"a": "é"}}
    result = {"toolUseId": "c1", "status": "error", "content": [{"text": "Error: x"}, {"json": {"n": 1}}]}
    sent = messages_of(
        [
            {"role": "user", "content": [{"text": "hi"}]},
            {"role": "assistant", "content": [{"text": "I add"}, {"toolUse": use}]},
            {"role": "user", "content": [{"toolResult": result}, {"text": "and?"}]},
        ],
        "Be brief",
    )
    assert sent == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": "I add",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": "é"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": 'Error: x\n{"n": 1}'},
        {"role": "user", "content": "and?"},
    ]


def test_reasoning_is_not_sent_back() -> None:
    thought = {"reasoningContent": {"reasoningText": {"text": "secret"}}}
    sent = messages_of(
        [{"role": "assistant", "content": [thought, {"text": "Hi"}]}, {"role": "assistant", "content": [thought]}]
    )
    assert sent == [{"role": "assistant", "content": "Hi"}]


def test_images_of_a_tool_follow_as_the_users() -> None:
    results = [
        {"toolResult": {"toolUseId": id, "status": "success", "content": content}}
        for id, content in (("c1", [{"image": PNG}]), ("c2", [{"text": "ok"}]))
    ]
    sent = messages_of([{"role": "user", "content": results}])
    assert [message["role"] for message in sent] == ["tool", "tool", "user"]
    assert sent[2]["content"][0]["image_url"]["url"] == "data:image/png;base64,iVBORw=="
    assert "following user message" in sent[0]["content"]


def test_documents_and_a_block_without_a_form() -> None:
    document = {"document": {"name": "a", "format": "pdf", "source": {"bytes": b"x"}}}
    part = messages_of([{"role": "user", "content": [{"text": "read"}, document]}])[0]["content"][1]
    assert part["file"] == {"file_data": "data:application/pdf;base64,eA==", "filename": "a"}
    with pytest.raises(TypeError, match="video"):
        messages_of([{"role": "user", "content": [{"video": {}}]}])


def test_a_system_prompt_of_blocks_keeps_its_cache_point() -> None:
    sent = messages_of([], [{"text": "long"}, {"cachePoint": {"type": "default"}}])
    assert sent[0]["content"] == [{"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}}]


def test_raw_input_that_is_no_json_is_not_sent_as_json() -> None:
    uses = [{"toolUse": {"toolUseId": "c", "name": "n", "input": given}} for given in ('{"a', '{"a": 1}')]
    calls = messages_of([{"role": "assistant", "content": uses}])[0]["tool_calls"]
    assert [call["function"]["arguments"] for call in calls] == ["{}", '{"a": 1}']


def test_a_name_that_no_tool_can_have_does_not_spoil_the_request() -> None:
    uses = [{"toolUse": {"toolUseId": "c", "name": name, "input": {}}} for name in ("get weather!", "", "a" * 70)]
    calls = messages_of([{"role": "assistant", "content": uses}])[0]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["INVALID_TOOL_NAME"] * 3


def test_a_blank_answer_does_not_spoil_the_request() -> None:
    use = {"toolUse": {"toolUseId": "c", "name": "n", "input": {}}}
    contents: list[Any] = [[], [{"text": " "}], [{"text": " "}, use], [{"text": "a"}, {"text": ""}]]
    sent = messages_of([{"role": "assistant", "content": content} for content in contents])
    assert [message.get("content") for message in sent[:3]] == ["[blank text]", "[blank text]", None]
    assert [part["text"] for part in sent[3]["content"]] == ["a", "[blank text]"]


def test_half_a_surrogate_pair_does_not_spoil_the_request() -> None:
    use = {"toolUse": {"toolUseId": "c", "name": "n", "input": {"a": "\ud800"}}}
    result = {"toolResult": {"toolUseId": "c", "status": "success", "content": [{"json": "\ud800"}]}}
    content = [{"text": "a\ud800b"}]
    sent = messages_of(
        [
            {"role": "user", "content": content},
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
        ],
        "\ud800",
    )
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    json.dumps(sent, ensure_ascii=False).encode()
    assert sent[1]["content"] == "a?b"


def test_tools_and_their_choice() -> None:
    spec = {"name": "add", "description": "Add.", "inputSchema": {"json": {"type": "object"}}}
    assert tools_of([spec])[0]["function"]["parameters"] == {"type": "object"}
    assert tools_of(None) == []
    assert [tool_choice_of(choice) for choice in (None, {"auto": {}}, {"any": {}}, {"tool": {"name": "add"}})] == [
        None,
        "auto",
        "required",
        {"type": "function", "function": {"name": "add"}},
    ]
