"""What goes wrong between a debugger and its clients, said so that a person can act on it."""

from __future__ import annotations

from tracer.errors import TracerError


class DebugError(TracerError):
    """A request that was refused, by the debugger's own words."""


class Late(DebugError):
    """A request that was not answered in time: it may be, the next time."""


class NoProtocolError(DebugError):
    """What stands on standard input was not written by a client of the debugger."""

    def __init__(self, why: object) -> None:
        super().__init__(
            f"standard input is no Debug Adapter Protocol: {why}", "`tracer dap` is for editors, `tracer view` for you"
        )


class BreakpointError(TracerError):
    """A breakpoint that cannot be read: `column` counts from 1 within `text`."""

    def __init__(self, text: str, column: int, message: str, hint: str = "") -> None:
        super().__init__(f"breakpoint {text!r}, column {column}: {message}", hint)
        self.text = text
        self.column = column
