"""What goes wrong for a user, said so that the user can act on it."""

from __future__ import annotations


class TracerError(Exception):
    """A failure: its cause, the next step as `hint`, and `exit_code` (2: the user's mistake, 1: a failed run)."""

    def __init__(self, message: str, hint: str = "", exit_code: int = 2) -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
