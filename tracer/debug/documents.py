"""A stop's virtual documents, as an editor opens them: the transcript of the conversation, and the request about to be
sent. They are made from what the stop shows when they are asked for, so an edit is in them; they change nothing."""

from __future__ import annotations

import json
from typing import Any

from tracer.debug.errors import DebugError
from tracer.debug.scene import FRAMES, Scene
from tracer.debug.session import Body, Session, command
from tracer.text.safe import clean

TRANSCRIPT, REQUEST = 1, 2
_TYPES = {TRANSCRIPT: "text/markdown", REQUEST: "application/json"}
_NAMES = {TRANSCRIPT: "transcript.md", REQUEST: "request.json"}


def source(stop: Scene, which: int) -> Body:
    """DAP's Source of a document."""
    name = f"stop {stop.id} of #{stop.inv}, {_NAMES[which]}"
    return {"name": name, "sourceReference": stop.id * FRAMES + which, "origin": "tracer"}


def transcript(stop: Scene) -> tuple[str, int]:
    """The conversation as Markdown, and the line (from 1) on which its last message begins."""
    moment = stop.moment
    lines = [f"# {moment.agent or 'agent'} #{moment.inv}, cycle {moment.cycle}, at {stop.point} {moment.name}".rstrip()]
    last = 1
    for number, message in enumerate(stop.document.get("messages", ())):
        lines.append("")
        last = len(lines) + 1
        lines.append(f"## messages[{number}] {_of(message, 'role')}")
        for block in _blocks(message):
            lines += ["", *_block(block)]
    return "\n".join(clean(line) for line in lines) + "\n", last


def _block(block: Any) -> list[str]:
    if _of(block, "text"):
        return str(block["text"]).splitlines()
    use, result = _of(block, "toolUse"), _of(block, "toolResult")
    if use:
        return [f"**{_of(use, 'name')}** `{_of(use, 'toolUseId')}`", "", *_fenced(_of(use, "input"))]
    if result:
        inner = [line for part in _blocks(result) for line in _block(part)]
        return [f"result of `{_of(result, 'toolUseId')}`: {_of(result, 'status')}", "", *inner]
    return _fenced(block)


def _blocks(value: Any) -> list[Any]:
    content = _of(value, "content")
    return content if isinstance(content, list) else []


def _fenced(value: Any) -> list[str]:
    return ["```json", *_json(value).splitlines(), "```"]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _request(stop: Scene) -> str:
    if "request" not in stop.document:
        raise DebugError(f"stop {stop.id} is at {stop.point}: a request is shown before the model is asked")
    whole = {**stop.document["request"], "messages": stop.document["messages"]}
    return clean(_json(whole), keep_newlines=True) + "\n"


@command("source")
def _source(session: Session, arguments: Body) -> Body:
    given = (arguments.get("source") or {}).get("sourceReference") or arguments["sourceReference"]
    stop, which = session.board.find(int(given) // FRAMES), int(given) % FRAMES
    if which not in _TYPES:
        raise DebugError(f"there is no document {given}", "the frames of a stop name theirs")
    content = transcript(stop)[0] if which == TRANSCRIPT else _request(stop)
    return {"content": content, "mimeType": _TYPES[which]}
