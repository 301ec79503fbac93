"""`tracer attach`: the screen of a live session, with its debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracer.cli.command import Command, on_terminal, take_terminal
from tracer.cli.number import FROM_0, number_type
from tracer.cli.steering import patiently
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.debug.live import Live


@click.command(cls=Command)
@click.argument("session", default="")
@click.option("--observe", is_flag=True, help="Only look: never stop anything, never count as somebody who can decide.")
@click.option(
    "--via", default="", metavar="CMD", help="A session of another machine: 'ssh host', or 'kubectl exec -i POD --'."
)
@click.option("--wait", type=FROM_0, default=0.0, metavar="SECONDS", help="Wait so long for a live session to come.")
def command(session: str, observe: bool, via: str, wait: float) -> int:
    """Watch and debug a live SESSION (default: the only one; of several you choose). Closing it ends nothing."""
    if not on_terminal():
        raise TracerError(
            "there is no terminal to draw on", "`tracer view --plain` follows it, `tracer stops` and its like steer it"
        )
    if via and wait:
        raise TracerError("--wait is for sessions of this machine", "`tracer stops --wait` takes --via")
    return _far(session, observe, via) if via else _near(session, observe, wait)


def _near(session: str, observe: bool, wait: float) -> int:
    from tracer.debug.live import choose, live_sessions

    if wait > 0:
        click.echo("waiting for a live session; Ctrl-C ends it", err=True)
    fitting = patiently(wait, lambda: choose(live_sessions(), session))
    found = fitting[0] if len(fitting) == 1 else _picked(fitting)
    if found.path is None:
        raise TracerError(f"the file of {found.id} is not in this home", "set TRACER_HOME as it is in that program")
    from tracer.tui import run_view

    take_terminal()
    return run_view(found.path, mode="view", socket=None if observe else found.socket)


def _far(session: str, observe: bool, via: str) -> int:
    """The session's file comes over the same connection as its debugger; what is copied here goes with the screen."""
    from tracer.debug.mirror import Mirror
    from tracer.debug.via import Via
    from tracer.tui import run_view

    take_terminal()
    mirror = Mirror(Via(via, session), observe)
    try:
        mirror.begin()
        return run_view(mirror.path, mode="view", socket=mirror)
    finally:
        mirror.close()


def _picked(there: list[Live]) -> Live:
    from tracer.text.safe import clean

    for number, one in enumerate(there, 1):
        labels = " ".join(f"{key}={value}" for key, value in one.labels.items())
        click.echo(clean(f"{number:>3}  {one.id}  {one.agent or 'agent'}  pid {one.pid or '?'}  {labels}".rstrip()))
    which = number_type(1, len(there), whole=True)
    return there[click.prompt("which one", value_proc=lambda given: int(which(given)), default=1) - 1]
