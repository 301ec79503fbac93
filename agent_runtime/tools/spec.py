"""A tool's spec as a request holds it, whoever wrote it. It imports nothing heavy."""

from __future__ import annotations

from typing import Any

_COMPOSED = ("anyOf", "oneOf", "allOf", "not")


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what providers insist on, filled in as Strands does: `required`, types and descriptions."""
    parts = {name: _completed(name, part) for name, part in schema.get("properties", {}).items()}
    return _filled({**schema, "properties": parts}, type="object", required=[])


def _completed(name: str, part: Any) -> Any:
    if not isinstance(part, dict):
        return {"type": "string", "description": f"Property {name}"}
    if part.get("type") == "object" and "properties" in part:
        return _filled(completed(part), description=f"Property {name}")
    if "$ref" in part:
        return part
    kind = {} if any(key in part for key in _COMPOSED) else {"type": "string"}
    return _filled(part, **kind, description=f"Property {name}")


def _filled(told: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return told | {key: value for key, value in defaults.items() if key not in told}


def sendable(spec: Any) -> dict[str, Any]:
    """The spec with its schema completed; one that is given without {"json": ..} around it gets that."""
    schema = spec["inputSchema"].get("json", spec["inputSchema"])
    if "json" in spec["inputSchema"] and _is_complete(schema):
        told: dict[str, Any] = spec
        return told
    return {**spec, "inputSchema": {"json": completed(schema)}}


def _is_complete(schema: Any) -> bool:
    """Whether there is nothing to fill in, as in most: asked at each model call, and quicker than filling in."""
    if not ("type" in schema and "required" in schema and "properties" in schema):
        return False
    for part in schema["properties"].values():
        if type(part) is not dict or not ("$ref" in part or ("type" in part and "description" in part)):
            return False
        if part.get("type") == "object" and "properties" in part and not _is_complete(part):
            return False
    return True
