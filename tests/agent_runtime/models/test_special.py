"""What single providers send beyond text and tools, kept in the message and sent back: Anthropic's thoughts, citations
and own tools, Gemini's thought signatures, Groq's usage; and answers that were cut."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime import Agent, LiteLLMModel, tool
from tests.agent_runtime.outline import outline
from tests.provider import Provider, anthropic, call, stream, turn

THOUGHT = (
    {"type": "thinking", "thinking": "", "signature": ""},
    [{"type": "thinking_delta", "thinking": "Hm"}, {"type": "signature_delta", "signature": "sig=="}],
)
REDACTED = ({"type": "redacted_thinking", "data": "c2VjcmV0"}, [])
FOUND = [{"type": "web_search_result", "title": "T", "url": "https://a.example/x", "encrypted_content": "e"}]
SEARCHED = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": FOUND}
CITED = {"type": "web_search_result_location", "cited_text": "57 F", "url": "https://a.example/x", "title": "T"}


def text(words: str, *citations: dict[str, Any]) -> Any:
    cited = [{"type": "citations_delta", "citation": citation} for citation in citations]
    return {"type": "text", "text": ""}, [*cited, {"type": "text_delta", "text": words}]


def use(id: str, name: str, input: str) -> Any:
    kind = "server_tool_use" if id.startswith("srv") else "tool_use"
    return {"type": kind, "id": id, "name": name, "input": {}}, [{"type": "input_json_delta", "partial_json": input}]


@tool
def add(a: int) -> int:
    """Add one."""
    return a + 1


async def converse(provider: Provider, *turns: Any, model: str = "anthropic/local") -> tuple[Agent, list[Any]]:
    """An agent after two prompts, and the events of the first."""
    provider.turns = turns
    base = provider.base if model.startswith("anthropic") else f"{provider.base}/v1"
    agent = Agent(LiteLLMModel({"api_base": base, "api_key": "k"}, model_id=model), tools=[add], callback_handler=None)
    events = [event async for event in agent.stream_async("hi")]
    await agent.invoke_async("and now?")
    return agent, events


def sent_back(provider: Provider) -> Any:
    """The first answer, as the last request holds it."""
    return next(message for message in provider.requests[-1]["messages"] if message["role"] == "assistant")["content"]


async def test_signed_and_redacted_thoughts_go_back_as_they_came(provider: Provider) -> None:
    agent, events = await converse(provider, anthropic(THOUGHT, REDACTED, text("Hi")), anthropic(text("Yes")))
    assert agent.messages[1]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "sig=="}}},
        {"reasoningContent": {"redactedContent": b"c2VjcmV0"}},
        {"text": "Hi"},
    ]
    assert "reasoningText reasoning_signature reasoningRedactedContent data" in outline(events)
    assert sent_back(provider) == [
        {"type": "thinking", "thinking": "Hm", "signature": "sig=="},
        {"type": "redacted_thinking", "data": "c2VjcmV0"},
        {"type": "text", "text": "Hi"},
    ]


async def test_two_thoughts_that_follow_each_other_keep_a_signature_each(provider: Provider) -> None:
    agent, _ = await converse(provider, anthropic(THOUGHT, THOUGHT, text("Hi")), anthropic(text("Yes")))
    signed = {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "sig=="}}}
    assert agent.messages[1]["content"] == [signed, signed, {"text": "Hi"}]


async def test_thoughts_before_a_tool_call_are_there_when_its_result_is_sent(provider: Provider) -> None:
    first = anthropic(THOUGHT, use("toolu_1", "add", '{"a": 1}'), stop="tool_use")
    await converse(provider, first, anthropic(text("2")), anthropic(text("Yes")))
    assert [part["type"] for part in provider.requests[1]["messages"][1]["content"]] == ["thinking", "tool_use"]


async def test_a_tool_that_the_provider_ran_is_neither_run_nor_answered(provider: Provider) -> None:
    first = anthropic(
        THOUGHT,
        text("Let me look. "),
        use("srvtoolu_1", "web_search", '{"query": "x"}'),
        (SEARCHED, []),
        text("It is "),
        text("57 F", CITED),
        text("."),
    )
    agent, events = await converse(provider, first, anthropic(text("Yes")))
    assert outline(events).endswith("citation data message(assistant:" + outline(events).split("assistant:")[1])
    assert [message["role"] for message in agent.messages] == ["user", "assistant", "user", "assistant"]
    place = {"web": {"url": "https://a.example/x", "domain": "a.example"}}
    cited = {"title": "T", "sourceContent": [{"text": "57 F"}], "location": place}
    told = {"toolUseId": "srvtoolu_1", "type": "web_search_tool_result", "status": "success"}
    asked = {"toolUseId": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}, "type": "server_tool_use"}
    assert agent.messages[1]["content"][1:] == [
        {"text": "Let me look. "},
        {"toolUse": asked},
        {"toolResult": {**told, "content": [{"json": FOUND}]}},
        {"text": "It is "},
        {"citationsContent": {"citations": [cited], "content": [{"text": "57 F"}]}},
        {"text": "."},
    ]
    assert sent_back(provider) == [
        {"type": "thinking", "thinking": "Hm", "signature": "sig=="},
        {"type": "text", "text": "Let me look. "},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        SEARCHED,
        {"type": "text", "text": "It is "},
        {"type": "text", "text": "57 F"},
        {"type": "text", "text": "."},
    ]


async def test_beside_a_tool_of_the_provider_ours_runs(provider: Provider) -> None:
    """Its search gives no result that litellm passes on: without one the call is not sent back."""
    search, ours = use("srvtoolu_1", "tool_search_tool_bm25", '{"query": "x"}'), use("toolu_1", "add", '{"a": 1}')
    first = anthropic(text("So. "), search, ours, stop="tool_use")
    agent, _ = await converse(provider, first, anthropic(text("2")), anthropic(text("Yes")))
    results = [block["toolResult"] for block in agent.messages[2]["content"]]
    assert results == [{"toolUseId": "toolu_1", "status": "success", "content": [{"text": "2"}]}]
    assert [part["type"] for part in sent_back(provider)] == ["text", "tool_use"]


async def test_invalid_input_is_told_of_our_tool_and_not_of_the_providers_before_it(provider: Provider) -> None:
    first = anthropic(use("srvtoolu_1", "web_search", "{"), use("toolu_1", "add", '{"a": '), stop="tool_use")
    agent, _ = await converse(provider, first, anthropic(text("Oh")), anthropic(text("Yes")))
    (result,) = [block["toolResult"] for block in agent.messages[2]["content"]]
    assert result["toolUseId"] == "toolu_1" and '{"a": ' in result["content"][0]["text"]


async def test_other_providers_are_sent_none_of_it(provider: Provider) -> None:
    agent, _ = await converse(
        provider, anthropic(THOUGHT, use("srvtoolu_1", "web_search", "{}"), (SEARCHED, []), text("57 F", CITED))
    )
    agent.model = LiteLLMModel({"api_base": f"{provider.base}/v1", "api_key": "k"}, model_id="openai/local")
    provider.begin([turn("Fine.")])
    await agent.invoke_async("go on")
    assert provider.requests[0]["messages"][1] == {"role": "assistant", "content": "57 F"}


@pytest.mark.parametrize("words", [["Half an "], ["Half an ", call("add", '{"a": ')]], ids=["text", "call"])
async def test_a_stream_without_an_end_is_told_and_what_came_is_kept(provider: Provider, words: list[Any]) -> None:
    _, events = await converse(provider, turn(*words, finish=None), turn("Fine."), model="openai/local")
    assert outline(events).endswith("force_stop result(end_turn)")
    assert not any("messageStop" in event.get("event", {}) for event in events)
    assert events[-1]["result"].message["content"][0] == {"text": "Half an "}


async def test_a_stream_of_anthropic_that_was_cut_is_told(provider: Provider) -> None:
    _, events = await converse(provider, anthropic(text("Half an "))[:-2], anthropic(text("Yes")))
    assert outline(events).endswith("force_stop result(end_turn)")


async def test_a_complete_call_needs_no_end(provider: Provider) -> None:
    """Some local servers send none."""
    first = turn(call("add", {"a": 1}), finish=None)
    agent, events = await converse(provider, first, turn("2"), turn("Yes."), model="openai/local")
    assert "force_stop" not in outline(events)
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "2"}]


async def test_the_usage_that_groq_tells_in_a_place_of_its_own(provider: Provider) -> None:
    told = stream({"content": "Hi"})
    told[-1]["x_groq"] = {"usage": {"prompt_tokens": 18, "completion_tokens": 73, "total_tokens": 91}}
    _, events = await converse(provider, told, model="openai/local")
    usage = next(event["event"]["metadata"]["usage"] for event in events if "metadata" in event.get("event", {}))
    assert (usage["inputTokens"], usage["outputTokens"], usage.get("estimated")) == (18, 73, None)


async def test_geminis_thought_signature_goes_back_with_the_call(provider: Provider) -> None:
    def said(part: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0, **more}]}

    asked = {"functionCall": {"name": "add", "args": {"a": 1}}, "thoughtSignature": "c2ln"}
    provider.turns = [[said(asked, finishReason="STOP")], [said({"text": "2"}, finishReason="STOP")]]
    model = LiteLLMModel({"api_base": provider.base, "api_key": "k"}, model_id="gemini/gemini-2.5-flash")
    agent = Agent(model, tools=[add], callback_handler=None)
    assert (await agent.invoke_async("hi")).stop_reason == "end_turn"
    assert agent.messages[1]["content"][0]["toolUse"]["reasoningSignature"] == "c2ln"
    (part,) = provider.requests[1]["contents"][1]["parts"]
    assert (part.get("thoughtSignature"), part["function_call"]["name"]) == ("c2ln", "add")
