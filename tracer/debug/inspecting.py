"""The requests that look: threads, frames, scopes, variables, evaluate; and setVariable, which changes an input."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from tracer.debug import documents, values
from tracer.debug.board import UNSEEN
from tracer.debug.errors import DebugError
from tracer.debug.scene import FRAMES, Scene
from tracer.debug.session import Body, Session, command
from tracer.debug.union import NOBODY, Armed
from tracer.debug.values import Path

_SCOPES = {
    "input": "Input",
    "result": "Result",
    "message": "Message",
    "request": "Request",
    "event": "Event",
    "messages": "Messages",
}
_HINTS = {"input": "arguments", "result": "returnValue"}


@command("threads")
def _threads(session: Session, arguments: Body) -> Body:
    board = session.board
    with board.lock:
        running = [{"id": number, "name": name} for number, name in board.running()]
        known = {one["id"] for one in running}
        waiting = [{"id": s.thread, "name": _title(s)} for s in board.scenes() if s.thread not in known]
    return {"threads": running + waiting}


def _title(stop: Scene) -> str:
    return f"{stop.moment.name} ({stop.point}, call {stop.index + 1} of #{stop.inv})"


@command("stackTrace")
def _stack_trace(session: Session, arguments: Body) -> Body:
    stop = session.board.stopped_on(int(arguments["threadId"]))
    if stop is None:
        return {"stackFrames": [], "totalFrames": 0}
    moment = stop.moment
    frames = [_frame(stop, 0, f"{stop.point} {moment.name}".strip(), "normal")]
    if moment.cycle:
        frames.append(_frame(stop, 1, f"cycle {moment.cycle}", "label"))
    frames.append(_frame(stop, 2, f"invocation {moment.agent or 'agent'} #{moment.inv}", "label"))
    start = int(arguments.get("startFrame") or 0)
    shown = frames[start : start + int(arguments.get("levels") or len(frames))]
    return {"stackFrames": shown, "totalFrames": len(frames)}


def _frame(stop: Scene, place: int, name: str, hint: str) -> Body:
    return {"id": stop.id * FRAMES + place, "name": name, "presentationHint": hint, **_where(stop, place)}


def _where(stop: Scene, place: int) -> Body:
    """A tool's call lies in its source, a model's in its request, all else in the transcript."""
    if place == 0 and stop.source:
        path, line = stop.source
        return {"source": {"name": PurePath(path).name, "path": path}, "line": line, "column": 1}
    if place == 0 and "request" in stop.document:
        return {"source": documents.source(stop, documents.REQUEST), "line": 1, "column": 1}
    line = 1 if place == 2 else documents.transcript(stop)[1]
    return {"source": documents.source(stop, documents.TRANSCRIPT), "line": line, "column": 1}


def _stop_of_frame(session: Session, frame: Any) -> Scene:
    return session.board.find(int(frame) // FRAMES)


@command("scopes")
def _scopes(session: Session, arguments: Body) -> Body:
    stop = _stop_of_frame(session, arguments["frameId"])
    top = int(arguments["frameId"]) % FRAMES == 0
    keys = [key for key in _SCOPES if key in stop.document] if top else ["messages"]
    return {"scopes": [_scope(session, stop, key) for key in keys]}


def _scope(session: Session, stop: Scene, key: str) -> Body:
    value = stop.document[key]
    scope: Body = {"name": _SCOPES[key], "variablesReference": session.references.number(stop.id, (key,))}
    scope |= {"expensive": key == "messages"} | _counts(value)
    return scope | ({"presentationHint": _HINTS[key]} if key in _HINTS else {})


def _counts(value: Any) -> Body:
    below = len(values.children(value))
    return {"indexedVariables" if isinstance(value, list) else "namedVariables": below} if below else {}


@command("variables")
def _variables(session: Session, arguments: Body) -> Body:
    stop, path = _target(session, arguments)
    value = _at(stop, path)
    below = values.children(value)
    wanted = arguments.get("filter")
    if wanted and (wanted == "indexed") != isinstance(value, list):
        below = []
    start, count = int(arguments.get("start") or 0), int(arguments.get("count") or 0)
    shown = below[max(0, start) :][: count if count > 0 else None]
    return {"variables": [_variable(session, stop, (*path, step), item) for step, item in shown]}


def _target(session: Session, arguments: Body) -> tuple[Scene, Path]:
    number, path = session.references.target(int(arguments["variablesReference"]))
    return session.board.find(number), path


def _at(stop: Scene, path: Path) -> Any:
    if (
        isinstance(path[-1], str)
        and path[-1].startswith("@")
        and isinstance(values.lookup(stop.document, path[:-1]), str)
    ):
        return None  # a piece of a long text has nothing below it
    return values.lookup(stop.document, path)


def _variable(session: Session, stop: Scene, path: Path, value: Any) -> Body:
    piece = str(path[-1]).startswith("@") and isinstance(value, str)
    told: Body = {"name": str(path[-1]), **_value(session, stop, path, value, piece)}
    if not piece:
        told["evaluateName"] = values.dotted(path)
    if path[0] not in stop.editable:
        told["presentationHint"] = {"attributes": ["readOnly"]}
    return told


def _value(session: Session, stop: Scene, path: Path, value: Any, piece: bool = False) -> Body:
    text = json.dumps(value, ensure_ascii=False) if piece else values.shown(value)
    deeper = not piece and bool(values.children(value))
    number = session.references.number(stop.id, path) if deeper else 0
    return {
        "value": text,
        "type": values.type_of(value),
        "variablesReference": number,
        **({} if piece else _counts(value)),
    }


@command("setVariable")
def _set_variable(session: Session, arguments: Body) -> Body:
    stop, parent = _target(session, arguments)
    name, text = str(arguments["name"]), str(arguments["value"])
    holder = values.lookup(stop.document, parent)
    path: Path = (*parent, int(name) if isinstance(holder, list) and name.isdigit() else name)
    values.lookup(stop.document, path)  # a variable that is set is there
    return _changed(session, stop, path, _json(text))


@command("setExpression")
def _set_expression(session: Session, arguments: Body) -> Body:
    path = values.parse_path(str(arguments["expression"]))
    frame = arguments.get("frameId")
    stop = _stop_of_frame(session, frame) if frame is not None else _only(session)
    return _changed(session, stop, path, _json(str(arguments["value"])))


def _changed(session: Session, stop: Scene, path: Path, new: Any) -> Body:
    session.run.edit(stop.id, path, new, session.name)
    _invalidate(session, stop)
    return _value(session, stop, path, values.lookup(stop.document, path))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DebugError(f"{text!r} is not JSON", f"a text needs quotes: {json.dumps(text)}") from None


def _invalidate(session: Session, stop: Scene) -> None:
    tell = session.run.tell
    session.after.append(lambda: tell("invalidated", {"areas": ["variables"], "threadId": stop.thread}))


@command("evaluate")
def _evaluate(session: Session, arguments: Body) -> Body:
    path = values.parse_path(str(arguments["expression"]))
    frame = arguments.get("frameId")
    stop = _stop_of_frame(session, frame) if frame is not None else _only(session)
    found = _value(session, stop, path, values.lookup(stop.document, path))
    return {"result": found.pop("value"), **found}


def _only(session: Session) -> Scene:
    stops = list(session.board.scenes())
    if len(stops) != 1:
        raise DebugError(f"{len(stops)} stops are open: there is no one place to evaluate in", "give a frameId")
    return stops[0]


@command("tracer/edit")
def _edit(session: Session, arguments: Body) -> Body:
    path = values.parse_path(str(arguments.get("expression") or "input"))
    seen = arguments.get("seen", UNSEEN)
    stop = session.run.edit(int(arguments["stop"]), path, arguments["value"], session.name, seen)
    _invalidate(session, stop)
    return {"tracer": stop.body()}


@command("tracer/value")
def _whole(session: Session, arguments: Body) -> Body:
    stop = session.board.find(int(arguments["stop"]))
    path = values.parse_path(str(arguments["expression"]))
    return {"value": values.lookup(stop.document, path), "editable": path[0] in stop.editable}


@command("tracer/stops")
def _stops(session: Session, arguments: Body) -> Body:
    with session.board.lock:
        return {"stops": [stop.event() for stop in session.board.scenes()]}


@command("tracer/breakpoints")
def _breakpoints(session: Session, arguments: Body) -> Body:
    union = session.board.union
    with session.board.lock:
        told = [_listed(session, armed) for armed in union.all]
    return {"breakpoints": told}


def _listed(session: Session, armed: Armed) -> Body:
    """`stays`: it belongs to no client, so that any may remove it."""
    whose = {"mine": armed.owner == session.owner, "stays": armed.owner == NOBODY}
    return {**session.board.union.body(armed), "text": armed.spec.text, "hits": armed.hits, **whose}
