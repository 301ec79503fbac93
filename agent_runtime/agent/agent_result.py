"""Strands' module name for `agent_runtime.result`; nothing of its own."""

from __future__ import annotations

from agent_runtime.result import AgentResult

__all__ = ["AgentResult"]
