"""`tracer ls`: the recorded sessions, one row each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.age import seconds
from tracer.cli.command import Command
from tracer.cli.number import COUNT

if TYPE_CHECKING:
    from tracer.text.choose import Choice

EPILOG = """\b
FILTER asks for label (the session's own, or an invocation's), agent, status,
  prompt, id, duration, cycles, tokens, cost:
  tracer ls label.team = search            tracer ls 'status = error and cost > $0.5'
  tracer ls --since 2h --status live       tracer ls --agent 'shop*' --json

With a label it is asked of each invocation, for which the session's labels hold too;
one that fits is enough: `not label.env = prod` lists those with one that is not in prod.

A number with a `+` is that of a part: the session is over 1 MB and has no totals at its end."""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("filter", nargs=-1)
@click.option("--agent", default="", metavar="GLOB", help="Those of this agent.")
@click.option("--since", callback=seconds, metavar="AGE", default=None, help="Those that began in this time, e.g. 2h.")
@click.option(
    "--status", default="", help="ok, error, forced, cancelled, abandoned, crashed, live, empty or unreadable."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a session.")
@click.option("-n", "count", type=COUNT, default=None, help="The newest N of them (default: all).")
def command(filter: tuple[str, ...], *, count: int | None, as_json: bool, **asked: Any) -> None:
    """List the recorded sessions, newest first, or those that FILTER lets through."""
    from itertools import islice

    from tracer.journal.paths import list_sessions, sessions_dir
    from tracer.text import table
    from tracer.text.choose import Choice
    from tracer.text.summary import summarise

    paths = list_sessions()
    choice = Choice(**asked, filter=" ".join(filter))
    rows = islice((row for row in map(summarise, paths) if choice.takes(row)), count)
    if as_json:
        table.write_json(sys.stdout, rows)
    elif found := list(rows):
        table.write(sys.stdout, found)
    elif paths:
        click.echo(f"no such session among {len(paths)}", err=True)
    else:
        click.echo(f"no session in {sessions_dir()} yet; record one: `tracer demo`", err=True)
    _tell_doubts(choice)


def _tell_doubts(choice: Choice) -> None:
    from tracer.text.labelled import MOST

    if choice.unsure:
        sessions = "1 session is" if choice.unsure == 1 else f"{choice.unsure} sessions are"
        click.echo(f"{sessions} too long to be summed, and judged by what was seen of the sums (`+`)", err=True)
    if choice.unread:
        sessions = "1 session is" if choice.unread == 1 else f"{choice.unread} sessions are"
        where = f"the first {MOST >> 20} MB only; `tracer show ID FILTER` reads all"
        click.echo(f"{sessions} long: labels were looked for in {where}", err=True)
