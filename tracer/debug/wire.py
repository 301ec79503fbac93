"""Framing of the Debug Adapter Protocol: bytes to messages and back. It does no I/O and knows no message's meaning."""

from __future__ import annotations

from typing import Any

import msgspec

HEADER_LIMIT = 8 << 10
BODY_LIMIT = 64 << 20
_FIRST = b"content-length:"
_END = b"\r\n\r\n"

Message = dict[str, Any]


class WireError(ValueError):
    """These bytes are not DAP: the connection cannot go on."""


def encode(message: Message) -> bytes:
    """The message with its header. Raises TypeError on a value that JSON cannot hold."""
    return frame(msgspec.json.encode(message))


def frame(body: bytes) -> bytes:
    """A message's JSON with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Decoder:
    """Feed it bytes as they come; it gives the messages that are complete. After a WireError it is of no use."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes, in order. Raises WireError; what came with the fault is lost."""
        self._buffer += data
        messages: list[Message] = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def end(self) -> None:
        """Nothing more comes. Raises WireError where a message was begun."""
        if self._buffer or self._length is not None:
            raise WireError("it ends within a message")

    def _next(self) -> Message | None:
        if self._length is None:
            self._length = self._header()
        if self._length is None or len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return _object(body)

    def _header(self) -> int | None:
        head = bytes(self._buffer[: len(_FIRST)]).lower()
        if not _FIRST.startswith(head):
            raise WireError(f"a message begins with Content-Length:, not with {bytes(self._buffer[:20])!r}")
        end = self._buffer.find(_END, 0, HEADER_LIMIT)
        if end < 0:
            if len(self._buffer) >= HEADER_LIMIT:
                raise WireError(f"the header does not end within {HEADER_LIMIT} bytes")
            return None
        first = bytes(self._buffer[len(_FIRST) : end]).split(b"\r\n", 1)[0].strip()
        del self._buffer[: end + len(_END)]
        return _length(first)


def _length(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20:
        raise WireError(f"Content-Length is {text[:40]!r}, not a number of bytes")
    length = int(text)
    if length > BODY_LIMIT:
        raise WireError(f"a body of {length} bytes is more than the limit of {BODY_LIMIT}")
    return length


def _object(body: bytes) -> Message:
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise WireError(f"the body is not JSON: {error}") from None
    if not isinstance(message, dict):
        raise WireError(f"the body is a {type(message).__name__}, not an object")
    return message
