"""What a recorded provider stream holds, read from its bytes alone: no litellm, nothing of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STREAMS = Path(__file__).parents[2].parent / "shared" / "streams"
SERVER = STREAMS.parent / "tools" / "provider_server.py"


@dataclass
class Block:
    """`kind`: text, reasoning, redacted, tool or result. `text` is also a tool's raw input; `content` a result's."""

    kind: str
    text: str = ""
    signature: str = ""
    id: str = ""
    name: str = ""
    content: Any = None
    citations: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Held:
    """The blocks in order, the provider's own word for the end, (input, output) tokens, and the error if one came."""

    blocks: list[Block] = field(default_factory=list)
    stop: str | None = None
    usage: tuple[int, int] | None = None
    error: str = ""

    @property
    def calls(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == "tool"]

    def joined(self, kind: str) -> str:
        return "".join(block.text for block in self.blocks if block.kind == kind)


def index() -> list[dict[str, Any]]:
    """One entry a stream; empty when the recordings are not beside this repository."""
    listing = STREAMS / "index.jsonl"
    return [json.loads(line) for line in listing.read_text().splitlines()] if listing.exists() else []


def read(entry: dict[str, Any]) -> Held:
    held = Held()
    if entry["status"] >= 400:
        held.error = f"HTTP {entry['status']}"
        return held
    take = _chat if entry["api"] == "chat" else _messages
    by_index: dict[int, Block] = {}
    for event in _events((STREAMS / entry["file"]).read_bytes()):
        if "error" in event:
            held.error = str(event["error"].get("message"))
            break
        take(event, held, by_index)
    return held


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    for block in re.split(r"\r?\n\r?\n", body.decode("utf-8", "replace")):
        lines = [line[5:].removeprefix(" ") for line in re.split(r"\r?\n", block) if line.startswith("data:")]
        if lines and lines != ["[DONE]"]:
            yield json.loads("\n".join(lines))


def _chat(event: dict[str, Any], held: Held, calls: dict[int, Block]) -> None:
    for choice in event.get("choices", ()):
        delta = choice.get("delta") or {}
        _goes_on(held, "reasoning", delta.get("reasoning") or delta.get("reasoning_content") or "")
        _goes_on(held, "text", delta.get("content") or "")
        for piece in delta.get("tool_calls") or ():
            function = piece.get("function") or {}
            if piece.get("id"):
                calls[piece["index"]] = Block("tool", id=piece["id"], name=function["name"])
                held.blocks.append(calls[piece["index"]])
            calls[piece["index"]].text += function.get("arguments") or ""
        held.stop = choice.get("finish_reason") or held.stop
    if usage := event.get("usage") or (event.get("x_groq") or {}).get("usage"):
        held.usage = (usage["prompt_tokens"], usage["completion_tokens"])


def _goes_on(held: Held, kind: str, text: str) -> None:
    if not text:
        return
    if not held.blocks or held.blocks[-1].kind != kind:
        held.blocks.append(Block(kind))
    held.blocks[-1].text += text


def _messages(event: dict[str, Any], held: Held, blocks: dict[int, Block]) -> None:
    if event["type"] == "content_block_start":
        blocks[event["index"]] = _begun(event["content_block"])
        held.blocks.append(blocks[event["index"]])
    elif event["type"] == "content_block_delta":
        block, delta = blocks[event["index"]], event["delta"]
        block.text += delta.get("text", "") + delta.get("thinking", "") + delta.get("partial_json", "")
        block.signature += delta.get("signature", "")
        block.citations += [delta["citation"]] if "citation" in delta else []
    elif event["type"] == "message_delta":
        held.stop = event["delta"].get("stop_reason") or held.stop
    if usage := event.get("usage") or event.get("message", {}).get("usage"):
        told = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
        before = held.usage[0] if held.usage else 0
        held.usage = (sum(usage.get(key) or 0 for key in told) or before, usage["output_tokens"])


def _begun(block: dict[str, Any]) -> Block:
    kind = block["type"]
    if kind.endswith("tool_use"):
        return Block("tool", id=block["id"], name=block["name"])
    if kind.endswith("tool_result"):
        return Block("result", id=block["tool_use_id"], name=kind, content=block["content"])
    if kind == "redacted_thinking":
        return Block("redacted", block["data"])
    return Block("reasoning" if kind == "thinking" else "text", block.get("text", ""))
