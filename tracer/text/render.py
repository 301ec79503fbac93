"""Lines as a terminal or a pipe gets them: columns of seq and time, quiet colours where they are wanted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from tracer.text import format as fmt
from tracer.text.safe import columns, shortened

if TYPE_CHECKING:
    from tracer.text.lines import Line, Tone

_CODES: dict[Tone, str] = {
    "plain": "", "dim": "2", "strong": "1", "good": "32", "bad": "31", "warn": "33", "tool": "36", "debug": "35",
}  # fmt: skip


def wants_colour(stream: IO[str]) -> bool:
    """Whether to colour what goes there: a terminal, unless NO_COLOR is set or it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def renderer(stream: IO[str], seqs: bool = False, whole: bool = False) -> Callable[[Line], str]:
    """How lines look on `stream`: at most three rows each on a terminal, unless `whole`. `seqs` adds addresses."""
    colour = wants_colour(stream)
    limit = 3 * max(40, shutil.get_terminal_size().columns) if stream.isatty() and not whole else 0

    def render(line: Line) -> str:
        text = "  " * line.depth + line.text
        column = (f"{line.seq:>6}  " if seqs else "") + f"{fmt.clock(line.t):>7}  "
        if limit and len(column) + columns(text) > limit:
            text = shortened(text, limit - len(column) - 1) + "…"
        if not colour or not _CODES[line.tone]:
            return (f"\x1b[2m{column}\x1b[0m" if colour else column) + text
        return f"\x1b[2m{column}\x1b[0m\x1b[{_CODES[line.tone]}m{text}\x1b[0m"

    return render
