"""The rows of `tracer ls`, in columns or as JSON."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from typing import IO

from tracer.text import format as fmt
from tracer.text.render import wants_colour
from tracer.text.safe import clean, snippet
from tracer.text.summary import Summary

_HEAD = ("id", "when", "agent", "status", "time", "cycles", "tokens", "cost", "prompt")
_RIGHT = (4, 5, 6, 7)
_COLOURS = {"ok": "32", "live": "36", "running": "36"}
_PROMPT = 60
_NARROW = 8  # a prompt column of less tells nothing: it is left out


def write_json(out: IO[str], rows: Iterable[Summary]) -> None:
    """One JSON object a row: duration in nanoseconds, cost in USD or null."""
    for row in rows:
        out.write(json.dumps(dataclasses.asdict(row)) + "\n")


def write(out: IO[str], rows: list[Summary]) -> None:
    """The rows in aligned columns; on a terminal the prompt is cut to its width."""
    cells = [_cells(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(_HEAD, *cells, strict=True)]
    widths[-1] = _room(out, widths)
    colour = wants_colour(out)
    out.write(_row(_HEAD, widths, "2" if colour else "") + "\n")
    for row, cell in zip(rows, cells, strict=True):
        out.write(_row(cell, widths, "", _COLOURS.get(row.status, "31") if colour else "") + "\n")


def _room(out: IO[str], widths: list[int]) -> int:
    if not out.isatty():
        return widths[-1]
    left = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    return min(widths[-1], left) if left >= _NARROW else 0


def _row(cells: tuple[str, ...], widths: list[int], tone: str, status_tone: str = "") -> str:
    placed = [c.rjust(w) if n in _RIGHT else c.ljust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))]
    placed[-1] = snippet(cells[-1], widths[-1]) if widths[-1] else ""
    if status_tone:
        placed[3] = f"\x1b[{status_tone}m{placed[3]}\x1b[0m"
    line = "  ".join(placed).rstrip()
    return f"\x1b[{tone}m{line}\x1b[0m" if tone else line


def _cells(row: Summary) -> tuple[str, ...]:
    more = "+" if row.partial else ""
    return (
        clean(row.id),
        fmt.moment(row.start) if row.start else "",
        snippet(row.agent, 20),
        row.status,
        fmt.duration(row.duration),
        f"{row.cycles}{more}",
        fmt.tokens(row.tokens, row.estimated) + more,
        fmt.cost(row.cost) + (more if row.cost is not None else ""),
        snippet(row.prompt, _PROMPT),
    )
