"""`tracer view`: a session on screen, live or over; plain lines where there is no terminal."""

from __future__ import annotations

import sys

import click

from tracer.cli.command import Command, on_terminal, opened, take_terminal


@click.command(cls=Command)
@click.argument("session", default="last")
@click.option("--plain", is_flag=True, help="Print lines instead of opening the screen.")
def command(session: str, plain: bool) -> int:
    """Open SESSION (default: the newest) on screen. A live one is followed, and can be stopped and edited.

    Where standard output is no terminal, its plain lines are printed, to its end; `tracer show` has filters and JSON.
    """
    with opened(session) as found:
        if plain or not on_terminal():
            from tracer.text.listing import follow_session

            follow_session(found)
            return 0
        from tracer.debug.paths import socket_path
        from tracer.tui import run_view

        take_terminal()
        live = found.reader.standing() == "live"  # what `state` tells, without reading a long file first
        socket = socket_path(found.id) if live else None
        code = run_view(found.path, mode="view", socket=socket if socket and socket.exists() else None)
    sys.stdout.flush()
    return code
