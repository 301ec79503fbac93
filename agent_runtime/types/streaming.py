"""Strands' module name for the model port's chunks; nothing of its own."""

from __future__ import annotations

from agent_runtime.models.port import StreamChunk as StreamEvent

__all__ = ["StreamEvent"]
