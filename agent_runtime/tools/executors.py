"""Strands' module name for `agent_runtime.executors`; nothing of its own."""

from __future__ import annotations

from agent_runtime.executors import ConcurrentToolExecutor, SequentialToolExecutor

__all__ = ["ConcurrentToolExecutor", "SequentialToolExecutor"]
