"""Any Python value as JSON: plain data as it is, everything else in a typed form `{"$type": ..}` that loses no name."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

_DEEPEST = 60
_MOST = 250_000  # containers in one value: shared parts are written each time, and could multiply without end
_REPR = 2000


def plain(value: Any, text: Callable[[str], str] = str) -> Any:
    """A copy of `value` that JSON can hold, its strings passed through `text` (a redactor, say). Never raises.

    bytes become {"$bytes": base64}, objects {"$type": class, ...}. What holds itself, lies deeper than 60 levels or
    comes after 250,000 containers is cut: {"$cut": class}.
    """
    return _Copy(text).of(value)


class _Copy:
    """One value on its way: the containers around the place it has come to, and how many it has seen."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self.text = text
        self.around: set[int] = set()
        self.seen = 0

    def of(self, value: Any) -> Any:
        """The copy of a part."""
        simple = _simple(value, self.text)
        if simple is not _NOT_SIMPLE:
            return simple
        kind, self.seen = type(value), self.seen + 1
        if id(value) in self.around or len(self.around) >= _DEEPEST or self.seen > _MOST:
            return {"$cut": kind.__name__}
        self.around.add(id(value))
        try:
            return _container(value, self)
        except Exception as error:  # a user's object may raise anything from anywhere
            return {"$type": _name(kind), "$error": type(error).__name__}
        finally:
            self.around.discard(id(value))


_NOT_SIMPLE = object()


def _simple(value: Any, text: Callable[[str], str]) -> Any:
    kind = type(value)
    if kind is str:
        return text(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        if -(2**63) <= value < 2**63:
            return value
        return {"$int": str(value) if value.bit_length() < 12_000 else hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": str(value)}
    return _NOT_SIMPLE


def _container(value: Any, copy: _Copy) -> Any:
    text = copy.text
    if isinstance(value, Mapping):
        return {_key(k): copy.of(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [copy.of(v) for v in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, str):
        return text(str.__str__(value))
    if isinstance(value, (set, frozenset)):
        return {"$type": type(value).__name__, "items": sorted((copy.of(v) for v in value), key=repr)}
    return _object(value, copy)


def _object(value: Any, copy: _Copy) -> dict[str, Any]:
    text = copy.text
    said: dict[str, Any] = {"$type": _name(type(value))}
    for method in ("to_dict", "model_dump"):
        dump = getattr(value, method, None)
        if callable(dump) and not isinstance(value, type):
            return {**said, "value": copy.of(dump())}
    if isinstance(value, BaseException):
        return {**said, "message": text(str(value))}
    return {**said, "repr": text(repr(value)[:_REPR])}


def _key(key: Any) -> str:
    name = key if type(key) is str else str(key)
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
