"""The display boundary: what an agent, a tool or a model said is hostile text until it has passed here."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor, clear
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"  # OSC, if ended
    r"|\x1b[ -/]{0,4}[0-~]"  # two-character escapes
)
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BREAKS = "\n\v\f\r\x85\u2028\u2029"
_UNSAFE = re.compile(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\u2028\u2029{_BIDI}]")


def clean(s: str, keep_newlines: bool = False) -> str:
    """`s` without what acts on a terminal or hides what is there; safe to print, still not markup.

    Escape sequences, control, bidi and tag characters go; a lone surrogate is U+FFFD, a tab four spaces.
    A line break of any kind is one space, or one `\\n` with `keep_newlines`.
    """
    if s.isascii() and s.isprintable():
        return s
    if not _UNSAFE.search(s):
        return s
    s = _SEQUENCE.sub("", s).replace("\r\n", "\n")
    newline = "\n" if keep_newlines else " "

    def one(match: re.Match[str]) -> str:
        char = match[0]
        if char in _BREAKS:
            return newline
        if char == "\t":
            return "    "
        return "\ufffd" if "\ud800" <= char <= "\udfff" else ""

    return _UNSAFE.sub(one, s)


def escaped(line: bytes) -> bytes:
    """A line of JSON for a terminal: what `clean` would take out becomes `\\uXXXX`, which says the same in JSON."""
    text = line.decode("utf-8", "replace").rstrip("\r")

    def one(match: re.Match[str]) -> str:
        units = match[0].encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

    return _UNSAFE.sub(one, text).encode()


def columns(s: str) -> int:
    """How many columns a cleaned text takes on a terminal."""
    if s.isascii():
        return len(s)
    from rich.cells import cell_len  # not for the many who need none of its tables

    return cell_len(s)


def snippet(s: str, width: int) -> str:
    """The cleaned text in one line of at most `width` columns, an ellipsis where something is missing."""
    head = s[: 4 * width + 64]
    line = " ".join(clean(head).split())
    if columns(line) <= width and len(head) == len(s):
        return line
    return shortened(line, max(0, width - 1)).rstrip() + "…"


def shortened(line: str, width: int) -> str:
    """The beginning of a cleaned line, as much as fits into `width` columns."""
    if line.isascii() or columns(line[:width]) == width:
        return line[:width]
    from rich.cells import set_cell_size

    return set_cell_size(line, min(width, columns(line)))
