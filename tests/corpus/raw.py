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
class Call:
    id: str
    name: str
    input: str = ""


@dataclass
class Held:
    """Joined text and reasoning, the tool calls in order, and the error if one came among the events."""

    text: str = ""
    reasoning: str = ""
    signatures: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    error: str = ""


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
    open_calls: dict[int, Call] = {}
    for event in _events((STREAMS / entry["file"]).read_bytes()):
        if "error" in event:
            held.error = str(event["error"].get("message"))
            break
        take(event, held, open_calls)
    return held


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    for block in re.split(r"\r?\n\r?\n", body.decode("utf-8", "replace")):
        lines = [line[5:].removeprefix(" ") for line in re.split(r"\r?\n", block) if line.startswith("data:")]
        if lines and lines != ["[DONE]"]:
            yield json.loads("\n".join(lines))


def _chat(event: dict[str, Any], held: Held, calls: dict[int, Call]) -> None:
    for choice in event.get("choices", ()):
        delta = choice.get("delta") or {}
        held.text += delta.get("content") or ""
        held.reasoning += delta.get("reasoning") or delta.get("reasoning_content") or ""
        for piece in delta.get("tool_calls") or ():
            function = piece.get("function") or {}
            if piece.get("id"):
                calls[piece["index"]] = Call(piece["id"], function["name"])
                held.calls.append(calls[piece["index"]])
            calls[piece["index"]].input += function.get("arguments") or ""


def _messages(event: dict[str, Any], held: Held, calls: dict[int, Call]) -> None:
    if event["type"] == "content_block_start" and event["content_block"]["type"].endswith("tool_use"):
        calls[event["index"]] = Call(event["content_block"]["id"], event["content_block"]["name"])
        held.calls.append(calls[event["index"]])
    elif event["type"] == "content_block_start" and event["content_block"]["type"] == "text":
        held.text += event["content_block"]["text"]
    elif event["type"] == "content_block_delta":
        delta = event["delta"]
        held.text += delta.get("text", "")
        held.reasoning += delta.get("thinking", "")
        if "signature" in delta:
            held.signatures.append(delta["signature"])
        if "partial_json" in delta:
            calls[event["index"]].input += delta["partial_json"]
