"""The rows of the waterfall: the span tree flattened, what is folded left out. It grows at its end where it can."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.text.safe import clean
from tracer.timeline import BAD, Span, Timeline
from tracer.tui.model.lines import Line

DEEP = 8
_MARKS = {"invocation": "●", "cycle": "○", "model": "◆", "tool": "▸"}
_STATE = {"forced": "forced to stop", "cancelled": "cancelled", "abandoned": "abandoned", "incomplete": "incomplete"}


class Tree:
    """`rows`: the spans that show, in the order of the tree; `folded`: paths of those whose children do not."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.rows: list[Span] = []
        self.folded: set[str] = set()
        self._index: dict[str, int] = {}
        self._seen = 0

    def update(self) -> bool:
        """Take in the spans that are new; returns whether rows above the last one moved."""
        spans = self.timeline.spans
        while self._seen < len(spans):
            span = spans[self._seen]
            if not self._hidden(span):
                if not self._follows(span):
                    self.rebuild()
                    return True
                self._append(span)
            self._seen += 1
        return False

    def rebuild(self) -> None:
        """Flatten the whole tree anew."""
        self.rows, self._index = [], {}
        stack = list(reversed(self.timeline.roots))
        while stack:
            span = stack.pop()
            self._append(span)
            if span.path not in self.folded:
                stack.extend(reversed(span.children))
        self._seen = len(self.timeline.spans)

    def fold(self, span: Span) -> None:
        """Hide what is below a span."""
        self.folded.add(span.path)
        self.rebuild()

    def unfold(self, span: Span) -> None:
        """Show what is below a span."""
        self.folded.discard(span.path)
        self.rebuild()

    def row_of(self, span: Span | None) -> int | None:
        """The row of a span, or of the folded span that hides it."""
        while span is not None:
            row = self._index.get(span.path)
            if row is not None:
                return row
            span = span.parent
        return None

    def _append(self, span: Span) -> None:
        self._index[span.path] = len(self.rows)
        self.rows.append(span)

    def _hidden(self, span: Span) -> bool:
        above = span.parent
        while above is not None:
            if above.path in self.folded:
                return True
            above = above.parent
        return False

    def _follows(self, span: Span) -> bool:
        """Whether the span comes right after the last row: its parent is that row, or one above it."""
        if span.parent is None or not self.rows:
            return span.parent is None
        above: Span | None = self.rows[-1]
        while above is not None:
            if above is span.parent:
                return True
            above = above.parent
        return False


@dataclass(frozen=True, slots=True)
class Look:
    """How a span is drawn: its mark and the names of its styles."""

    mark: str
    name: str
    bar: str


def look(span: Span, folded: bool = False) -> Look:
    """A span's mark and styles: by kind, unless it is held or went wrong."""
    mark = "▪" if folded and span.children else _MARKS[span.kind]
    if span.held:
        return Look("‖" if span.kind in ("tool", "model") else mark, "stop", "stop")
    if span.status in BAD:
        refused = span.status == "cancelled" and span.kind == "tool"
        style = "warn" if refused or span.status == "incomplete" else "error"
        return Look("✗" if span.kind in ("tool", "model") else mark, style, style)
    return Look(mark, span.kind, span.kind)


def name_line(span: Span, folded: bool) -> Line:
    """The span's name, indented by its depth."""
    style = look(span, folded)
    name = clean(f"{span.name} ×{span.attempt + 1}" if span.attempt else span.name)
    more = f" +{sum(1 for _ in span.walk()) - 1}" if folded and span.children else ""
    weight = "text" if span.kind in ("model", "tool") else "strong" if span.kind == "invocation" else "dim"
    if style.name in ("stop", "error", "warn") and span.kind in ("model", "tool"):
        weight = style.name
    return [_indent(span.depth), (style.mark + " ", style.name), (name, weight), (more, "faint")]


def _indent(depth: int) -> tuple[str, str]:
    """The room before a name; of what lies deeper than there is room for, the depth as a number."""
    return ("  " * depth, "") if depth <= DEEP else (f"{f'⋯{depth} ':>{2 * DEEP}}", "faint")


def remark(span: Span) -> tuple[str, str]:
    """What is worth saying beside a bar: (text, style); empty for a span that went well."""
    if span.held and span.kind in ("tool", "model"):
        return "STOPPED", "stop"
    if span.edited and span.kind == "tool" and span.status not in BAD:
        return "edited", "warn"
    if span.kind == "tool" and span.reason and span.status in ("cancelled", "ok"):
        return ("refused" if span.status == "cancelled" else "skipped"), "warn"
    if span.status == "error" and span.kind in ("tool", "model"):
        return span.reason or span.error or "error", "error"
    if span.status in _STATE and span.kind == "invocation":
        return span.reason or _STATE[span.status], "error"
    return "", ""
