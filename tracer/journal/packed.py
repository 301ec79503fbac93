"""Packed sessions: zstd frames of a megabyte each and, at the end, a table of them, so that any place is read at once.

The table is the one of the zstd project's seekable format: any zstd unpacks the file, and skips the table.
"""

from __future__ import annotations

import os
import struct
import tempfile
from array import array
from bisect import bisect_right
from collections import OrderedDict
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

import zstandard

from tracer.errors import TracerError
from tracer.journal.source import Files, Source

FRAME = 1 << 20
_MOST_OF_ONE = 16 << 20  # bytes that one frame may unpack to
_FREE, _MOST_TIMES = 64 << 20, 1000  # what unpacks to more than both is no session
_SKIPPED, _SEEKABLE = 0x184D2A5E, 0x8F92EAB1
_FOOT = struct.Struct("<IBI")
_HEAD = struct.Struct("<II")
_KEPT = 4  # unpacked frames


class Packed:
    """A file in frames with a table, read as if it were not packed."""

    lasting = True

    def __init__(self, file: BinaryIO, path: Path) -> None:
        """Takes the open file over. Raises TracerError where it is no such file."""
        self._file, self._path = file, path
        self._size = os.fstat(file.fileno()).st_size
        packed, plain = self._table()
        self._places = array("Q", accumulate(packed, initial=0))
        self._starts = array("Q", accumulate(plain, initial=0))
        if max(plain, default=0) > _MOST_OF_ONE or self._starts[-1] > max(_FREE, _MOST_TIMES * self._size):
            raise bomb(path)
        self._frames: OrderedDict[int, bytes] = OrderedDict()

    def _table(self) -> tuple[array[int], array[int]]:
        foot = os.pread(self._file.fileno(), _FOOT.size, max(0, self._size - _FOOT.size))
        count, flags, magic = _FOOT.unpack(foot) if len(foot) == _FOOT.size else (0, 0, 0)
        width = 3 if flags & 0x80 else 2
        start = self._size - _FOOT.size - 4 * width * count
        if magic != _SEEKABLE or start < _HEAD.size:
            raise _Plain
        numbers = array("I", os.pread(self._file.fileno(), 4 * width * count, start))
        packed, plain = numbers[::width], numbers[1::width]
        if sum(packed) != start - _HEAD.size:
            raise damaged(self._path, "its table of frames does not fit")
        return packed, plain

    def size(self) -> int:
        return self._starts[-1]

    def read(self, length: int, start: int) -> bytes:
        parts, number = [], bisect_right(self._starts, start) - 1
        while length > 0 and number < len(self._starts) - 1:
            at = start - self._starts[number]
            parts.append(self._frame(number)[at : at + length])
            start, length, number = start + len(parts[-1]), length - len(parts[-1]), number + 1
        return b"".join(parts)

    def _frame(self, number: int) -> bytes:
        if number in self._frames:
            self._frames.move_to_end(number)
            return self._frames[number]
        place, size = self._places[number], self._starts[number + 1] - self._starts[number]
        packed = os.pread(self._file.fileno(), self._places[number + 1] - place, place)
        try:
            if zstandard.frame_content_size(packed) not in (-1, size):  # told before any room is made for it
                raise damaged(self._path, f"frame {number} has not the size that the table says")
            plain = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        except zstandard.ZstdError as error:
            raise damaged(self._path, f"frame {number}: {error}") from None
        if len(plain) != size:
            raise damaged(self._path, f"frame {number} has not the size that the table says")
        self._frames[number] = plain
        if len(self._frames) > _KEPT:
            self._frames.popitem(last=False)
        return plain

    def stats(self) -> list[os.stat_result]:
        return [os.fstat(self._file.fileno())]

    def close(self) -> None:
        self._frames.clear()
        self._file.close()


class _Plain(Exception):
    """A zstd file without a table of its frames."""


def open_packed(path: Path) -> Source:
    """A packed session; one that another program packed is unpacked into a file without a name. Raises TracerError."""
    file = path.open("rb")
    try:
        return Packed(file, path)
    except _Plain:
        return _unpacked(file, path)
    except BaseException:
        file.close()
        raise


def _unpacked(file: BinaryIO, path: Path) -> Source:
    most = max(_FREE, _MOST_TIMES * os.fstat(file.fileno()).st_size)
    with file, tempfile.NamedTemporaryFile(prefix="tracer-", suffix=".jsonl") as plain:
        try:
            stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(file, read_across_frames=True)
            while chunk := stream.read(FRAME):
                if plain.tell() + len(chunk) > most:
                    raise bomb(path)
                plain.write(chunk)
        except zstandard.ZstdError as error:
            raise damaged(path, str(error)) from None
        plain.flush()
        source = Files(Path(plain.name))
        source.lasting = False
        return source


def write_packed(source: Source, file: BinaryIO) -> None:
    """All of a session's bytes, as frames and their table."""
    press, table, start = zstandard.ZstdCompressor(level=3, write_checksum=True), array("I"), 0
    size = source.size()
    while start < size:
        plain = source.read(FRAME, start)
        packed = press.compress(plain)
        file.write(packed)
        table.extend((len(packed), len(plain)))
        start += len(plain)
    file.write(_HEAD.pack(_SKIPPED, 4 * len(table) + _FOOT.size) + table.tobytes())
    file.write(_FOOT.pack(len(table) // 2, 0, _SEEKABLE))


def bomb(path: Path) -> TracerError:
    """The error of a file that unpacks to far more than a session does."""
    return TracerError(f"{path} unpacks to more than {_MOST_TIMES} times its size", "it is no session of this tracer")


def damaged(path: Path, why: str) -> TracerError:
    """The error of a file that cannot be unpacked."""
    return TracerError(f"{path} is damaged: {why}", "what can be saved of it: `zstd -dc FILE > FILE.jsonl`")
