"""JSON values as DAP shows them: text, paging, references, paths. It knows no agent and no socket."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from tracer.debug.errors import DebugError

Path = tuple[str | int, ...]
TEXT_LIMIT = 1000
_PIECE = 4096
_STEP = re.compile(r"""\.?([A-Za-z_$][\w$-]*)|\.(\d+)|\[(\d+)\]|\[("(?:\\.|[^"\\])*")\]""")
_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}
_NOTHING = (object(), None)
_REDACTED = re.compile(r"\[redacted:[0-9a-f]{8}\]")


class References:
    """One connection's numbers for what a client may open: each means a path within a stop's document."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[int, Path]] = {}
        self._numbers: dict[tuple[int, Path], int] = {}
        self._last = 0

    def number(self, stop: int, path: Path) -> int:
        """The number of a path; the same again for the same path."""
        key = (stop, path)
        if key not in self._numbers:
            self._last += 1
            self._numbers[key] = self._last
            self._of[self._last] = key
        return self._numbers[key]

    def target(self, number: int) -> tuple[int, Path]:
        """(stop, path) of a number. Raises DebugError where it was never given, or its stop is over."""
        if number not in self._of:
            raise DebugError(
                f"variablesReference {number} is not valid (any more)", "ask for stackTrace and scopes again"
            )
        return self._of[number]

    def forget(self, stop: int) -> None:
        """Its stop is over: its numbers die."""
        for key in [key for key in self._numbers if key[0] == stop]:
            del self._of[self._numbers.pop(key)]


def lookup(value: Any, path: Path, under: Path = ()) -> Any:
    """What lies at the path, below the value at `under`. Raises DebugError that says how far it led."""
    for depth, step in enumerate(path):
        try:
            value = value[step] if isinstance(value, dict) else value[_index(step, value)]
        except (KeyError, IndexError, TypeError, ValueError):
            where = dotted((*under, *path[:depth])) or "it"
            raise DebugError(f"there is no {step!r} in {where}", _there(value)) from None
    return value


def found(value: Any, path: Path) -> Any:
    """What lies at the path; None where there is nothing."""
    with contextlib.suppress(DebugError):
        return lookup(value, path)
    return None


def _there(value: Any) -> str:
    if isinstance(value, dict) and value:
        return f"there is: {', '.join(map(str, list(value)[:12]))}"
    if isinstance(value, (dict, list)):
        last = f", the last is {len(value) - 1}" if value else ""
        return f"its length is {len(value)}{last}"
    return f"it is of type {type_of(value)}"


def _index(step: str | int, value: Any) -> int:
    if not isinstance(value, list) or (index := int(step)) < 0:
        raise TypeError(step)
    return index


def replaced(value: Any, path: Path, new: Any, may_add: bool = False, under: Path = ()) -> Any:
    """A copy of `value`, which lies at `under`, with `new` at the path, which must be there; its last key need not
    where it `may_add` one.

    Raises DebugError.
    """
    if not path:
        return new
    if may_add and len(path) == 1 and isinstance(value, dict):
        return {**value, path[0]: new}
    inner = replaced(lookup(value, path[:1], under), path[1:], new, may_add, (*under, path[0]))
    if isinstance(value, dict):
        return {**value, path[0]: inner}
    at = _index(path[0], value)
    return [*value[:at], inner, *value[at + 1 :]]


def parse_path(text: str) -> Path:
    """`input.items[0].name` as a path; never code. Raises DebugError with the column."""
    steps: list[str | int] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _STEP.match(text, at)
        if not match or (at == 0) != (text[at] not in ".["):
            raise DebugError(
                f"column {at + 1}: {text[at:]!r} is not a path",
                "such as input.url or messages[0].content[0].text",
            )
        name, dot, index, quoted = match.groups()
        steps.append(name if name else json.loads(quoted) if quoted else int(dot or index))
        at = match.end()
    if not steps:
        raise DebugError("the expression is empty", "such as input.url or messages[0].content[0].text")
    return tuple(steps)


def dotted(path: Path) -> str:
    """The path as `parse_path` reads it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            plain = re.fullmatch(r"[A-Za-z_$][\w$-]*", step)
            text += ("." if text else "") + step if plain else f"[{json.dumps(step)}]"
    return text


def type_of(value: Any) -> str:
    """JSON's name of the value's type."""
    return _TYPES.get(type(value), type(value).__name__)


def shown(value: Any) -> str:
    """The value as JSON text, cut where it is long."""
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        return json.dumps(value[:TEXT_LIMIT], ensure_ascii=False) + f" … {len(value)} characters"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + f" … {type_of(value)} of {len(value)}"


def children(value: Any) -> list[tuple[str | int, Any]]:
    """What can be opened below a value: keys, items, or the pieces of a long text by where they begin."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        return [(f"@{at}", value[at : at + _PIECE]) for at in range(0, len(value), _PIECE)]
    return []


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON (Python holds 1, 1.0 and True for equal)."""
    if isinstance(one, (dict, list)) and isinstance(other, type(one)):
        return bool(one == other) and _text(one) == _text(other)
    return type(one) is type(other) and bool(one == other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _apart(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["$dict"] and isinstance(value["$dict"], dict)


def restored(edited: Any, seen: Any, original: Any) -> Any:
    """`edited` with the real values back where the client left alone what was shown (redacted, or in a typed form).

    Raises DebugError where a placeholder stands in what was changed: it must not reach a tool.
    """
    if alike(edited, seen):
        return original
    if _apart(edited) and _apart(seen):  # the form of a dict with a key such as $bytes
        return restored(edited["$dict"], seen["$dict"], original)
    if isinstance(edited, dict):
        known = seen.keys() & original.keys() if isinstance(seen, dict) and isinstance(original, dict) else ()
        return {k: restored(v, *((seen[k], original[k]) if k in known else _NOTHING)) for k, v in edited.items()}
    if isinstance(edited, list):
        both = isinstance(seen, list) and isinstance(original, list) and len(seen) == len(edited) == len(original)
        pairs = list(zip(seen, original, strict=True)) if both else [_NOTHING] * len(edited)
        return [restored(v, *pair) for v, pair in zip(edited, pairs, strict=True)]
    if isinstance(edited, str) and (found := _REDACTED.search(edited)):
        raise DebugError(f"{found[0]} is a placeholder and must not reach a tool", "write the value itself")
    return edited
