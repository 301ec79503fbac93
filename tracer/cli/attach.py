"""`tracer attach`: the screen of a live session, with its debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracer.cli.command import Command, on_terminal, take_terminal
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.debug.live import Live


@click.command(cls=Command)
@click.argument("session", default="")
@click.option("--observe", is_flag=True, help="Only look: never stop anything, never count as somebody who can decide.")
def command(session: str, observe: bool) -> int:
    """Watch and debug a live SESSION (default: the only one; of several you choose). Closing it ends nothing."""
    from tracer.debug.live import choose, live_sessions

    if not on_terminal():
        raise TracerError("there is no terminal to draw on", "`tracer stops` and its like steer without one")
    fitting = choose(live_sessions(), session)
    found = fitting[0] if len(fitting) == 1 else _picked(fitting)
    if found.path is None:
        raise TracerError(f"the file of {found.id} is not in this home", "set TRACER_HOME as it is in that program")
    from tracer.tui import run_view

    take_terminal()
    return run_view(found.path, mode="view", socket=None if observe else found.socket)


def _picked(there: list[Live]) -> Live:
    from tracer.text.safe import clean

    for number, one in enumerate(there, 1):
        labels = " ".join(f"{key}={value}" for key, value in one.labels.items())
        click.echo(clean(f"{number:>3}  {one.id}  {one.agent or 'agent'}  pid {one.pid or '?'}  {labels}".rstrip()))
    number = click.prompt("which one", type=click.IntRange(1, len(there)), default=1)
    return there[number - 1]
