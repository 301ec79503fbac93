"""Any Python value as JSON: plain data as it is, everything else in a typed form `{"$type": ..}` that loses no name."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

_DEEPEST = 60
_REPR = 2000


def plain(value: Any, text: Callable[[str], str], depth: int = 0) -> Any:
    """A copy of `value` that JSON can hold, its strings passed through `text` (the redactor). Never raises.

    bytes become {"$bytes": base64}, objects {"$type": class, ...}; what lies deeper than 60 levels (cycles) is cut.
    """
    kind = type(value)
    if kind is str:
        return text(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else {"$int": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": str(value)}
    if depth > _DEEPEST:
        return {"$cut": kind.__name__}
    try:
        return _container(value, text, depth + 1)
    except Exception as error:  # a user's object may raise anything from anywhere
        return {"$type": _name(kind), "$error": type(error).__name__}


def _container(value: Any, text: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, Mapping):
        return {_key(k): plain(v, text, depth) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v, text, depth) for v in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, str):
        return text(str.__str__(value))
    if isinstance(value, (set, frozenset)):
        return {"$type": type(value).__name__, "items": sorted((plain(v, text, depth) for v in value), key=repr)}
    return _object(value, text, depth)


def _object(value: Any, text: Callable[[str], str], depth: int) -> dict[str, Any]:
    said: dict[str, Any] = {"$type": _name(type(value))}
    for method in ("to_dict", "model_dump"):
        dump = getattr(value, method, None)
        if callable(dump) and not isinstance(value, type):
            return {**said, "value": plain(dump(), text, depth)}
    if isinstance(value, BaseException):
        return {**said, "message": text(str(value))}
    return {**said, "repr": text(repr(value)[:_REPR])}


def _key(key: Any) -> str:
    name = key if type(key) is str else str(key)
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
