"""The stack of a stop and what its scopes hold, as a tree that is read bit by bit over DAP. It knows no widget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, clip, cut

Ask = Callable[..., Awaitable[dict[str, Any]]]
PAGE = 100  # children that are asked for at once; more are in ranges, and ranges of ranges
_SHUT = ("event", "messages")  # scopes that are not opened by themselves
_MARKS = {True: "▾ ", False: "▸ ", None: "  "}


@dataclass(slots=True, eq=False)
class Node:
    """A frame, scope, variable or range of items. `path` names it among the stop's nodes; `expression` is the path
    that `tracer/value` reads ("": a frame); `count` items are below `reference`, from `first` on."""

    kind: str
    path: tuple[str, ...]
    value: str = ""
    expression: str = ""
    reference: int = 0
    first: int = 0
    count: int = 0
    below: list[Node] | None = None
    opened: bool = False

    @property
    def opens(self) -> bool:
        """Whether there is something to open."""
        return self.kind == "frame" or (self.reference > 0 and self.count > 0)


@dataclass(slots=True)
class Stack:
    """The tree of the stop number `stop` on the DAP thread `thread`; `rows()` are the nodes that show."""

    ask: Ask
    stop: int
    thread: int
    frames: list[Node] = field(default_factory=list)

    async def read(self, opened: set[tuple[str, ...]] | None = None) -> None:
        """Read the frames, and what is to be open: `opened`, or the call's own scopes. Raises DebugError."""
        told = await self.ask("stackTrace", threadId=self.thread)
        frames = [_frame(one) for one in told["stackFrames"]]
        for frame in frames:
            await self._reopen(frame, opened)
        self.frames = frames

    async def _reopen(self, node: Node, opened: set[tuple[str, ...]] | None) -> None:
        first = node.path[0] == "0" and len(node.path) < 3 and node.path[-1].lower() not in _SHUT
        if node.opens and (first if opened is None else node.path in opened):
            await self.open(node)
            for below in node.below or []:
                await self._reopen(below, opened)

    async def open(self, node: Node) -> None:
        """Show what is below a node: asked for the first time, a page at most. Raises DebugError."""
        if node.below is None:
            node.below = await self._below(node)
        node.opened = True

    async def _below(self, node: Node) -> list[Node]:
        if node.kind == "frame":
            told = await self.ask("scopes", frameId=node.reference)
            return [_scope(node, one) for one in told["scopes"]]
        if node.count > PAGE:
            return list(_ranges(node))
        told = await self.ask("variables", variablesReference=node.reference, start=node.first, count=node.count)
        return [_variable(node, one) for one in told["variables"]]

    def opened(self) -> set[tuple[str, ...]]:
        """The paths of what is open."""
        return {node.path for node, _ in self.rows() if node.opened}

    def rows(self) -> list[tuple[Node, int]]:
        """(node, depth) of all that show."""
        return list(_walk(self.frames, 0))


def _walk(nodes: list[Node], depth: int) -> Iterator[tuple[Node, int]]:
    for node in nodes:
        yield node, depth
        if node.opened:
            yield from _walk(node.below or [], depth + 1)


def _frame(told: dict[str, Any]) -> Node:
    source = told.get("source") or {}
    where = f"{source['name']}:{told['line']}" if source.get("path") else ""  # the others are documents, not files
    return Node("frame", (str(int(told["id"]) % 8), str(told["name"])), where, reference=int(told["id"]))


def _count(told: dict[str, Any]) -> int:
    return int(told.get("indexedVariables") or told.get("namedVariables") or 0)


def _scope(frame: Node, told: dict[str, Any]) -> Node:
    name, reference = str(told["name"]), int(told["variablesReference"])
    return Node("scope", (frame.path[0], name), "", name.lower(), reference, 0, _count(told))


def _variable(parent: Node, told: dict[str, Any]) -> Node:
    path = (*parent.path, str(told["name"]))
    expression = str(told.get("evaluateName") or parent.expression)  # a piece of a long text is shown with the whole
    return Node("value", path, str(told["value"]), expression, int(told["variablesReference"]), 0, _count(told))


def _ranges(node: Node) -> Iterator[Node]:
    """The items of a long list in at most PAGE ranges."""
    size = PAGE
    while size * PAGE < node.count:
        size *= PAGE
    for at in range(node.first, node.first + node.count, size):
        count = min(size, node.first + node.count - at)
        path = (*node.path, f"{at} … {at + count - 1}")
        yield Node("range", path, "", node.expression, node.reference, at, count)


def line(node: Node, depth: int, width: int) -> Line:
    """A row: its mark, its name, and its value in what room there is."""
    mark = _MARKS[node.opened if node.opens else None]
    style = {"frame": "strong", "scope": "heading", "range": "dim"}.get(node.kind, "json-key")
    head: Line = [
        ("  " * min(depth, 8) + mark, "dim"),
        (cut(node.path[-1], max(4, width // 2) if node.kind == "value" else width), style),
    ]
    if node.kind == "frame":
        return clip([*head, (f"  {cut(node.value, width)}" if node.value else "", "faint")], width)
    if node.kind != "value":
        return clip([*head, (f"  {node.count}" if node.count and node.kind == "scope" else "", "faint")], width)
    shown = next(iter(jsontext.coloured(cut(node.value, width))))
    return clip([*head, ("  ", ""), *shown], width)
