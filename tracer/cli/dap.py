"""`tracer dap`: a session's debugger on standard input and output, or on a local port, for editors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.command import Command, split_session
from tracer.cli.number import PORT
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.debug.recorded.tape import Tape


@click.command(cls=Command)
@click.argument("session", default="")
@click.option(
    "--listen",
    type=PORT,
    metavar="PORT",
    help="On this port of 127.0.0.1 instead (0: any), for clients that know the token on standard error.",
)
def command(session: str, listen: int | None) -> None:
    """Speak the Debug Adapter Protocol for SESSION (default: the only live one) over standard input and output.

    A session that is over, or a file, is debugged as a recording: nothing can be changed, and steps lead back too.
    SESSION#SEQ begins at that record.
    """
    socket = _live(session)
    if socket is None:
        _recorded(session, listen)
    elif listen is None:
        from tracer.debug.stdio import bridge

        bridge(socket)
    else:
        _listen(socket, listen)


def _live(text: str) -> Path | None:
    """The socket of the live session that this means; None where it means a recording."""
    from tracer.debug.live import choose, live_sessions, only

    name, seq = split_session(text)
    if seq is not None:
        return None
    there = live_sessions()
    if name and os.path.exists(name):
        return next((one.socket for one in there if one.path and _same(one.path, name)), None)
    try:
        fitting = choose(there, name)
    except TracerError as error:
        if name:
            return None
        raise TracerError(error.message, f"{error.hint}; `tracer dap last` opens the newest recording") from None
    return only(fitting, "name one").socket


def _same(path: Path, name: str) -> bool:
    """Whether both are one file; a live session's may have been deleted meanwhile."""
    try:
        return os.path.samefile(path, name)
    except OSError:
        return False


def _recorded(text: str, port: int | None) -> None:
    from tracer.debug.recorded.serve import on_stdio
    from tracer.debug.recorded.tape import Tape
    from tracer.session import open_session

    name, seq = split_session(text)
    session = open_session(Path(name) if os.path.exists(name) else name)
    try:
        if session.state == "live":
            click.echo(f"{session.id} is live without a debugger: this is what was recorded so far", err=True)
        tape = Tape(session)
        at = tape.at_seq(seq or 0)
        if port is None:
            on_stdio(tape, at)
        else:
            _listen_to(tape, at, port)
    finally:
        session.close()


def _listen_to(tape: Tape, at: int, port: int) -> None:
    import asyncio
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tracer-") as folder:
        asyncio.run(_serve(tape, at, Path(folder) / "recording.sock", port))


async def _serve(tape: Tape, at: int, path: Path, port: int) -> None:
    from tracer.debug.recorded.serve import on_socket

    server = await on_socket(tape, at, path)
    try:
        await _door(path, port)
    finally:
        server.close()  # and no wait for who is connected: from Python 3.12 on it would last until they leave


def _listen(socket: Path, port: int) -> None:
    import asyncio

    asyncio.run(_door(socket, port))


async def _door(socket: Path, port: int) -> None:
    import secrets

    from tracer.debug import port as ports

    token = secrets.token_urlsafe(24)

    def tell(taken: int) -> None:
        click.echo(f"listening on 127.0.0.1:{taken}, token {token}", err=True)

    await ports.listen(socket, port, token, tell)
