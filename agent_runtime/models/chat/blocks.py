"""Order a provider's deltas into content blocks, of which one is open at a time. Knows no provider and no library.

A provider may mix the fragments of several tool calls. What belongs to the open block is sent on at once; what belongs
to a later one waits until the open one can be closed: text at any time, a tool call when its input is complete JSON.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent_runtime.messages import SERVER_TOOL_USE
from agent_runtime.models.port import Delta, StreamChunk

_BY_PROVIDER = "srvtoolu_"  # how Anthropic begins the ids of tools that it runs itself


class MisplacedToolInput(ValueError):
    """The provider went on with the input of a tool call that was complete."""


@dataclass
class _Block:
    kind: str
    index: int = -1
    id: str = ""
    name: str = ""
    input: str = ""
    signed: bool = False
    head: dict[str, Any] = field(default_factory=dict)
    waiting: list[Delta] = field(default_factory=list)

    def start(self) -> StreamChunk:
        if self.kind == "result":
            return {"contentBlockStart": {"start": {"toolResult": self.head}}}
        if self.kind != "tool":
            return {"contentBlockStart": {"start": {}}}
        return {"contentBlockStart": {"start": {"toolUse": {"name": self.name, "toolUseId": self.id, **self.head}}}}

    def closable(self) -> bool:
        if self.kind != "tool":
            return True
        try:
            json.loads(self.input)
        except ValueError:
            return False
        return True


class Blocks:
    """Feed it deltas, send on the chunks it gives back, and `finish()` at the end."""

    def __init__(self) -> None:
        self._queue: list[_Block] = []
        self._calls: dict[int, _Block] = {}
        self._opened: _Block | None = None
        self._ended = False
        self.any_tool = False
        self.cut_tool = False

    def text(self, text: str) -> Iterator[StreamChunk]:
        return self._add(self._last("text"), {"text": text})

    def citation(self, citation: dict[str, Any]) -> Iterator[StreamChunk]:
        return self._add(self._last("text"), {"citation": citation})

    def boundary(self) -> None:
        """The provider has begun another block: text and reasoning that follow are no part of the last one."""
        self._ended = True

    def reasoning(self, text: str) -> Iterator[StreamChunk]:
        return self._add(self._last("reasoning"), {"reasoningContent": {"text": text}})

    def signature(self, signature: str) -> Iterator[StreamChunk]:
        last = self._queue[-1] if self._queue and not self._ended else None
        block = last if last is not None and last.kind == "reasoning" else self._new(_Block("reasoning"))
        block.signed = True
        return self._add(block, {"reasoningContent": {"signature": signature}})

    def redacted(self, data: bytes) -> Iterator[StreamChunk]:
        return self._add(self._new(_Block("redacted")), {"reasoningContent": {"redactedContent": data}})

    def result(self, head: Mapping[str, Any], content: Any) -> Iterator[StreamChunk]:
        """The result of a tool that the provider ran; `head` is {"toolUseId", "type", "status"}."""
        return self._add(self._new(_Block("result", head=dict(head))), {"toolResult": [{"json": content}]})

    def tool(
        self, index: int, id: str | None, name: str | None, input: str, signature: str | None = None
    ) -> Iterator[StreamChunk]:
        """A fragment of the tool call at `index`; a new id with a name begins another call there.

        `signature` is that of the thought behind the call.

        Raises:
            MisplacedToolInput: the call was closed already.
        """
        call = self._calls.get(index)
        if call is None or (id and name and call.name and id != call.id):
            call = self._new(_Block("tool", index, id or f"call_{uuid.uuid4()}", name or ""))
            self._calls[index] = call
            if call.id.startswith(_BY_PROVIDER):
                call.head = {"type": SERVER_TOOL_USE}
            else:
                self.any_tool = True
            if signature:
                call.head["reasoningSignature"] = signature
        elif name and not call.name:
            call.name = name
        if call not in self._queue:
            if input.strip():
                raise MisplacedToolInput(f"the provider sent more input for {call.name} after it was complete")
            return iter(())
        call.input += input
        return self._add(call, {"toolUse": {"input": input}})

    def finish(self) -> Iterator[StreamChunk]:
        """Close the open block and all that wait behind it; `cut_tool` says whether a tool call was incomplete."""
        while self._queue:
            yield from self._open()
            self.cut_tool |= not self._queue[0].closable()
            self._queue.pop(0)
            yield {"contentBlockStop": {}}

    def drain(self) -> Iterator[StreamChunk]:
        """After a failure: send on what waits, and leave the last block as unfinished as it is."""
        while self._queue:
            yield from self._open()
            if len(self._queue) == 1:
                return
            self._queue.pop(0)
            yield {"contentBlockStop": {}}

    def _last(self, kind: str) -> _Block:
        last = self._queue[-1] if self._queue else None
        if last is not None and last.kind == kind and not last.signed and not self._ended:
            return last
        return self._new(_Block(kind))

    def _new(self, block: _Block) -> _Block:
        self._ended = False
        self._queue.append(block)
        return block

    def _add(self, block: _Block, delta: Delta) -> Iterator[StreamChunk]:
        block.waiting.append(delta)
        while len(self._queue) > 1 and self._queue[0].closable():
            yield from self._open()
            self._queue.pop(0)
            yield {"contentBlockStop": {}}
        if self._queue[0].kind != "tool" or self._queue[0].name:
            yield from self._open()

    def _open(self) -> Iterator[StreamChunk]:
        first = self._queue[0]
        if self._opened is not first:
            self._opened = first
            yield first.start()
        waiting, first.waiting = first.waiting, []
        for delta in waiting:
            yield {"contentBlockDelta": {"delta": delta}}
