"""A copy of a value that others may change in place, and what has changed in it since. It knows no hook."""

from __future__ import annotations

from typing import Any, NamedTuple

_DEEPEST = 60
_MOST = 20_000  # containers in one value or message: a value that holds itself must not be copied without end


class Change(NamedTuple):
    """`path` leads to the part that differs, such as `[2].content[0].text`; "" where it is all of it."""

    path: str
    before: Any
    after: Any


class Shadow:
    """`quick` compares with `==` first, which finds no 1 that became True and is 20 times as fast: for long lists.
    `whole` tells a change as one of the whole value. `known` may be a copy that nobody changes, to save another."""

    __slots__ = ("quick", "value", "whole")

    def __init__(self, value: Any, *, quick: bool = False, whole: bool = False, known: Any = None) -> None:
        self.quick = quick
        self.whole = whole
        self.value: Any = known if known is not None and equal(known, value) else _renewed(None, value)

    def look(self, value: Any) -> Change | None:
        """What changed since the last look; neither side of it is touched again by this object."""
        known = self.value
        if (self.quick and equal(known, value)) or alike(known, value):
            return None
        self.value = _renewed(known, value)
        return Change("", known, self.value) if self.whole else _narrowed("", known, self.value)

    def append(self, item: Any) -> None:
        """The list has one more item, which is no change."""
        self.value.append(copied(item))


def copied(value: Any) -> Any:
    """The value in dicts and lists of its own; anything else is shared, and so is what lies too deep or is too much."""
    return _Copy().of(value, 0)


class _Copy:
    def __init__(self) -> None:
        self.room = _MOST

    def of(self, value: Any, depth: int) -> Any:
        if not isinstance(value, (dict, list)) or depth >= _DEEPEST or self.room <= 0:
            return value
        self.room -= 1
        if isinstance(value, dict):
            items = list(value.items())
            return {key: item if type(item) is str else self.of(item, depth + 1) for key, item in items}
        return [self.of(item, depth + 1) for item in list(value)]


def alike(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types throughout, 1 and True told apart. Never raises."""
    try:
        return _alike(one, other)
    except Exception:  # a user's object may raise anything from its comparison
        return False


def _alike(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, dict):
        if not isinstance(other, dict) or len(one) != len(other):
            return False
        return all(key in other and _alike(item, other[key]) for key, item in one.items())
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and bool(one == other)


def equal(one: Any, other: Any) -> bool:
    """`==` of values that may hold a user's objects. Never raises."""
    try:
        return bool(one == other)
    except Exception:
        return False


def _renewed(known: Any, value: Any) -> Any:
    """A copy of the value that takes over from `known` the copies of a list's items that are as they were."""
    if not isinstance(value, list):
        return copied(value)
    if not isinstance(known, list):
        return [copied(item) for item in value]
    start, end = _ends(known, value)
    return [*known[:start], *map(copied, value[start : len(value) - end]), *known[len(known) - end :]]


def _ends(one: list[Any], other: list[Any]) -> tuple[int, int]:
    """How many items are alike at the beginning, and how many of the others at the end."""
    most, start, end = min(len(one), len(other)), 0, 0
    while start < most and alike(one[start], other[start]):
        start += 1
    while end < most - start and alike(one[-1 - end], other[-1 - end]):
        end += 1
    return start, end


def _narrowed(path: str, before: Any, after: Any) -> Change:
    """The smallest single part that holds all that differs."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        differ = [key for key in before if not alike(before[key], after[key])]
        if len(differ) == 1:
            key = differ[0]
            return _narrowed(_joined(path, key), before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        start, end = _ends(before, after)
        old, new = before[start : len(before) - end], after[start : len(after) - end]
        if len(old) == len(new) == 1:
            return _narrowed(f"{path}[{start}]", old[0], new[0])
        if start or end:
            return Change(f"{path}[{start}:{start + len(old)}]", old, new)
    return Change(path, before, after)


def _joined(path: str, key: Any) -> str:
    if not (isinstance(key, str) and key.isidentifier()):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key
