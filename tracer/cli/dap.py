"""`tracer dap`: a live session's debugger on standard input and output, for editors and for other machines."""

from __future__ import annotations

import click

from tracer.cli.command import Command


@click.command(cls=Command)
@click.argument("session", default="")
def command(session: str) -> None:
    """Speak the Debug Adapter Protocol for a live SESSION (default: the only one) over standard input and output."""
    from tracer.debug.live import find_live
    from tracer.debug.stdio import bridge

    bridge(find_live(session).socket)
