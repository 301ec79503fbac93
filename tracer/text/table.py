"""The rows of `tracer ls`, in columns or as JSON."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from typing import IO

from tracer.text import format as fmt
from tracer.text.render import wants_colour
from tracer.text.safe import clean, columns, snippet
from tracer.text.summary import Summary

_HEAD = ("id", "when", "agent", "status", "time", "cycles", "tokens", "cost", "prompt")
_AGENT, _STATUS, _RIGHT = 2, 3, (4, 5, 6, 7)
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
    widths = [max(map(columns, column)) for column in zip(_HEAD, *cells, strict=True)]
    if out.isatty():
        _squeeze(widths, shutil.get_terminal_size().columns)
    colour, head = wants_colour(out), _placed(_HEAD, widths)
    out.write(f"\x1b[2m{head}\x1b[0m\n" if colour else f"{head}\n")
    for row, cell in zip(rows, cells, strict=True):
        out.write(_placed(cell, widths, _COLOURS.get(row.status, "31") if colour else "") + "\n")


def _squeeze(widths: list[int], room: int) -> None:
    """Have the columns fit into the room: the prompt gives way, and where that is not enough the agent's name."""
    *first, prompt = widths
    left = room - sum(first) - 2 * len(first)
    widths[-1] = min(prompt, left) if left >= _NARROW else 0
    over = sum(first) + 2 * (len(first) - 1) - room
    widths[_AGENT] = min(first[_AGENT], max(_NARROW, first[_AGENT] - over))


def _placed(cells: tuple[str, ...], widths: list[int], code: str = "") -> str:
    """The cells in columns of these widths; the last one is cut, the status coloured where a code is given."""
    *first, prompt = cells
    first[_AGENT] = snippet(first[_AGENT], widths[_AGENT])
    first = [_padded(cell, width, n in _RIGHT) for n, (cell, width) in enumerate(zip(first, widths, strict=False))]
    if code:
        first[_STATUS] = f"\x1b[{code}m{first[_STATUS]}\x1b[0m"
    return "  ".join([*first, snippet(prompt, widths[-1]) if widths[-1] else ""]).rstrip()


def _padded(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - columns(cell))
    return gap + cell if right else cell + gap


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
