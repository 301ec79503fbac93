"""What a filter can match at all, read off its text: kinds by a line's first bytes, so that most lines are not decoded.

It never leaves out what the filter would let through; what it lets through is still to be tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tracer import records as r
from tracer.filters import compile_filter, parse

if TYPE_CHECKING:
    from lark import Token, Tree

_START = b'{"kind":"'
_SPANS = frozenset(("tool", "model", "agent", "duration", "status", "edited", "label"))  # asked of a record's span
_ANY = _SPANS | {"kind", "t", "size", "seq", "inv", "cycle"}
_FIELDS = {"error": ("error",), "tokens": ("usage",), "text": ("text",)}
_ALSO = {"error": {"force_stop", "gap", "tool_end", "log"}, "text": {"delta", "message"}}

May = Callable[[str], bool]


class Prefilter:
    """`passes(line)`: whether the line's record may fit; `kind(name)`: whether one of that kind may.

    `spans`: whether the filter asks for what only the timeline knows.
    """

    def __init__(self, text: str) -> None:
        """Raises FilterError."""
        tree = parse(text) if text.strip() else None
        self._may: May = _may(tree) if tree is not None else _always
        self.spans = tree is not None and bool(_SPANS & set(_names(tree)))
        self._known: dict[bytes, bool] = {}

    def kind(self, name: str) -> bool:
        return self._may(name)

    def passes(self, line: bytes) -> bool:
        if not line.startswith(_START):
            return True  # damaged, or of another writer: decoding tells
        kind = line[len(_START) : line.find(b'"', len(_START))]
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = self._may(kind.decode("utf-8", "replace")) or self._may("damaged")
        return known


def _always(_kind: str) -> bool:
    return True


def _may(node: Tree[Token] | Token) -> May:
    rule, children = str(getattr(node, "data", "")), getattr(node, "children", [])
    if rule == "any_of":
        tests = [_may(child) for child in children]
        return lambda kind: any(test(kind) for test in tests)
    if rule == "all_of":
        tests = [_may(child) for child in children]
        return lambda kind: all(test(kind) for test in tests)
    if rule == "negated" and set(_names(children[0])) == {"kind"}:
        inner = _may(children[0])  # a test of the kind alone is exact: so is its opposite
        return lambda kind: not inner(kind)
    if rule in ("glob", "compared") and (name := str(children[0]).partition(":")[0].partition(".")[0]) == "kind":
        return _of_kind(rule, children)
    if rule in ("glob", "true"):
        return _having(name if rule == "glob" else str(children[0]).partition(".")[0])
    if rule == "contained":
        name = str(children[1]).partition(".")[0]
        return _of_kind(rule, [children[0], "in", children[1]]) if name == "kind" else _having(name)
    if rule == "compared" and str(children[1]) != "!=" and str(children[2]).lower() not in ("null", "none", "false"):
        return _having(name)
    return _always


def _of_kind(rule: str, children: list[Any]) -> May:
    """A test of the kind itself: it is asked with nothing else known."""
    text = str(children[0]) if rule == "glob" else " ".join(map(str, children))
    test = compile_filter(text).test
    return lambda kind: test({"kind": kind})


def _having(name: str) -> May:
    """The kinds whose records have a value by that name."""
    if name in _ANY:
        return _always
    fields = _FIELDS.get(name, (name,))
    kinds = {kind for kind, cls in r.KINDS.items() if set(fields) & set(cls.__struct_fields__)} | _ALSO.get(name, set())
    return lambda kind: kind in kinds


def _names(tree: Tree[Token]) -> Iterator[str]:
    """The names that the filter asks for, and its bare words."""
    for token in tree.scan_values(lambda token: getattr(token, "type", "") in ("NAME", "GLOB")):
        yield str(token).partition(":")[0].partition(".")[0]
