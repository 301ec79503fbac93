"""A recording's debugger on standard input and output, or on a socket of this user's: each client moves by itself."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

from tracer.debug.errors import NoProtocolError
from tracer.debug.listener import bind, peer_is_us
from tracer.debug.recorded.moving import commands
from tracer.debug.recorded.stage import Recorded
from tracer.debug.recorded.tape import Tape
from tracer.debug.session import Message, Session
from tracer.debug.wire import Decoder, WireError, encode

_CHUNK = 1 << 16


class Talk:
    """One client's: feed it bytes, it writes its answers; `over` once nothing more is to be said."""

    def __init__(self, tape: Tape, at: int, write: Callable[[bytes], object]) -> None:
        self._seq = itertools.count(1)
        self._write = write
        self._decoder = Decoder()
        self._session = Session(Recorded(tape, at), self._send, commands())

    def _send(self, message: Message) -> None:
        self._write(encode({"seq": next(self._seq), **message}))

    @property
    def over(self) -> bool:
        """Whether the client has said goodbye."""
        return self._session.done

    def end(self) -> None:
        """Nothing more comes. Raises WireError where a message was begun."""
        self._decoder.end()

    def feed(self, data: bytes) -> None:
        """Answer what came. Raises WireError."""
        for message in self._decoder.feed(data):
            self._session.handle(message)


def on_stdio(tape: Tape, at: int) -> None:
    """Serve standard input and output until either ends. Raises NoProtocolError."""
    talk = Talk(tape, at, _out)
    try:
        while not talk.over and (data := os.read(0, _CHUNK)):
            talk.feed(data)
        if not talk.over:
            talk.end()
    except WireError as error:
        raise NoProtocolError(error) from error
    except BrokenPipeError:
        return


def _out(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


async def on_socket(tape: Tape, at: int, path: Path) -> asyncio.Server:
    """Serve each connection to a socket at `path`, 0600, until the server that is returned is closed."""

    async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not peer_is_us(writer.get_extra_info("socket")):
                return
            talk = Talk(tape, at, writer.write)
            while not talk.over and (data := await reader.read(_CHUNK)):
                talk.feed(data)
                await writer.drain()
        except (WireError, ConnectionError):
            return
        finally:
            writer.close()

    return await asyncio.start_unix_server(came, sock=bind(path))
