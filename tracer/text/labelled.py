"""The labels of a session's invocations, looked for in its bytes: no index knows them. It judges nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tracer.errors import TracerError
from tracer.journal.source import Source, open_source

MOST = 64 << 20  # bytes that are searched: a long session costs `ls` a moment, not a minute
_CHUNK = 1 << 20
_START = b'{"kind":"invocation_start"'


class _Start(msgspec.Struct, gc=False):
    labels: dict[str, str] = {}


_decode = msgspec.json.Decoder(_Start).decode


class Labels:
    """Iterate over it for the labels of each invocation, sub-agents' too, read as they are asked for.

    `cut` is true once the session has turned out to be longer than what is searched.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cut = False

    def __iter__(self) -> Iterator[dict[str, str]]:
        try:
            source = open_source(self._path)
        except TracerError:
            return  # its row says that it cannot be read
        try:
            yield from self._found(source)
        except (OSError, TracerError):
            return  # so far as it can be read
        finally:
            source.close()

    def _found(self, source: Source) -> Iterator[dict[str, str]]:
        size, at, rest = source.size(), 0, b""
        while at < min(size, MOST) and (data := source.read(min(_CHUNK, MOST - at), at)):
            at += len(data)
            whole, _, rest = (rest + data).rpartition(b"\n")
            yield from _in_lines(whole)
        self.cut = size > MOST


def _in_lines(data: bytes) -> Iterator[dict[str, str]]:
    at = data.find(_START)
    while at >= 0:
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        if at == 0 or data[at - 1] == 0x0A:  # else it lies within an event, word for word
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):  # `tracer check` tells of such a line
                yield _decode(data[at:end]).labels
        at = data.find(_START, end)
