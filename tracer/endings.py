"""How an invocation ended, in the words of the session file and in those of the views."""

from __future__ import annotations

from typing import Literal

Status = Literal["running", "ok", "error", "forced", "cancelled", "abandoned", "incomplete"]

STATUS_OF_ENDING: dict[str, Status] = {
    "end_turn": "ok",
    "interrupt": "ok",
    "not_started": "ok",
    "error": "error",
    "max_tokens": "error",
    "refused": "error",
    "cancelled": "cancelled",
    "limit": "forced",
    "abandoned": "abandoned",
}
