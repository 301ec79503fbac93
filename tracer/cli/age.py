"""Ages on the command line: `90s`, `15m`, `2h`, `30d`, `4w`."""

from __future__ import annotations

import re

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,6})([smhdw])")


def seconds(_ctx: click.Context, _param: click.Parameter, given: str | None) -> int | None:
    """A click callback: the age in seconds. Raises BadParameter."""
    found = _AGE.fullmatch(given or "")
    if given is not None and not found:
        raise click.BadParameter(f"{given!r} is no age such as 90s, 15m, 2h, 30d or 4w")
    return int(found[1]) * _SECONDS[found[2]] if found else None
