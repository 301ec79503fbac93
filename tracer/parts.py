"""Objects inside records: a place, a failure, a count of tokens, a parent ... The records are in `tracer.records`."""

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


def add_usage(one: Usage, other: Usage) -> Usage:
    """The sum of two counts; estimated where either is."""
    return Usage(
        one.input + other.input,
        one.output + other.output,
        one.total + other.total,
        one.cache_read + other.cache_read,
        one.cache_write + other.cache_write,
        one.reasoning + other.reasoning,
        one.estimated or other.estimated,
    )


class Totals(Struct, omit_defaults=True):
    """What a session's records come to: top-level `invocations` and how the last of them ended (empty: it did not),
    `cycles` and the model calls' `usage` and `cost` in USD of all invocations, nested ones too."""

    invocations: int = 0
    cycles: int = 0
    usage: Usage | None = None
    cost: float | None = None
    ending: str = ""


class Parent(Struct, omit_defaults=True):
    """The record that this session was forked or replayed from."""

    session: str
    seq: int = 0
