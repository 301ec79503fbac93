"""What a request asks for: its body and headers, checked. Each fault is one 4xx answer that says what to change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from agent_runtime.limits import Limits, checked
from agent_runtime.messages import from_prompt, strict_json

_LONGEST_ID = 256
_FIELDS = {
    "prompt": {"description": "Text, or a list of content blocks, messages or interrupt responses."},
    "limits": {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"type": "number", "exclusiveMinimum": 0} for key in Limits.__annotations__},
    },
    "conversation_id": {"type": "string", "maxLength": _LONGEST_ID, "description": "Recorded with the run."},
}
SCHEMA: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["prompt"], "additionalProperties": False, "properties": _FIELDS},
            "example": {"prompt": "What is 42+7?"},
        }
    },
}


@dataclass(frozen=True)
class Asked:
    """`state` becomes the call's invocation_state: trace context and conversation id, where they were sent."""

    prompt: Any
    limits: dict[str, float]
    state: dict[str, str]


async def read(request: Request, max_body: int) -> Asked:
    """Read and check a request. Raises HTTPException 400, 413, 415 or 422."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        # also what keeps other sites' pages from posting here unasked: browsers ask before they send JSON
        raise HTTPException(415, 'the body must be JSON; send the header "Content-Type: application/json"')
    said = _parsed(await _body(request, max_body))
    for name in said:
        if name not in _FIELDS:
            raise HTTPException(422, f"there is no field {name!r:.80}; the fields are {', '.join(_FIELDS)}")
    state = _trace(request)
    if (conversation := _conversation(said.get("conversation_id"))) is not None:
        state["conversation_id"] = conversation
    return Asked(_prompt(said.get("prompt")), _limits(said.get("limits")), state)


async def _body(request: Request, max_body: int) -> bytes:
    too_large = HTTPException(413, f"the body is larger than {max_body} bytes")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_body:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_body:
                raise too_large
    except ClientDisconnect as error:
        raise HTTPException(400, "the client left before the body was there") from error
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        said = strict_json(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise HTTPException(422, 'the body must be an object, such as {"prompt": "What is 42+7?"}')
    return said


def _prompt(prompt: Any) -> Any:
    if prompt is None or prompt == [] or (isinstance(prompt, str) and not prompt.strip()):
        raise HTTPException(422, "the field 'prompt' is missing or empty")
    try:
        from_prompt(prompt)
    except (ValueError, TypeError, KeyError) as error:
        wanted = "text, or a list of content blocks, messages or interrupt responses"
        raise HTTPException(422, f"the field 'prompt' must be {wanted}, not {json.dumps(prompt):.80}") from error
    return prompt


def _limits(limits: Any) -> dict[str, float]:
    if limits is not None and not isinstance(limits, dict):
        raise HTTPException(422, f"the field 'limits' must be an object, not {json.dumps(limits):.80}")
    try:
        return checked(limits)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _conversation(said: Any) -> str | None:
    if said is None or (isinstance(said, str) and 0 < len(said) <= _LONGEST_ID):
        return said
    raise HTTPException(422, f"the field 'conversation_id' must be text of 1 to {_LONGEST_ID} characters")


def _trace(request: Request) -> dict[str, str]:
    """The headers of W3C Trace Context as they came: who records them checks them."""
    parents, states = request.headers.getlist("traceparent"), request.headers.getlist("tracestate")
    if len(parents) != 1:
        return {}
    return {"traceparent": parents[0], **({"tracestate": ",".join(states)} if states else {})}
