"""A model that plays written turns in the chunk protocol, for demos and tests. It needs no network.

ScriptedModel([[text("Let me see. "), call("calculator", {"expression": "6*7"})], "It is 42."])
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from agent_runtime.models.port import Delta, Messages, Metadata, StreamChunk, Usage

TOOL_INPUT_CHUNK = 8


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Think:
    text: str
    signature: str | None = None


@dataclass(frozen=True)
class Call:
    name: str
    input: str
    id: str | None = None


@dataclass(frozen=True)
class Fail:
    exception: BaseException


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Stop:
    reason: str


@dataclass(frozen=True)
class Tokens:
    input: int
    output: int
    cost: float | None = None


Block: TypeAlias = Text | Think | Call | Fail | Pause | Stop | Tokens
Written: TypeAlias = str | Block | Sequence[str | Block]
Turn: TypeAlias = Written | Callable[[Messages], Written]


class ScriptExhausted(RuntimeError):
    """The model was called more often than it has turns."""


def text(words: str) -> Text:
    """A text block, streamed word by word."""
    return Text(words)


def think(words: str, signature: str | None = None) -> Think:
    """A reasoning block, streamed word by word, with the provider's signature at its end if one is given."""
    return Think(words, signature)


def call(name: str, input: dict[str, Any] | str | None = None, id: str | None = None) -> Call:
    """A tool call; a str as `input` is sent as it is, so that invalid JSON can be played too."""
    return Call(name, input if isinstance(input, str) else json.dumps(input or {}, ensure_ascii=False), id)


def fail(exception: BaseException) -> Fail:
    """Raise here: before the first chunk if nothing but pauses comes before it, else in mid-stream."""
    return Fail(exception)


def pause(seconds: float) -> Pause:
    """Be silent for so many seconds."""
    return Pause(seconds)


def stop(reason: str) -> Stop:
    """Send this stop reason instead of `tool_use` or `end_turn`, and end the turn."""
    return Stop(reason)


def usage(input: int, output: int, cost: float | None = None) -> Tokens:
    """The tokens, and the cost in USD, that the turn reports instead of a word count marked as estimated."""
    return Tokens(input, output, cost)


def words(line: str) -> list[str]:
    """Cut a text into the chunks in which it is streamed; they join to the same text."""
    return re.findall(r"\S+\s*|\s+", line)


class ScriptedModel:
    """Answer the n-th call with the n-th turn.

    A turn is a text, a block, a list of both, or a callable that gets the messages and returns one of those.
    `delay` is the time in seconds between two chunks. A call beyond the last turn raises ScriptExhausted.

    Raises:
        TypeError: what is given as the script, or as a turn, is none.
    """

    def __init__(self, turns: Sequence[Turn], *, delay: float = 0.0, model_id: str = "scripted/demo") -> None:
        if isinstance(turns, str) or not isinstance(turns, Sequence):
            raise TypeError(f"the script is a list with a turn for each call, not a {type(turns).__name__}")
        self.turns = list(turns)
        for number, turn in enumerate(self.turns):  # now: at the call it would end the agent's run as the model's error
            if not callable(turn):
                _blocks(turn, number)
        self.delay = delay
        self.calls = 0
        self._config: dict[str, Any] = {"model_id": model_id}

    def get_config(self) -> dict[str, Any]:
        return self._config

    def update_config(self, **model_config: Any) -> None:
        self._config.update(model_config)

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[dict[str, Any]] | None = None,
        system_prompt: Any = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamChunk, None]:
        """Yield the next turn's chunks.

        Raises:
            ScriptExhausted: no turn is left.
        """
        blocks = self._take(messages)
        async for chunk in _play(blocks, self.delay, _count(messages)):
            yield chunk

    def _take(self, messages: Messages) -> list[Block]:
        number = self.calls
        self.calls += 1
        if number >= len(self.turns):
            raise ScriptExhausted(
                f"the scripted model has no turn for call number {self.calls}; "
                "add one to the script, or make a model for each run"
            )
        turn = self.turns[number]
        return _blocks(turn(messages) if callable(turn) else turn, number)


def _blocks(written: Written, number: int) -> list[Block]:
    items: Sequence[Any] = written if isinstance(written, (list, tuple)) else [written]
    for item in items:
        if not isinstance(item, (str, Block)):
            raise TypeError(
                f"turn {number + 1} of the script holds a {type(item).__name__}; "
                "it is made of texts and of blocks such as call(name, input) and fail(exception)"
            )
    return [Text(item) if isinstance(item, str) else item for item in items]


async def _play(blocks: list[Block], delay: float, input_tokens: int) -> AsyncGenerator[StreamChunk, None]:
    begun = False
    told = Tokens(-1, -1)
    sent = calls = 0
    reason = ""
    for block in blocks:
        if isinstance(block, Pause):
            await asyncio.sleep(block.seconds)
        elif isinstance(block, Fail):
            raise block.exception
        elif isinstance(block, Tokens):
            told = block
        elif isinstance(block, Stop):
            reason = block.reason
            break
        else:
            if not begun:
                begun = True
                yield {"messageStart": {"role": "assistant"}}
            calls += isinstance(block, Call)
            for chunk in _chunks(block, calls):
                if delay:
                    await asyncio.sleep(delay)
                sent += "contentBlockDelta" in chunk
                yield chunk
    if not begun:
        yield {"messageStart": {"role": "assistant"}}
    yield {"messageStop": {"stopReason": reason or ("tool_use" if calls else "end_turn")}}
    yield _metadata(told, input_tokens, sent)


def _chunks(block: Text | Think | Call, number: int) -> Iterator[StreamChunk]:
    start: dict[str, Any] = {}
    if isinstance(block, Call):
        start = {"toolUse": {"name": block.name, "toolUseId": block.id or f"call_{number}"}}
    yield {"contentBlockStart": {"start": start}}
    for delta in _deltas(block):
        yield {"contentBlockDelta": {"delta": delta}}
    yield {"contentBlockStop": {}}


def _deltas(block: Text | Think | Call) -> Iterator[Delta]:
    if isinstance(block, Text):
        for word in words(block.text):
            yield {"text": word}
    elif isinstance(block, Think):
        for word in words(block.text):
            yield {"reasoningContent": {"text": word}}
        if block.signature is not None:
            yield {"reasoningContent": {"signature": block.signature}}
    else:
        for at in range(0, len(block.input), TOOL_INPUT_CHUNK):
            yield {"toolUse": {"input": block.input[at : at + TOOL_INPUT_CHUNK]}}


def _metadata(told: Tokens, input_tokens: int, sent: int) -> StreamChunk:
    known = told.input >= 0
    input, output = (told.input, told.output) if known else (input_tokens, sent)
    tokens: Usage = {"inputTokens": input, "outputTokens": output, "totalTokens": input + output}
    if not known:
        tokens["estimated"] = True
    body: Metadata = {"usage": tokens, "metrics": {"latencyMs": 0}}
    if told.cost is not None:
        body["cost"] = told.cost
    return {"metadata": body}


def _count(messages: Messages) -> int:
    return sum(len(words(json.dumps(message.get("content"), default=str))) for message in messages)
