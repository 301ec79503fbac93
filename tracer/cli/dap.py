"""`tracer dap`: a live session's debugger on standard input and output, or on a local port, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.command import Command


@click.command(cls=Command)
@click.argument("session", default="")
@click.option(
    "--listen",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="On this port of 127.0.0.1 instead (0: any), for clients that know the token on standard error.",
)
def command(session: str, listen: int | None) -> None:
    """Speak the Debug Adapter Protocol for a live SESSION (default: the only one) over standard input and output."""
    from tracer.debug.live import find_live
    from tracer.debug.stdio import bridge

    socket = find_live(session).socket
    if listen is None:
        bridge(socket)
    else:
        _listen(socket, listen)


def _listen(socket: Path, port: int) -> None:
    import asyncio
    import secrets

    from tracer.debug import port as ports

    token = secrets.token_urlsafe(24)

    def tell(taken: int) -> None:
        click.echo(f"listening on 127.0.0.1:{taken}, token {token}", err=True)

    asyncio.run(ports.listen(socket, port, token, tell))
