"""What may be changed at a stop, whether a change is fit for it, and how it reaches the event. It shows nothing."""

from __future__ import annotations

from typing import Any

from tracer.debug.errors import DebugError
from tracer.debug.moment import Moment
from tracer.debug.seal import copied
from tracer.debug.values import Path, dotted

_REQUEST = ("system_prompt", "tool_specs", "tool_choice", "params")
_EMPTY: dict[str, Any] = {"tool_specs": [], "params": {}}


def originals(moment: Moment) -> dict[str, Any]:
    """The real values that can be edited there, by scope: `input`, `result`, `request` and `messages`."""
    event = moment.event
    if moment.kind == "tool_start":
        return {"input": copied(event.tool_use.get("input"))}
    if moment.kind == "tool_end":
        return {"result": copied(event.result)}
    request = getattr(event, "request", None)
    if moment.kind != "model_start" or request is None:  # stock Strands' hook carries no request
        return {}
    return {"request": request_of(request), "messages": copied(request.messages)}


def request_of(request: Any) -> dict[str, Any]:
    """What the model is sent besides the messages; what is not set is left out."""
    said = {key: getattr(request, key, None) for key in _REQUEST}
    return {key: copied(value) for key, value in said.items() if value is not None}


def may_add(moment: Moment, path: Path) -> bool:
    """Whether an edit may bring the last key of its path: one that the request, or the tool's schema, knows."""
    scope, *below = path
    if scope == "input":
        return len(below) == 1 and below[0] in (_schema(moment.event.selected_tool).get("properties") or {})
    return scope == "request" and (below[:1] == ["params"] or (len(below) == 1 and below[0] in _REQUEST))


def check(moment: Moment, scope: str, value: Any) -> None:
    """Raises DebugError where the edited value does not fit: the form of the scope, or the tool's schema."""
    if scope == "input":
        _fits_object(value, "a tool's input", 'such as {"expression": "6*7"}')
        _fits_schema(moment.event.selected_tool, value)
    elif scope == "result":
        _fits_result(value)
        if value.get("toolUseId") != moment.event.tool_use.get("toolUseId"):
            raise DebugError("a result's toolUseId is its call's", "leave it as it is")
    elif scope == "request":
        _fits_object(value, "a request", f"with some of {', '.join(_REQUEST)}")
        if unknown := [key for key in value if key not in _REQUEST]:
            raise DebugError(f"a request has no {unknown[0]!r}", f"it has {', '.join(_REQUEST)}")
    else:
        _fits_messages(value)


def apply(event: Any, scope: str, value: Any) -> None:
    """Put an edited result, request or list of messages in force; an input goes with its approval (see gate)."""
    if scope == "result":
        event.result = copied(value)
    elif scope == "messages":
        event.request.messages = copied(value)
    else:
        for key in _REQUEST:
            setattr(event.request, key, copied(value[key] if key in value else _EMPTY.get(key)))


def result_of(given: Any, status: str = "success") -> dict[str, Any]:
    """A tool result without its id: a text or a JSON value becomes its content, a whole result stays. DebugError."""
    if isinstance(given, dict) and "content" in given:
        _fits_result(given := {"status": status, **given})
        return {key: given[key] for key in ("status", "content")}
    return {"status": status, "content": [{"text": given} if isinstance(given, str) else {"json": given}]}


def told(scope: str, path: Path) -> tuple[str, str]:
    """(what, path) as the record of an edit names them: messages are part of the request."""
    return ("request" if scope == "messages" else scope), dotted(path)


def _fits_object(value: Any, what: str, hint: str) -> None:
    if not isinstance(value, dict):
        raise DebugError(f"{what} is a JSON object", hint)


def _fits_result(value: Any) -> None:
    hint = 'such as {"status": "success", "content": [{"text": "42"}]}'
    _fits_object(value, "a result", hint)
    blocks = value.get("content")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise DebugError("a result's content is a list of blocks", hint)
    if value.get("status") not in ("success", "error"):
        raise DebugError('a result\'s status is "success" or "error"', hint)


def _fits_messages(value: Any) -> None:
    hint = 'such as [{"role": "user", "content": [{"text": "Hello"}]}]'
    if not isinstance(value, list) or not value:
        raise DebugError("messages are a list, and not empty", hint)
    for message in value:
        fits = isinstance(message, dict) and message.get("role") in ("user", "assistant")
        if not fits or not isinstance(message.get("content"), list):
            raise DebugError("a message has a role (user or assistant) and a list of content blocks", hint)


def _schema(tool: Any) -> dict[str, Any]:
    """The JSON Schema of a tool's input; {} where it has none."""
    spec = getattr(tool, "tool_spec", None)
    schema = (spec.get("inputSchema") or {}) if isinstance(spec, dict) else {}
    schema = schema.get("json", schema) if isinstance(schema, dict) else {}
    return schema if isinstance(schema, dict) else {}


def _fits_schema(tool: Any, value: Any) -> None:
    schema = _schema(tool)
    if not schema:
        return
    from jsonschema import exceptions, validators  # heavy, and only an edit needs it

    kind = validators.validator_for(schema, default=validators.Draft202012Validator)
    try:
        error = exceptions.best_match(kind(schema).iter_errors(value))
    except Exception:  # the tool's own schema is no schema: then the tool itself judges
        return
    if error is not None:
        where = dotted(("input", *error.absolute_path))
        raise DebugError(f"{where}: {error.message}", "the tool's schema wants it otherwise")
