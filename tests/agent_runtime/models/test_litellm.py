"""LiteLLMModel against a provider on this machine: what it sends, what it makes of the answer, how it fails."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest

from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.models import LiteLLMModel, Model, describe_error
from tests.provider import DROP, HANG, Provider, refusal, stream

PROMPT = [{"role": "user", "content": [{"text": "hi"}]}]
ADD = {"name": "add", "description": "Add.", "inputSchema": {"json": {"type": "object", "properties": {}}}}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def local(provider: Provider, **params: Any) -> LiteLLMModel:
    return LiteLLMModel({"api_base": f"{provider.base}/v1"}, model_id="openai/local", params=params or None)


async def play(model: LiteLLMModel, into: list[Any] | None = None, **kwargs: Any) -> list[Any]:
    chunks: list[Any] = [] if into is None else into
    async for chunk in model.stream(PROMPT, **kwargs):
        chunks.append(chunk)
    return chunks


def deltas(chunks: list[Any]) -> list[Any]:
    return [chunk["contentBlockDelta"]["delta"] for chunk in chunks if "contentBlockDelta" in chunk]


def part(chunks: list[Any], name: str) -> Any:
    return next(chunk[name] for chunk in chunks if name in chunk)


async def test_what_is_sent(provider: Provider) -> None:
    provider.says({"content": "Hi"})
    model = local(provider, temperature=0.5, max_tokens=9)
    await play(model, tool_specs=[ADD], system_prompt="Be brief", tool_choice={"any": {}}, params={"max_tokens": 7})
    sent = provider.requests[0]
    assert sent["messages"] == [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "hi"}]
    assert sent["tools"][0]["function"]["name"] == "add"
    assert (sent["tool_choice"], sent["temperature"], sent["max_tokens"]) == ("required", 0.5, 7)
    assert (sent["stream"], sent["stream_options"]) == (True, {"include_usage": True})
    assert provider.headers["authorization"] == "Bearer no-key-needed"


async def test_a_key_in_the_environment_is_used(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    provider.says({"content": "Hi"})
    await play(local(provider))
    assert provider.headers["authorization"] == "Bearer sk-mine"


async def test_text_reasoning_and_the_providers_usage(provider: Provider) -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 2}}
    told = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18, **details}
    provider.says({"reasoning_content": "Hm"}, {"content": "H"}, {"content": "i"}, usage=told)
    chunks = await play(local(provider))
    assert chunks[0] == {"messageStart": {"role": "assistant"}}
    assert deltas(chunks) == [{"reasoningContent": {"text": "Hm"}}, {"text": "H"}, {"text": "i"}]
    assert part(chunks, "messageStop") == {"stopReason": "end_turn"}
    assert part(chunks, "metadata")["usage"] == {
        "inputTokens": 11,
        "outputTokens": 7,
        "totalTokens": 18,
        "cacheReadInputTokens": 3,
        "reasoningTokens": 2,
    }
    assert "cost" not in part(chunks, "metadata")


async def test_a_guessed_usage_says_so(provider: Provider) -> None:
    provider.says({"content": "Hi there"})
    assert part(await play(local(provider)), "metadata")["usage"]["estimated"] is True


async def test_tool_calls_that_are_interleaved(provider: Provider) -> None:
    def piece(index: int, text: str, name: str | None = None) -> dict[str, Any]:
        function = {"arguments": text, **({"name": name} if name else {})}
        head = {"id": f"c{index}", "type": "function"} if name else {}
        return {"tool_calls": [{"index": index, "function": function, **head}]}

    provider.says(piece(0, '{"a"', "add"), piece(1, "{", "sub"), piece(0, ":1}"), piece(1, "}"), finish="tool_calls")
    chunks = await play(local(provider))
    starts = [c["contentBlockStart"]["start"]["toolUse"] for c in chunks if "contentBlockStart" in c]
    assert starts == [{"name": "add", "toolUseId": "c0"}, {"name": "sub", "toolUseId": "c1"}]
    assert [delta["toolUse"]["input"] for delta in deltas(chunks)] == ['{"a"', ":1}", "{", "}"]
    assert part(chunks, "messageStop") == {"stopReason": "tool_use"}


async def test_tool_input_comes_while_the_model_still_streams(provider: Provider) -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "add", "arguments": '{"a'}}
    provider.says({"tool_calls": [call]}, HANG, finish=None)
    chunks = local(provider).stream(PROMPT)
    async with asyncio.timeout(100):
        seen = [await anext(chunks) for _ in range(3)]
    assert seen[2] == {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"a'}}}}
    await chunks.aclose()
    assert await asyncio.to_thread(provider.left.wait, 100), "the connection was not closed"


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("length", "max_tokens"), ("content_filter", "content_filtered"), ("stop", "end_turn")],
)
async def test_finish_reasons(provider: Provider, finish: str | None, reason: str) -> None:
    provider.says({"content": "Hi"}, finish=finish)
    assert part(await play(local(provider)), "messageStop") == {"stopReason": reason}


async def test_a_legacy_function_call(provider: Provider) -> None:
    pieces = [{"function_call": {"name": "add", "arguments": '{"a"'}}, {"function_call": {"arguments": ":1}"}}]
    provider.says(*pieces, finish="function_call")
    chunks = await play(local(provider))
    assert "".join(delta["toolUse"]["input"] for delta in deltas(chunks)) == '{"a":1}'
    assert part(chunks, "messageStop") == {"stopReason": "tool_use"}


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (429, "slow down", "RateLimitError"),
        (500, "oh no", "InternalServerError"),
        (401, "wrong key", "AuthenticationError"),
        (404, "no such model", "NotFoundError"),
    ],
)
async def test_a_refusal_keeps_its_class_and_status(provider: Provider, status: int, message: str, kind: str) -> None:
    provider.turns = [refusal(status, message)]
    with pytest.raises(Exception, match=message) as caught:
        await play(local(provider))
    assert (type(caught.value).__name__, getattr(caught.value, "status_code", None)) == (kind, status)
    assert describe_error(caught.value) == f"{kind}: OpenAIException - {message}"
    assert len(provider.requests) == 1, "the loop retries, not the library"


async def test_too_long_a_conversation(provider: Provider) -> None:
    said = "This model's maximum context length is 10 tokens."
    provider.turns = [refusal(400, said, "context_length_exceeded")]
    with pytest.raises(ContextWindowOverflowException) as caught:
        await play(local(provider))
    assert type(caught.value.__cause__).__name__ == "ContextWindowExceededError"


async def test_a_broken_connection_keeps_what_came_and_says_what_it_was(provider: Provider) -> None:
    provider.says({"content": "One "}, {"content": "two"}, DROP, finish=None)
    chunks: list[Any] = []
    with pytest.raises(Exception, match=r".") as caught:
        await play(local(provider), chunks)
    assert "".join(delta["text"] for delta in deltas(chunks)) == "One two"
    assert type(caught.value).__name__ != "MidStreamFallbackError"


async def test_silence_ends_in_a_timeout(provider: Provider) -> None:
    provider.says({"content": "One"}, HANG, finish=None)
    model = LiteLLMModel({"api_base": f"{provider.base}/v1", "timeout": 0.3}, model_id="openai/local")
    chunks: list[Any] = []
    async with asyncio.timeout(100):
        with pytest.raises(Exception, match="Timeout on reading"):
            await play(model, chunks)
    assert deltas(chunks) == [{"text": "One"}]


async def test_an_error_among_the_chunks(provider: Provider) -> None:
    error = {"error": {"message": "the tool call was invalid", "code": "tool_use_failed"}}
    provider.turns = [[*stream({"content": "One"}, finish=None), error]]
    chunks: list[Any] = []
    with pytest.raises(Exception, match="the tool call was invalid") as caught:
        await play(local(provider), chunks)
    assert deltas(chunks) == [{"text": "One"}]
    assert "\n" not in describe_error(caught.value)


async def test_a_missing_key_is_not_a_failure_of_the_server() -> None:
    with pytest.raises(Exception, match="set OPENAI_API_KEY or give api_key") as caught:
        await play(LiteLLMModel(model_id="openai/gpt-4o"))
    assert getattr(caught.value, "status_code", None) == 401


async def test_an_unknown_provider_and_nobody_there() -> None:
    with pytest.raises(Exception, match="LLM Provider NOT provided") as caught:
        await play(LiteLLMModel(model_id="nonsense"))
    assert describe_error(caught.value).endswith(
        "nonsense names no provider; write provider/model, as in openai/gpt-4o"
    )
    with pytest.raises(Exception, match="Connection error") as caught:
        await play(LiteLLMModel({"api_base": "http://127.0.0.1:1/v1"}, model_id="openai/x"))
    assert describe_error(caught.value) == "InternalServerError: cannot connect to http://127.0.0.1:1"


async def test_cancelling_closes_the_connection(provider: Provider) -> None:
    provider.says({"content": "One"}, HANG, finish=None)
    chunks: list[Any] = []
    task = asyncio.create_task(play(local(provider), chunks))
    async with asyncio.timeout(100):
        while not deltas(chunks):
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(provider.left.wait, 100), "the connection was not closed"


@pytest.mark.slow
def test_it_prints_nothing_and_lives_through_several_loops(provider: Provider) -> None:
    provider.says({"content": "Hi"})
    code = (
        "import asyncio, sys\nfrom agent_runtime.models import LiteLLMModel\n"
        "async def play(base, name):\n"
        "    async for chunk in LiteLLMModel({'api_base': base}, model_id=name).stream("
        "[{'role': 'user', 'content': [{'text': 'hi'}]}]): pass\n"
        "for name in ('openai/a', 'openai/b', 'nonsense'):\n"
        "    try: asyncio.run(play(sys.argv[1], name))\n"
        "    except Exception: assert name == 'nonsense'\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LITELLM")}
    command = [sys.executable, "-c", code, f"{provider.base}/v1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment, check=False)
    assert (done.returncode, len(provider.requests)) == (0, 2)
    assert (done.stdout, done.stderr) == ("", "")


def test_its_settings() -> None:
    model = LiteLLMModel({"num_retries": 0}, model_id="openai/x", params={"temperature": 0})
    assert isinstance(model, Model)
    model.update_config(model_id="openai/y")
    assert model.get_config() == {"model_id": "openai/y", "params": {"temperature": 0}}


@pytest.mark.parametrize("given", [{"cache_config": object()}, {"temperature": 0.5}])
def test_a_setting_that_it_has_not_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(
        TypeError, match=f"has no setting '{next(iter(given))}'; what the provider is to get goes in params"
    ):
        LiteLLMModel(model_id="openai/local", **given)
    with pytest.raises(TypeError, match="no setting"):
        LiteLLMModel(model_id="openai/local").update_config(**given)
