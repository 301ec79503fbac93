"""`tracer ls`: the recorded sessions, from their heads and tails."""

from __future__ import annotations

import sys

import click

from tracer.cli.command import Command


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a session.")
@click.option("-n", "count", type=click.IntRange(min=1), default=None, help="The newest N (default: all).")
def command(count: int | None, as_json: bool) -> None:
    """List the recorded sessions, newest first."""
    from tracer.journal.paths import list_sessions, sessions_dir
    from tracer.text import table
    from tracer.text.summary import summarise

    paths = list_sessions()[:count]
    rows = (summarise(path) for path in paths)
    if as_json:
        table.write_json(sys.stdout, rows)
    elif paths:
        table.write(sys.stdout, list(rows))
    else:
        click.echo(f"no session in {sessions_dir()} yet; record one: `tracer demo`", err=True)
