"""Ages on the command line: `90s`, `15m`, `2h`, `30d`, `4w`."""

from __future__ import annotations

import click

from tracer.units import read_age


def seconds(_ctx: click.Context, _param: click.Parameter, given: str | None) -> int | None:
    """A click callback: the age in seconds. Raises BadParameter."""
    try:
        return None if given is None else read_age(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
