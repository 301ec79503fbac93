"""What is wrong with a model: its stream held against the port's grammar. It judges chunks, never their content."""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from agent_runtime.messages import by_provider

KINDS = (
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "redactContent",
)
DELTAS = ("text", "toolUse", "reasoningContent", "citation", "toolResult")
_NAMED = ("toolUse", "toolResult")  # kinds of blocks that the start of a block tells
_MESSAGES = [{"role": "user", "content": [{"text": "Say hello."}]}]
_TOOLS = [
    {
        "name": "echo",
        "description": "Give back a text.",
        "inputSchema": {"json": {"type": "object", "properties": {"text": {"type": "string"}}}},
    }
]


@dataclass
class Grammar:
    """Reads chunks in order and collects what is wrong with them."""

    problems: list[str] = field(default_factory=list)
    count: int = 0
    started: bool = False
    stopped: bool = False
    block: str | None = None
    tool_ids: list[str] = field(default_factory=list)
    asks: bool = False  # for a tool that its provider does not run itself

    def say(self, text: str) -> None:
        self.problems.append(f"chunk {self.count}: {text}")

    def read(self, chunk: Any) -> None:
        self.count += 1
        if not isinstance(chunk, dict) or len(chunk) != 1 or next(iter(chunk)) not in KINDS:
            self.say(f"must be a dict with exactly one of {', '.join(KINDS)}, not {chunk!r:.120}")
            return
        ((kind, body),) = chunk.items()
        if not isinstance(body, dict):
            self.say(f"{kind} must hold a dict, not {body!r:.80}")
            return
        if not self.started and kind != "messageStart":
            self.say(f"{kind} before messageStart")
            self.started = True
        if self.stopped and kind not in ("metadata", "redactContent"):
            self.say(f"{kind} after messageStop")
        getattr(self, f"_{kind}")(body)

    def _messageStart(self, body: dict[str, Any]) -> None:
        if self.started:
            self.say("a second messageStart")
        self.started = True
        if body.get("role") != "assistant":
            self.say(f"messageStart needs role assistant, not {body.get('role')!r}")

    def _contentBlockStart(self, body: dict[str, Any]) -> None:
        if self.block is not None:
            self.say("contentBlockStart while a block is open: end it with contentBlockStop first")
        start = body.get("start")
        if not isinstance(start, dict):
            self.say('contentBlockStart needs "start", a dict')
            start = {}
        self.block = next((kind for kind in _NAMED if kind in start), "other")
        if self.block == "toolUse":
            self._tool(start["toolUse"])

    def _tool(self, use: Any) -> None:
        for key in ("name", "toolUseId"):
            if not (isinstance(use, dict) and isinstance(use.get(key), str) and use[key]):
                self.say(f"a tool use needs {key!r}, a text")
                return
        if use["toolUseId"] in self.tool_ids:
            self.say(f"the toolUseId {use['toolUseId']!r} comes twice in one message")
        self.tool_ids.append(use["toolUseId"])
        self.asks |= not by_provider(use)

    def _contentBlockDelta(self, body: dict[str, Any]) -> None:
        if self.block is None:
            self.say("contentBlockDelta without an open block: send contentBlockStart first")
        delta = body.get("delta")
        if not isinstance(delta, dict) or len(delta) != 1 or next(iter(delta)) not in DELTAS:
            self.say(f"a delta must hold exactly one of {', '.join(DELTAS)}, not {delta!r:.80}")
            return
        ((kind, value),) = delta.items()
        if self.block is not None and self.block != (kind if kind in _NAMED else "other"):
            self.say(f"a {kind} delta in a block that began as {self.block}")
        if kind == "text" and not isinstance(value, str):
            self.say(f"a text delta must be a str, not {type(value).__name__}")
        elif kind == "toolUse" and not (isinstance(value, dict) and isinstance(value.get("input"), str)):
            self.say('a toolUse delta must be {"input": str}, the next piece of the JSON text')
        elif kind == "toolResult" and not isinstance(value, list):
            self.say("a toolResult delta must be a list of content blocks")
        elif kind in ("reasoningContent", "citation") and not isinstance(value, dict):
            self.say(f"a {kind} delta must be a dict")

    def _contentBlockStop(self, body: dict[str, Any]) -> None:
        if self.block is None:
            self.say("contentBlockStop without an open block")
        self.block = None

    def _messageStop(self, body: dict[str, Any]) -> None:
        if self.block is not None:
            self.say("messageStop while a block is open")
        self.block, self.stopped = None, True
        reason = body.get("stopReason")
        if not isinstance(reason, str):
            self.say('messageStop needs "stopReason", a text')
        elif reason == "tool_use" and not self.asks:
            self.say("stopReason tool_use, but no tool use was sent")
        elif reason == "end_turn" and self.asks:
            self.say("stopReason end_turn, but tool uses were sent: say tool_use")

    def _metadata(self, body: dict[str, Any]) -> None:
        usage = body.get("usage")
        for key in ("inputTokens", "outputTokens", "totalTokens"):
            if not isinstance(usage, dict) or type(usage.get(key)) is not int:
                self.say(f"metadata needs usage.{key}, an int")
        if body.get("cost") is not None and not isinstance(body["cost"], int | float):
            self.say("metadata's cost must be a number in USD")

    def _redactContent(self, body: dict[str, Any]) -> None:
        return

    def end(self) -> None:
        if not self.started:
            self.problems.append("the stream gave no chunk at all")
        elif not self.stopped:
            self.problems.append("the stream ended without messageStop, so the answer counts as cut short")


async def problems_of(model: Any, seconds: float) -> list[str]:
    """Run the model and tell all that is wrong."""
    lacking = [name for name in ("stream", "get_config", "update_config") if not callable(getattr(model, name, None))]
    if lacking:
        return [f"the model has no {name}()" for name in lacking]
    grammar = Grammar()
    messages, tools = copy.deepcopy(_MESSAGES), copy.deepcopy(_TOOLS)
    try:
        async with asyncio.timeout(seconds):
            await _read(grammar, _open(model, messages, tools))
        grammar.end()
    except TimeoutError:
        grammar.problems.append(f"the stream did not end within {seconds:g} s")
    except Exception as error:
        grammar.problems.append(f"stream() raised {type(error).__name__}: {error}")
    if messages != _MESSAGES or tools != _TOOLS:
        grammar.problems.append("stream() changed the messages or tool specs that it was given")
    return grammar.problems


def _open(model: Any, messages: Any, tools: Any) -> AsyncIterator[Any]:
    stream = model.stream(
        messages, tools, "Be brief.", tool_choice=None, invocation_state={}, params={}, cancel_signal=None, of_later=1
    )
    if not hasattr(stream, "__aiter__"):
        if inspect.iscoroutine(stream):
            stream.close()
        raise TypeError("it must be an async generator of chunks (async def with yield)")
    return stream.__aiter__()  # type: ignore[no-any-return]


async def _read(grammar: Grammar, stream: AsyncIterator[Any]) -> None:
    seen: list[tuple[Any, Any]] = []
    async for chunk in stream:
        if any(chunk is earlier for earlier, _ in seen):
            grammar.say("is the same dict as an earlier chunk; make a new one each time")
        grammar.read(chunk)
        seen.append((chunk, copy.deepcopy(chunk)))
    for number, (chunk, was) in enumerate(seen, 1):
        if chunk != was:
            grammar.problems.append(f"chunk {number}: was changed after it had been yielded")
