"""What nobody here wrote judges every message: dap-types, and the official schema where it lies beside the clone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[3] / "shared" / "dap" / "debugAdapterProtocol.json"


def check(message: dict[str, Any]) -> None:
    """Raises where the message is not what the protocol says a message of its kind is."""
    name = _definition(message)
    import dap_types

    getattr(dap_types, name).model_validate(message)
    validator = _validator(name)
    if validator is not None:
        validator.validate(message)


def _definition(message: dict[str, Any]) -> str:
    kind = message["type"]
    if kind == "response" and not message["success"]:
        return "ErrorResponse"
    word = message["event"] if kind == "event" else message["command"]
    ours = "/" in word or word not in _known()[kind]
    return kind.capitalize() if ours else word[0].upper() + word[1:] + kind.capitalize()


@cache
def _known() -> dict[str, set[str]]:
    import dap_types

    names = [name for name in dir(dap_types) if isinstance(getattr(dap_types, name), type)]
    return {
        kind: {
            name[0].lower() + name[1:].removesuffix(kind.capitalize())
            for name in names
            if name.endswith(kind.capitalize())
        }
        for kind in ("request", "response", "event")
    }


@cache
def _validator(name: str) -> Any:
    if not SCHEMA.exists():
        return None
    schema = json.loads(SCHEMA.read_text())
    return jsonschema.Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": schema["definitions"]})
