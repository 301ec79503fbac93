"""The transcript of one fold at one width: which lines its items take, laid out in slices. No widget."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from typing import Any

from msgspec.structs import replace
from textual.cache import LRUCache

from tracer import records as r
from tracer.tui.model import broken, transcript
from tracer.tui.model.feed import Feed
from tracer.tui.model.lines import Line

_BEFORE_IT_IS_SAID = (r.InvocationStart, r.CycleStart, r.ModelStart, r.BlockStart, r.Delta, r.BlockStop, r.ModelEnd)
_AFTER = 64  # items to look through for what a record leads to; parallel agents may speak in between


class Layout:
    """`ends[n]` is the row at which item `n` begins; an item is a record that says something.

    `opened`: the seqs of the items that show all their lines.
    """

    def __init__(self, feed: Feed, width: int, opened: set[int]) -> None:
        self.feed, self.width, self.opened = feed, width, opened
        self.generation = feed.generation
        self.ends = array("I", [0])
        self._told: dict[tuple[str, int], set[str]] = {}
        self._items: LRUCache[int, list[Line]] = LRUCache(256)

    @property
    def count(self) -> int:
        """How many items are laid out."""
        return len(self.ends) - 1

    @property
    def settled(self) -> bool:
        """Whether all of them are."""
        return self.count == len(self.feed.said)

    def fits(self, feed: Feed, width: int) -> bool:
        """Whether it is one of this fold, as far as that was not begun anew, at this width."""
        return (self.generation, self.width) == (feed.generation, width)

    def grow(self, deadline: float) -> None:
        """Lay out what is new, until about `deadline` (of the performance counter)."""
        while not self.settled and time.perf_counter() < deadline:
            self.ends.append(self.ends[-1] + len(self.item(self.count)))

    def at(self, row: int) -> int:
        """The item that a row belongs to."""
        return bisect_right(self.ends, row) - 1

    def place(self, seq: int) -> tuple[int, int] | None:
        """(row, last row) of what the transcript tells of a record; None where that is not laid out yet."""
        record, said = self.feed.reader.record(seq), self.feed.said
        item = max(0, bisect_right(said, seq) - 1)
        if isinstance(record, r.ToolStart):
            return self._call(record) or self._heading(item)
        if isinstance(record, _BEFORE_IT_IS_SAID) and (item >= len(said) or said[item] != seq):
            streams = self.settled and item == len(said) - 1  # it hangs below the items
            return (self.ends[-1] + 1,) * 2 if streams else self._heading(self._next(record, item))
        while item and item < self.count and self.ends[item] == self.ends[item + 1]:  # told with another one
            item -= 1
        return self._heading(item)

    def _heading(self, item: int) -> tuple[int, int] | None:
        if not 0 <= item < self.count:
            return None
        row, end = self.ends[item], self.ends[item + 1]
        return row + (end - row > 1 and not self.item(item)[0]), max(row, end - 1)

    def _next(self, record: r.Record, otherwise: int, kind: type[r.Record] = r.Record) -> int:
        """The first item behind a record that its cycle or call came to."""
        first = bisect_right(self.feed.said, record.seq)
        for item in range(first, min(self.count, first + _AFTER)):
            told = self.feed.reader.record(self.feed.said[item])
            within = isinstance(told, kind) and told.inv == record.inv and record.cycle in (0, told.cycle)
            if within and self.ends[item] < self.ends[item + 1]:
                return item
        return otherwise

    def _call(self, record: r.ToolStart) -> tuple[int, int] | None:
        """The rows of the message's words for a tool call."""
        span, reader = self.feed.timeline.of(record), self.feed.reader
        models = [one for one in span.parent.children if one.kind == "model"] if span and span.parent else []
        asked = next((reader.record(one.last) for one in reversed(models) if 0 <= one.last < record.seq), None)
        item = self._next(asked, -1, r.Message) if asked is not None else -1
        message = reader.record(self.feed.said[item]) if item >= 0 else None
        content = message.content if isinstance(message, r.Message) else []
        calls = [at for at, block in enumerate(content) if isinstance(block, dict) and "toolUse" in block]
        if not isinstance(message, r.Message) or record.index >= len(calls):
            return None
        at = calls[record.index]
        row = self.ends[item + 1] - self._rows(message, content[at:])
        return row, row + self._rows(message, content[at : at + 1]) - 1

    def _rows(self, message: r.Message, content: list[Any]) -> int:
        """How many rows a part of a message takes."""
        parts = transcript.parts(replace(message, content=content))
        whole = message.seq in self.opened
        return len(transcript.lay_out(parts, self.width, whole, message.inv.count(".")))

    def row(self, row: int) -> Line:
        """A line of the transcript."""
        item = self.at(row)
        return self.item(item)[row - self.ends[item]]

    def turn(self, index: int, whole: bool) -> None:
        """Show all lines of an item, or the first ones."""
        seq = self.feed.said[index]
        (self.opened.add if whole else self.opened.discard)(seq)
        self._items.discard(index)
        by = len(self.item(index)) - (self.ends[index + 1] - self.ends[index])
        for after in range(index + 1, len(self.ends)):
            self.ends[after] += by

    def item(self, index: int) -> list[Line]:
        """The lines of an item."""
        lines = self._items.get(index)
        if lines is None:
            seq = self.feed.said[index]
            record = self.feed.reader.record(seq)
            told = self._told.setdefault((record.inv, record.cycle), set())
            if isinstance(record, r.ToolEnd):
                told.add(record.tool_use_id)
            parts = [*self._cut_off(record), *transcript.parts(record, told)]
            lines = transcript.lay_out(parts, self.width, seq in self.opened, record.inv.count("."))
            above = self._opening(record.inv, self._inv(index - 1))
            if lines and (isinstance(record, (r.Message, r.ModelEnd)) or len(above) > 1):
                lines = [*above[index == 0 :], *lines]
            self._items[index] = lines
        return lines

    def streaming(self) -> list[Line]:
        """What hangs below the items: the answer that streams now, or where a crash broke off."""
        feed = self.feed
        if feed.broken is not None:
            return [[], *transcript.lay_out(broken.crashed(feed.broken, feed.reader), self.width, whole=True)]
        lines: list[Line] = []
        before = self._inv(len(feed.said) - 1)
        for span in feed.timeline.open_invocations():
            parts = transcript.streaming(feed.timeline.live_blocks(span.inv))
            if parts:
                lines += self._opening(span.inv, before)
                lines += transcript.lay_out(parts, self.width, whole=True, depth=span.inv.count("."))
                before = span.inv
        return lines

    def _inv(self, index: int) -> str:
        """Whose an item is."""
        return self.feed.reader.record(self.feed.said[index]).inv if index >= 0 else ""

    def _opening(self, inv: str, before: str) -> list[Line]:
        """What stands above an item: an empty line, and a sub-agent's name where another one spoke before."""
        depth, span = inv.count("."), self.feed.timeline.at(f"inv:{inv}")
        if not depth or inv == before or span is None:
            return [[]]
        return transcript.opening(span.name, depth, self.width)

    def _cut_off(self, record: r.Record) -> list[transcript.Part]:
        """What had come of the answer that a record cut off."""
        if not isinstance(record, (r.ModelEnd, r.InvocationEnd)):
            return []
        span = broken.cut_by(record, self.feed.timeline)
        return broken.cut_off(span, self.feed.reader) if span is not None else []
