"""Any Python value as JSON: plain data as it is, everything else in a typed form `{"$type": ..}` that loses no name."""

from __future__ import annotations

import base64
import math
import weakref
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import copy_context
from typing import Any, TypeVar

_DEEPEST = 60
_MOST = 250_000  # containers in one value: shared parts are written each time, and could multiply without end
_ROOM = 32 << 20  # characters in one value, about; a number counts as 16
_FEW = 1000  # values in one container that need no look at whether there is room for the next
_SMALL = 4000  # parts of a value that is copied the short way
_SHORT = 4000  # characters of a text in it
_REPR = 2000
_PATIENCE = 2.0  # seconds that an object's own code may take to say what it holds
_T = TypeVar("_T")


def plain(value: Any, text: Callable[[str], str] = str, lost: Callable[[str], None] | None = None) -> Any:
    """A copy of `value` that JSON can hold, its strings passed through `text` (a redactor, say). Never raises.

    bytes become {"$bytes": base64}, objects {"$type": class, ...}; a dict of just one key that would be read as bytes
    or as a number becomes {"$dict": that dict}. What holds itself, lies deeper than 60 levels, comes
    after 250,000 containers or 32 MB, or takes more than two seconds to say what it is, is cut: {"$cut": class}. `lost`
    is then called with what that was and why.
    """
    try:
        return _small(value, text, _SMALL)
    except Exception:  # `_Large`, or anything that a user's object may raise
        return _Copy(text, lost or _unheard).of(value)


def _unheard(what: str) -> None:
    pass


class _Large(Exception):
    """It is not what `_small` copies."""


def _small(value: Any, text: Callable[[str], str], room: int) -> Any:
    """What most values are: dicts and lists of a few parts, copied without looking for what holds itself. The parts
    share the room, so that this ends whatever it is given."""
    kind = type(value)
    if kind is str and len(value) <= _SHORT:
        return text(value)
    if kind is not dict and kind is not list:
        simple = _simple(value)
        if simple is _NOT_SIMPLE:
            raise _Large
        return simple
    room = (room - len(value)) // (len(value) + 1)
    if room <= 0:
        raise _Large
    if kind is list:
        return [_small(item, text, room) for item in value]
    said = {}
    for key, item in value.items():
        if type(key) is not str or not key.isascii():
            raise _Large
        said[key] = text(item) if type(item) is str and len(item) <= _SHORT else _small(item, text, room)
    return said if len(said) != 1 else _apart(said)


class _Copy:
    """One value on its way: the containers around the place it has come to, and how much it has seen."""

    def __init__(self, text: Callable[[str], str], lost: Callable[[str], None]) -> None:
        self.text, self.lost = text, lost
        self.around: set[int] = set()
        self.seen = 0
        self.room = _ROOM

    def of(self, value: Any) -> Any:
        """The copy of a part."""
        kind = type(value)
        size = len(value) if kind is str or kind is bytes else 16
        if size > self.room:
            self.room -= 1
            return self.cut(value, f"beyond {_ROOM >> 20} MB")
        self.room -= size
        if kind is str:
            return self.text(value)
        if kind is not dict and kind is not list:
            simple = _simple(value)
            if simple is not _NOT_SIMPLE:
                return simple
        self.seen += 1
        if id(value) in self.around or len(self.around) >= _DEEPEST or self.seen > _MOST:
            around = id(value) in self.around
            return self.cut(value, "that holds itself" if around else "too deep or among too many")
        self.around.add(id(value))
        try:
            if kind is dict and len(value) < _FEW:  # what most values are made of, without asking what it might be
                said = {k if type(k) is str and k.isascii() else _key(k): self.of(v) for k, v in value.items()}
                return said if len(said) != 1 else _apart(said)
            if kind is list and len(value) < _FEW:
                return [self.of(v) for v in value]
            return _container(value, self) if kind in _KNOWN else _in_time(value, self)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a user's object may raise anything from anywhere
            return {"$type": _name(kind), "$error": type(error).__name__}
        finally:
            self.around.discard(id(value))

    def cut(self, value: Any, why: str) -> dict[str, Any]:
        """What stands for a part that is left out."""
        kind = type(value)
        if kind is str or kind is bytes:
            self.lost(f"{kind.__name__} of {len(value):,} {why}")
            return {"$cut": kind.__name__, "length": len(value)}
        self.lost(f"{_name(kind)} {why}")
        return {"$cut": _name(kind)}

    def each(self, values: Iterable[_T]) -> Iterator[_T]:
        """The values as long as there is room for their copies: some have no end."""
        for value in values:
            yield value
            if self.room < 16:
                return


_KNOWN = frozenset((dict, list, tuple, bytes, bytearray, set, frozenset))
_slow: weakref.WeakSet[type] = weakref.WeakSet()


def _in_time(value: Any, outer: _Copy) -> Any:
    """What a user's object says, in a thread of its own, since it may take for ever; then its kind is asked no more."""
    kind = type(value)
    if kind in _slow:
        return outer.cut(value, "that took too long before")
    copy, said = _Copy(outer.text, outer.lost), list[Any]()
    copy.around, copy.seen, copy.room = set(outer.around), outer.seen, outer.room
    over, context = allocate_lock(), copy_context()

    def run() -> None:
        try:
            said.append(context.run(_container, value, copy))
        except BaseException as error:
            said.append({"$type": _name(kind), "$error": type(error).__name__})
        finally:
            over.release()

    over.acquire()
    try:
        start_new_thread(run, ())
    except RuntimeError:  # no more threads, or the interpreter ends
        return outer.cut(value, "for want of a thread")
    if over.acquire(timeout=_PATIENCE):
        outer.seen, outer.room = copy.seen, copy.room
        return said[0]
    copy.room, copy.lost = 0, _unheard  # so that it ends if it can, and has no more to say
    _slow.add(kind)
    return outer.cut(value, f"that says nothing within {_PATIENCE:g} s")


_NOT_SIMPLE = object()


def _simple(value: Any) -> Any:
    kind = type(value)
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
        return _apart({_key(k): copy.of(v) for k, v in copy.each(value.items())})
    if isinstance(value, (list, tuple)):
        return [copy.of(v) for v in copy.each(value)]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, str):
        return text(str.__str__(value))
    if isinstance(value, (set, frozenset)):
        return {"$type": type(value).__name__, "items": sorted((copy.of(v) for v in copy.each(value)), key=repr)}
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


def _apart(said: dict[str, Any]) -> dict[str, Any]:
    """A dict in a form that cannot be taken for the typed form of something else."""
    return {"$dict": said} if len(said) == 1 and not _READ_BACK.isdisjoint(said) else said


_READ_BACK = frozenset(("$bytes", "$int", "$float", "$dict"))


def _key(key: Any) -> str:
    name = key if type(key) is str else str(key)
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
