"""Callback handlers, where Strands has them too; `callback_handler` is where they are."""

from __future__ import annotations

from agent_runtime.handlers.callback_handler import (
    CompositeCallbackHandler,
    PrintingCallbackHandler,
    null_callback_handler,
)

__all__ = ["CompositeCallbackHandler", "PrintingCallbackHandler", "null_callback_handler"]
