"""Objects inside records: a place, a failure, a count of tokens, a parent. The records are in `tracer.records`."""

from __future__ import annotations

from msgspec import Struct


class Where(Struct, omit_defaults=True):
    """A place in code: `file` as Python knows it, `line` from 1, `name` of the function."""

    file: str = ""
    line: int = 0
    name: str = ""


class Failure(Struct, omit_defaults=True):
    """An exception: its class, its message, its formatted traceback."""

    type: str
    message: str = ""
    traceback: str = ""

    @property
    def said(self) -> str:
        """The class and the message; the class alone where there is no message."""
        return f"{self.type}: {self.message}" if self.message else self.type


class Usage(Struct, omit_defaults=True):
    """Tokens of one model call, or their sum; `estimated` when the provider did not count them itself."""

    input: int = 0
    output: int = 0
    total: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False


class Parent(Struct, omit_defaults=True):
    """The record that this session was forked or replayed from."""

    session: str
    seq: int = 0
