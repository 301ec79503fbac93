"""The rows of `tracer ls`, in columns or as JSON."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterable
from typing import IO

from tracer.text import format as fmt
from tracer.text.render import wants_colour
from tracer.text.safe import clean, snippet
from tracer.text.summary import Summary

_HEAD = ("id", "when", "agent", "status", "time", "cycles", "tokens", "cost", "prompt")
_STATUS, _RIGHT = 3, (4, 5, 6, 7)
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
    colour, place = wants_colour(out), _placed(widths)
    head = place(_HEAD)
    out.write(f"\x1b[2m{head}\x1b[0m\n" if colour else f"{head}\n")
    for row, cell in zip(rows, cells, strict=True):
        out.write(place(cell, _COLOURS.get(row.status, "31") if colour else "") + "\n")


def _room(out: IO[str], widths: list[int]) -> int:
    if not out.isatty():
        return widths[-1]
    left = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    return min(widths[-1], left) if left >= _NARROW else 0


def _placed(widths: list[int]) -> Callable[..., str]:
    """What puts cells in columns of these widths; the last one is cut, the status coloured where a code is given."""
    columns = [f"{{:{'>' if n in _RIGHT else '<'}{width}}}" for n, width in enumerate(widths[:-1])]
    plain, room = "  ".join([*columns, "{}"]).format, widths[-1]
    columns[_STATUS] = f"\x1b[{{code}}m{columns[_STATUS]}\x1b[0m"
    toned = "  ".join([*columns, "{}"]).format

    def place(cells: tuple[str, ...], code: str = "") -> str:
        *first, prompt = cells
        prompt = prompt if len(prompt) <= room else snippet(prompt, room) if room else ""
        return (toned(*first, prompt, code=code) if code else plain(*first, prompt)).rstrip()

    return place


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
