"""The shapes of what goes to and fro, by Strands' module names. Types only: nothing here runs."""

from __future__ import annotations

from agent_runtime.limits import Limits

__all__ = ["Limits"]
