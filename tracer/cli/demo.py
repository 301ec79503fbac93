"""`tracer demo`: see an agent stopped before it does harm."""

from __future__ import annotations

import click

from tracer.cli.command import Command, on_terminal
from tracer.cli.number import FROM_0


@click.command(cls=Command)
@click.option("--speed", type=FROM_0, default=1.0, show_default=True,
              help="Times a human pace; 0: at once.")  # fmt: skip
@click.option("--plain", is_flag=True, help="Plain lines instead of the screen; then it does not stop.")
@click.option("--anonymous", is_flag=True, help="Record nothing that tells of this machine and its user.")
@click.option("--otlp", default="", metavar="URL", help="Send spans there as they end, e.g. http://localhost:4318.")
def command(speed: float, plain: bool, anonymous: bool, otlp: str) -> int:
    """Watch an agent tidy a sandbox folder, and stop it before it deletes the wrong one.

    It needs no key and no network, and touches only a temporary folder of its own making. Where there is no terminal it
    prints plain lines and does not stop.
    """
    from tracer.demo.show import play

    return play(speed, on_terminal() and not plain, otlp, anonymous)
