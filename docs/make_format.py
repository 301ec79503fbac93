"""Writes docs/session-format.md from the Structs of `tracer.records` and from docs/session-format.in.md around them."""

from __future__ import annotations

import re
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from tracer import records as r

DOCS = Path(__file__).parent
TARGET = DOCS / "session-format.md"
PARTS = (r.Where, r.Failure, r.Usage, r.Totals, r.Parent)
COMMON = ("seq", "t", "inv", "cycle")


def page() -> str:
    """The whole page."""
    source = (DOCS / "session-format.in.md").read_text()
    kinds = "\n\n".join(section(f"`{kind}`", cls) for kind, cls in r.KINDS.items())
    parts = "\n\n".join(section(cls.__name__, cls) for cls in PARTS)
    return source.replace("<!-- kinds -->", kinds).replace("<!-- parts -->", parts)


def section(title: str, cls: type[Any]) -> str:
    """A heading, what the Struct's docstring says, and a row a field."""
    text = re.sub(r"\n +", "\n", (cls.__doc__ or "").strip())
    fields = [field for field in msgspec.structs.fields(cls) if cls in PARTS or field.name not in COMMON]
    rows = [f"| `{field.name}` | {named(field.type)} | {default(field)} |" for field in fields]
    table = ["", "| field | type | left out |", "|---|---|---|", *rows] if rows else []
    return "\n".join([f"### {title}", "", text, *table])


def named(kind: Any) -> str:
    """A type as JSON has it."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return " or ".join(named(one) for one in typing.get_args(kind))
    if kind is type(None):
        return "null"
    origin, inner = typing.get_origin(kind), [named(one) for one in typing.get_args(kind)]
    if origin is list:
        return f"array of {inner[0]}"
    if origin is dict:
        return f"object of {inner[1]}"
    plain = {str: "string", int: "integer", float: "number", bool: "boolean", Any: "any"}
    return plain[kind] if kind in plain else f"[{kind.__name__}](#{kind.__name__.lower()})"


def default(field: Any) -> str:
    """What a field means that is left out."""
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{msgspec.json.encode(field.default_factory()).decode()}`"
    return "must be there" if field.required else f"`{msgspec.json.encode(field.default).decode()}`"


if __name__ == "__main__":
    TARGET.write_text(page())
