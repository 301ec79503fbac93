"""A message put together from a model's chunks, block by block. It reads no stream and yields nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent_runtime.events import Event
from agent_runtime.messages import Message, by_provider, copy_tree, parse_input


class Builder:
    """Puts a message together from chunks, and gives for each delta the event that says it plainly.

    A stream that breaks off loses nothing: the open block is part of `message()` at any time. `invalid` keeps the raw
    text of tool inputs that are no JSON object, by their place among the message's tool uses. `say` takes a piece of
    the text block that is open, as `delta` does; None while none is.
    """

    def __init__(self) -> None:
        self.content: list[dict[str, Any]] = []
        self.invalid: dict[int, str] = {}
        self.started = False
        self.stop_reason: str | None = None
        self.metadata: dict[str, Any] = {}
        self.redact_user: str | None = None
        self._redacted: str | None = None
        self._tools = 0
        self._reset()

    def _reset(self) -> None:
        self.kind = ""
        self.parts: list[str] = []
        self.say: Callable[[str], None] | None = None
        self._signature = ""
        self._binary = b""
        self._citations: list[Any] = []
        self._results: list[Any] = []
        self._use: dict[str, Any] = {}
        self._input = ""

    def other(self, chunk: dict[str, Any]) -> None:
        """Take a chunk that is no delta."""
        if "contentBlockStart" in chunk:
            self.started = True
            self.close_block()
            start = chunk["contentBlockStart"].get("start") or {}
            for kind in ("toolUse", "toolResult"):
                if start.get(kind):
                    self.kind, self._use = kind, _named(start[kind])
        elif "contentBlockStop" in chunk:
            self.close_block()
        elif "messageStop" in chunk:
            self.close_block()
            self.stop_reason = _typed(str, chunk["messageStop"]["stopReason"])
        elif "metadata" in chunk:
            self.metadata = _counted(chunk["metadata"] or {})
        elif "redactContent" in chunk:
            told = chunk["redactContent"]
            self._redacted = _typed(str | None, told.get("redactAssistantContentMessage", self._redacted))
            self.redact_user = _typed(str | None, told.get("redactUserContentMessage", self.redact_user))

    def delta(self, delta: dict[str, Any]) -> Event | None:
        """Take a delta; None for one of an unknown kind."""
        self.started = True
        if "text" in delta:
            text = _typed(str, delta["text"])
            if self.kind != "text":
                self._open("text")
            self.parts.append(text)
            return {"data": text, "delta": {"text": text}}
        if "toolUse" in delta:
            return self._tool_delta(delta["toolUse"])
        if "reasoningContent" in delta:
            return self._reasoning_delta(delta["reasoningContent"])
        if "citation" in delta:
            if self.kind != "text":
                self._open("text")
            self._citations.append(copy_tree(delta["citation"]))
            return {"citation": delta["citation"], "delta": dict(delta)}
        if "toolResult" in delta and self.kind == "toolResult":
            self._results += copy_tree(_typed(list, delta["toolResult"]))
        return None

    def _open(self, kind: str) -> None:
        if self.kind:
            self.close_block()
        self.kind = kind
        if kind == "text":
            self.say = self.parts.append

    def _tool_delta(self, told: dict[str, Any]) -> Event:
        piece = _typed(str, told.get("input", ""))
        if self.kind != "toolUse":
            self._open("toolUse")
        self._input += piece
        if len(told) > 1:  # some models name the tool only here
            self._use = {**_named(told), **{key: value for key, value in self._use.items() if value}}
        use = self._use
        return {
            "type": "tool_use_stream",
            "delta": {"toolUse": {"input": piece}},
            "current_tool_use": {
                "toolUseId": use.get("toolUseId", ""),
                "name": use.get("name", ""),
                "input": self._input,
            },
        }

    def _reasoning_delta(self, reasoning: dict[str, Any]) -> Event:
        if self.kind != "reasoning":
            self._open("reasoning")
        told: Event = {"reasoning": True}
        if "text" in reasoning:
            self.parts.append(_typed(str, reasoning["text"]))
            told["reasoningText"] = reasoning["text"]
        if "signature" in reasoning:
            self._signature += reasoning["signature"]
            told["reasoning_signature"] = reasoning["signature"]
        if "redactedContent" in reasoning:
            self._binary += reasoning["redactedContent"]
            told["reasoningRedactedContent"] = reasoning["redactedContent"]
        told["delta"] = {"reasoningContent": dict(reasoning)}
        return told

    def close_block(self) -> None:
        """End the open block, if there is one."""
        if not self.kind:
            return
        if self.kind == "toolUse":
            value = parse_input(self._input)
            self.content.append(self._tool_use(value))
            if not by_provider(self._use):
                if value is None:
                    self.invalid[self._tools] = self._input
                self._tools += 1
        else:
            self.content += self._block()
        self._reset()

    def _tool_use(self, value: dict[str, Any] | None) -> dict[str, Any]:
        use = {"toolUseId": self._use.get("toolUseId", ""), "name": self._use.get("name", "")}
        more = {key: self._use[key] for key in ("type", "reasoningSignature") if key in self._use}
        return {"toolUse": {**use, "input": value or {}, **more}}

    def _block(self) -> list[dict[str, Any]]:
        text = "".join(self.parts)
        if self.kind == "toolUse":
            return [self._tool_use(parse_input(self._input))]
        if self.kind == "toolResult":
            return [{"toolResult": {"toolUseId": "", **self._use, "content": self._results}}]
        if self.kind == "text":
            if self._citations:
                return [{"citationsContent": {"citations": self._citations, "content": [{"text": text}]}}]
            return [{"text": text}] if text else []
        blocks: list[dict[str, Any]] = []
        if text or self._signature:
            told = {"text": text} | ({"signature": self._signature} if self._signature else {})
            blocks.append({"reasoningContent": {"reasoningText": told}})
        if self._binary:
            blocks.append({"reasoningContent": {"redactedContent": self._binary}})
        return blocks

    def message(self) -> Message:
        """What has come so far, the open block included."""
        content = self.content + (self._block() if self.kind else [])
        if self._redacted is not None:
            content = [{"text": self._redacted}]
        return {"role": "assistant", "content": content}

    def usage(self) -> dict[str, Any] | None:
        """The usage of the metadata, with `cost`; None if the model told none."""
        told = dict(self.metadata.get("usage") or {})
        if self.metadata.get("cost") is not None:
            told["cost"] = self.metadata["cost"]
        return told or None


def _typed(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.80} is no {getattr(kind, '__name__', kind)}")
    return value


def _named(use: dict[str, Any]) -> dict[str, Any]:
    """What a start or a delta says of its tool, without its input."""
    for key in ("toolUseId", "name"):
        _typed(str, use.get(key, ""))
    return {key: value for key, value in use.items() if key != "input"}


def _counted(metadata: dict[str, Any]) -> dict[str, Any]:
    _typed(dict, metadata.get("usage") or {})
    _typed(int | float, (metadata.get("metrics") or {}).get("latencyMs") or 0)
    _typed(int | float | None, metadata.get("cost"))
    return metadata
