"""The whole value of what is selected, as text for screen and clipboard; and its rows, megabytes included."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from rich.cells import cell_len

from tracer import records as r
from tracer.journal.reader import Reader
from tracer.text.safe import clean
from tracer.timeline import Span
from tracer.tui.model import broken, inspect, jsontext, transcript


def of_record(record: r.Record) -> tuple[str, str]:
    """(title, text) of a record: what was said where it is a message or a result, else its JSON."""
    title = f"{r.kind_of(record)} #{record.seq}"
    if isinstance(record, r.Message) and all(isinstance(block, dict) and "text" in block for block in record.content):
        return title, "\n\n".join(str(block["text"]) for block in record.content)
    if isinstance(record, r.ToolEnd):
        said = [("input", jsontext.pretty(record.input)), ("result", transcript.result_text(record.result))]
        return title, _sections([*said, ("exception", _failure(record.error))])
    if isinstance(record, r.Log):
        return title, record.text
    return title, jsontext.pretty(inspect.whole(record))


def of_span(span: Span, reader: Reader) -> tuple[str, str]:
    """(title, text) of a span: a tool call's input and result, a model call's answer, the first record of others."""
    first = reader.record(span.first)
    last = reader.record(span.last) if 0 <= span.last < len(reader) else first
    title = f"{span.name} #{span.first}"
    if isinstance(first, r.ToolStart):
        if isinstance(last, r.ToolEnd):
            return title, of_record(last)[1]
        return title, _sections([("input", jsontext.pretty(first.input))])
    if isinstance(first, r.ModelStart):
        said = inspect.answer(span, reader)
        parts = [("answer", jsontext.pretty(said.content))] if said else []
        if not said and span.end is not None:
            note = " (cut off)" if broken.ended_early(span, reader) else ""
            parts += [(f"{part.tag} {part.head}".strip() + note, part.text) for part in broken.partial(span, reader)]
        if isinstance(last, r.ModelEnd):
            parts += [("exception", _failure(last.error))]
        return title, _sections([*parts, ("request", jsontext.pretty(inspect.whole(first)))])
    if isinstance(first, r.InvocationStart):
        prompt = first.prompt if isinstance(first.prompt, str) else jsontext.pretty(first.prompt)
        end = jsontext.pretty(inspect.whole(last)) if isinstance(last, r.InvocationEnd) else ""
        return title, _sections([("prompt", prompt), ("end", end)])
    return title, jsontext.pretty(inspect.whole(first))


def _failure(failure: r.Failure | None) -> str:
    return f"{failure.said}\n{failure.traceback}".rstrip() if failure else ""


def _sections(parts: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"── {name}\n{text}" for name, text in parts if text)


class TextRows:
    """A long text in rows of `width` columns: only the place of each row is kept, a row is cut out when it is drawn."""

    def __init__(self, text: str, width: int) -> None:
        self.text = clean(text, keep_newlines=True)
        self._starts = array("Q")
        self._lay_out(max(2, width))

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, row: int) -> str:
        start = self._starts[row]
        end = self._starts[row + 1] if row + 1 < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\n")

    def row_of(self, offset: int) -> int:
        """The row that holds a character."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def _lay_out(self, width: int) -> None:
        text, at = self.text, 0
        while at <= len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            self._break(at, end, width)
            at = end + 1

    def _break(self, at: int, end: int, width: int) -> None:
        self._starts.append(at)
        while end - at > width or (end - at > width // 2 and cell_len(self.text[at:end]) > width):
            piece = self.text[at : at + width]
            step = width if piece.isascii() else _reach(piece, width)
            at += _word(self.text, at, min(step, end - at), end)
            if at < end:
                self._starts.append(at)


def _word(text: str, at: int, step: int, end: int) -> int:
    """Of `step` characters from `at` as many as end with a word, where a line that goes on to `end` has a gap there."""
    if at + step >= end:
        return step
    space = text.rfind(" ", at, at + step)
    indent = step - len(text[at : at + step].lstrip(" "))
    return space + 1 - at if space > at + indent else step


def _reach(piece: str, width: int) -> int:
    while cell_len(piece) > width:
        piece = piece[: max(1, len(piece) - max(1, (cell_len(piece) - width) // 2))]
    return len(piece)
