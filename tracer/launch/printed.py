"""Printed text on its way into records: whole lines, and no secret, also where one spans lines. No I/O."""

from __future__ import annotations

import re

from tracer.recording.redact import Redactor
from tracer.recording.tail import Tail

_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?!.*-----END)")
_OF_A_KEY = re.compile(r"\s*[A-Za-z0-9+/=]*\s*|.*[A-Za-z0-9+/=]{32}.*|.*(?:Proc-Type|DEK-Info): .*|.*-----END .*")
_LINE = 512  # characters of an unfinished line that are kept to see whether a key begins in it


class Printed:
    """What one printer says on one stream, in pieces. An end that may begin a secret waits for what follows.

    A private key goes on from line to line until its end, or until a line that cannot be part of one.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._tail = Tail(redactor)
        self._line = self._margin = ""
        self._in_key = self._told = False

    def line(self, text: str) -> list[str]:
        """The lines to record now that a line ends with `text`: mostly one, none where it is part of a secret."""
        whole, told = self._line + text, self._told
        self._line, self._told = "", False
        if self._in_key and not _OF_A_KEY.fullmatch(whole.removeprefix(self._margin)):
            self._tail.reset()
            self._in_key = False
        said = self._tail.take(text + "\n")[0]
        self._note(whole)
        if said == "\n" and (text or told):
            return []  # the end of what was told or replaced before
        return said.removesuffix("\n").split("\n") if said else []

    def piece(self, text: str) -> list[str]:
        """The lines to record now that a line has come as far as `text`, and its end may be far off."""
        self._line = (self._line + text)[-_LINE:]
        lines = _lines(self._tail.take(text)[0])
        self._told = self._told or bool(lines)
        return lines

    def _note(self, line: str) -> None:
        """Whether the next line is inside a private key, and what stands before each of its lines (a logger's name)."""
        if self._in_key:
            self._in_key = "-----END" not in line
        elif begin := _BEGIN.search(line):
            self._in_key, self._margin = True, line[: begin.start()]

    def rest(self) -> list[str]:
        """What waited, as nothing follows."""
        return _lines(self._tail.rest()[0])


def _lines(said: str) -> list[str]:
    return [line for line in said.split("\n") if line]
