"""`tracer replay`: a session again at its own pace, on screen or as plain lines. Nothing is run a second time."""

from __future__ import annotations

import click

from tracer.cli.command import Command, on_terminal, opened, take_terminal
from tracer.cli.number import FROM_0


@click.command(cls=Command)
@click.argument("session", default="last")
@click.option("--speed", type=FROM_0, default=1.0, show_default=True,
              help="Times the recorded pace; 0: all at once.")  # fmt: skip
@click.option("--plain", is_flag=True, help="Print lines at that pace instead of opening the screen.")
def command(session: str, speed: float, plain: bool) -> int:
    """Play SESSION (default: the newest) on screen: Space pauses, < > change the speed, , . step."""
    with opened(session) as found:
        if plain or not on_terminal():
            from tracer.text.listing import play_session

            play_session(found, speed)
            return 0
        from tracer.tui import run_view

        take_terminal()
        return run_view(found.path, mode="replay", speed=speed)
