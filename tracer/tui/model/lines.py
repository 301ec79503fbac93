"""Styled lines: text with names of styles, cleaned, measured, cut and wrapped. It knows neither colours nor widgets."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from tracer.text.safe import clean

Piece = tuple[str, str]
Line = list[Piece]


def width_of(line: Line) -> int:
    """How many columns a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit(text: str, width: int, right: bool = False) -> str:
    """The cleaned text in exactly `width` columns: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    text = cut(text, width)
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


def cut(text: str, width: int) -> str:
    """The cleaned text in at most `width` columns, with an ellipsis where something is missing."""
    head = clean(text[: 4 * width + 64])
    if len(text) <= 4 * width + 64 and cell_len(head) <= width:
        return head
    return set_cell_size(head, width - 1).rstrip() + "…" if width > 0 else ""


def clip(line: Line, width: int) -> Line:
    """The line in at most `width` columns; where it is longer, its last column is an ellipsis."""
    if width_of(line) <= width:
        return line
    out: Line = []
    left = max(0, width - 1)
    for text, style in line:
        size = cell_len(text)
        if size >= left:
            return [*out, (set_cell_size(text, left).rstrip() + "…"[:width], style)]
        out.append((text, style))
        left -= size
    return out


def spread(left: Line, right: Line, width: int) -> Line:
    """`left` and `right` at the two ends of a line of `width` columns; the right one gives way last."""
    room = width - width_of(right) - 1
    if room < 8:
        return clip(left, width)
    left = clip(left, room)
    return [*left, (" " * (width - width_of(left) - width_of(right)), ""), *right]


def wrap(text: str, width: int) -> Iterator[str]:
    """The cleaned text in lines of at most `width` columns, broken between words where it can be."""
    width = max(1, width)
    for line in clean(text, keep_newlines=True).split("\n"):
        yield from _wrap_line(line, width)


def _wrap_line(line: str, width: int) -> Iterator[str]:
    if line.isascii():  # most are: a column a character, so that nothing has to be measured
        yield from _wrap_ascii(line, width)
        return
    while not _short(line, width):
        end = _reach(line, width)
        space = line.rfind(" ", 0, end + 1)
        if space <= len(line) - len(line.lstrip(" ")):
            yield line[:end]
            line = line[end:]
        else:
            yield line[:space]
            line = line[space + 1 :]
    yield line


def _wrap_ascii(line: str, width: int) -> Iterator[str]:
    start, stop = 0, len(line)
    while stop - start > width:
        space = line.rfind(" ", start, start + width + 1)
        lead = len(line) - len(line[start:].lstrip(" ")) if line[start] == " " else start
        if space <= lead:
            yield line[start : start + width]
            start += width
        else:
            yield line[start:space]
            start = space + 1
    yield line[start:]


def _short(line: str, width: int) -> bool:
    if len(line) > width * 2:
        return False
    return len(line) <= width if line.isascii() else cell_len(line) <= width


def _reach(line: str, width: int) -> int:
    """How many characters of `line` fit into `width` columns; at least one."""
    head = line[: width * 4]
    if head[:width].isascii():
        return width
    used = 0
    for index, char in enumerate(head):
        used += get_character_cell_size(char)
        if used > width:
            return max(1, index)
    return len(head)


def fold(line: Line, width: int, indent: int = 0) -> Iterator[Line]:
    """A styled line in lines of at most `width` columns; what is continued is indented by `indent`."""
    width = max(indent + 1, width)
    row: Line = []
    room = width
    for text, style in line:
        while text:
            if room <= 0:
                yield row
                row, room = [(" " * indent, "")] if indent else [], width - indent
            end = len(text) if _short(text, room) else _reach(text, room)
            if row and get_character_cell_size(text[0]) > room:
                room = 0
                continue
            row.append((text[:end], style))
            room -= cell_len(text[:end])
            text = text[end:]
    yield row
