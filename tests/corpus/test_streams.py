"""Every recorded answer of a real provider through Agent and LiteLLMModel: nothing lost, nothing hangs, an end each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent_runtime import Agent, LiteLLMModel, tool
from agent_runtime.hooks import AfterModelCallEvent
from tests.corpus.raw import Block, Held, index, read

ENTRIES = index()
SECONDS = 200
# litellm tells no pause of a turn from its end.
STOPS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "pause_turn": "end_turn"}
# litellm gives the results of a provider's own MCP tools but not the calls, and of its tool search only the calls.
CALLS_NOT_GIVEN, RESULTS_NOT_GIVEN = "mcptoolu_", "tool_search_tool_result"


@dataclass
class Run:
    events: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None
    partial: dict[str, Any] | None = None

    def joined(self, key: str) -> str:
        return "".join(event[key] for event in self.events if key in event)

    def calls(self) -> list[Block]:
        seen: dict[str, Block] = {}
        for event in self.events:
            if event.get("type") == "tool_use_stream":
                use = event["current_tool_use"]
                seen[use["toolUseId"]] = Block("tool", use["input"], id=use["toolUseId"], name=use["name"])
        return list(seen.values())

    def chunk(self, key: str) -> dict[str, Any]:
        """The last raw chunk of a kind."""
        found = [event["event"][key] for event in self.events if key in event.get("event", {})]
        return found[-1] if found else {}

    def message(self) -> dict[str, Any]:
        """The assistant's first message, or what there was of it."""
        found = [event["message"] for event in self.events if event.get("message", {}).get("role") == "assistant"]
        return found[0] if found else self.partial or {"role": "assistant", "content": []}


def stubs(request: dict[str, Any]) -> list[Any]:
    """A tool for each that the request names; the recordings say what they were called with, not what they did."""
    names = {(given.get("function") or given).get("name", "") for given in request.get("tools", ())}
    schema = {"json": {"type": "object", "properties": {}}}

    def answer(**given: Any) -> str:
        return f"stub: {len(given)} arguments"

    fit = sorted(name for name in names if re.fullmatch(r"[\w-]{1,64}", name))
    return [tool(name=name, description="A stub.", inputSchema=schema)(answer) for name in fit]


def model_for(api: str, base: str, turns: str) -> LiteLLMModel:
    """Without retries: an answer that fails does so each time."""
    if api == "chat":
        return LiteLLMModel({"api_base": f"{base}/v1", "api_key": "k", "num_retries": 0}, model_id=f"openai/{turns}")
    return LiteLLMModel({"api_base": base, "api_key": "k", "num_retries": 0}, model_id=f"anthropic/{turns}")


async def drive(model: LiteLLMModel, tools: list[Any], limits: Any = None) -> Run:
    run = Run()
    agent = Agent(model=model, tools=tools, callback_handler=None)

    def keep(event: AfterModelCallEvent) -> None:
        run.partial = event.partial_message

    agent.add_hook(keep, AfterModelCallEvent)
    async with asyncio.timeout(SECONDS):
        stream = agent.stream_async("Hello", limits=limits)
        with contextlib.suppress(Exception):
            try:
                async for event in stream:
                    run.events.append(event)
            except Exception as error:
                run.error = error
                raise
    return run


# One of each kind: either API; text, reasoning, one call, several; an error among the events or as the status.
QUICK = {*("000", "001", "002", "004", "014", "015", "016", "018", "022", "024", "025", "027", "055", "103")}
EACH = [
    pytest.param(entry, id=entry["id"], marks=[] if entry["id"] in QUICK else pytest.mark.slow) for entry in ENTRIES
]


@pytest.mark.parametrize("entry", EACH)
async def test_a_recorded_stream(entry: dict[str, Any], base: str) -> None:
    held = read(entry)
    run = await drive(model_for(entry["api"], base, f"rec-{entry['id']}"), stubs(entry["request"]), {"turns": 1})
    check_content(run, held)
    check_end(run, held)


def given(held: Held) -> list[Block]:
    """The blocks that litellm passes on, without the empty ones."""
    return [
        block
        for block in held.blocks
        if not (block.kind == "tool" and block.id.startswith(CALLS_NOT_GIVEN))
        and not (block.kind == "result" and block.name == RESULTS_NOT_GIVEN)
        and not (block.kind == "text" and not block.text)
    ]


def check_content(run: Run, held: Held) -> None:
    expected = given(held)
    assert run.joined("data") == held.joined("text")
    assert run.joined("reasoningText") == held.joined("reasoning")
    assert run.joined("reasoning_signature") == "".join(block.signature for block in held.blocks)
    assert run.calls() == [block for block in expected if block.kind == "tool"]
    cited = [block.citations for block in expected if block.citations]
    assert [event["citation"]["title"] for event in run.events if "citation" in event] == [
        citation["title"] for citations in cited for citation in citations
    ]
    assert [in_message(block) for block in run.message()["content"]] == [as_in_message(block) for block in expected]


def as_in_message(block: Block) -> Any:
    """What `in_message` is to find."""
    if block.kind == "tool":
        return ("tool", block.id, block.name, json.loads(block.text or "{}"), block.id.startswith("srvtoolu_"))
    if block.kind == "result":
        return ("result", block.id, block.name, block.content)
    if block.kind == "text":
        return ("text", block.text, [(cited["title"], cited["cited_text"], cited["url"]) for cited in block.citations])
    return (block.kind, block.text, block.signature)


def in_message(block: dict[str, Any]) -> Any:
    if use := block.get("toolUse"):
        return ("tool", use["toolUseId"], use["name"], use["input"], use.get("type") == "server_tool_use")
    if result := block.get("toolResult"):
        assert len(result["content"]) == 1
        return ("result", result["toolUseId"], result["type"], result["content"][0]["json"])
    if told := block.get("citationsContent"):
        cited = [(c["title"], c["sourceContent"][0]["text"], c["location"]["web"]["url"]) for c in told["citations"]]
        return ("text", "".join(part["text"] for part in told["content"]), cited)
    if reasoning := block.get("reasoningContent"):
        if "redactedContent" in reasoning:
            return ("redacted", reasoning["redactedContent"].decode(), "")
        return ("reasoning", reasoning["reasoningText"]["text"], reasoning["reasoningText"].get("signature", ""))
    return ("text", block["text"], [])


def check_end(run: Run, held: Held) -> None:
    ends = [event for event in run.events if "complete" in event or "force_stop" in event]
    assert len(ends) == sum("start_event_loop" in event for event in run.events) == 1
    if held.error:
        assert run.error is not None
        assert ends[0]["force_stop_reason"]
        assert run.events[-1] is ends[0]
        return
    assert run.error is None, run.error
    assert run.events[-1]["result"].stop_reason in ("end_turn", "max_tokens", "limit_turns")
    assert run.chunk("messageStop").get("stopReason") == STOPS.get(held.stop or "", held.stop)
    usage = run.chunk("metadata").get("usage", {"estimated": True})
    assert usage.get("estimated", False) == (held.usage is None)
    if held.usage is not None:
        assert (usage["inputTokens"], usage["outputTokens"]) == held.usage


async def test_the_recordings_hold_failures_too(base: str) -> None:
    failing = [entry["id"] for entry in ENTRIES if read(entry).error and entry["status"] < 400]
    assert failing == ["024", "027", "038"]


async def test_a_whole_loop_of_three_turns(base: str) -> None:
    """A real GPT-4o drove this one: two tools at once, then one, then its answer as the input of a third."""
    entries = {entry["id"]: entry for entry in ENTRIES}
    turns = [read(entries[id]) for id in ("010", "011", "012")]
    run = await drive(model_for("chat", base, "rec-010+011+012"), stubs(entries["010"]["request"]), {"turns": 3})
    assert run.error is None
    assert sum("start_event_loop" in event for event in run.events) == 3
    assert run.calls() == [call for turn in turns for call in turn.calls]
    results = [event["message"]["content"] for event in run.events if event.get("message", {}).get("role") == "user"]
    assert [len(content) for content in results] == [2, 1, 1]
    assert all(block["toolResult"]["status"] == "success" for content in results for block in content)
    assert run.events[-1]["result"].stop_reason == "limit_turns"
