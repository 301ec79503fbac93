"""A tracer and debugger for agent event loops: record, look, stop, edit, replay, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Recording", "ReplayedError", "Session", "attach", "label", "open", "replay"]

if TYPE_CHECKING:
    from tracer.playback import ReplayedError, replay
    from tracer.recorder import Recording, attach, label
    from tracer.session import Session
    from tracer.session import open_session as open

_HOMES = {
    "attach": ("tracer.recorder", "attach"),
    "label": ("tracer.recorder", "label"),
    "Recording": ("tracer.recorder", "Recording"),
    "open": ("tracer.session", "open_session"),
    "Session": ("tracer.session", "Session"),
    "replay": ("tracer.playback", "replay"),
    "ReplayedError": ("tracer.playback", "ReplayedError"),
}


def __getattr__(name: str) -> Any:
    """Load what is asked for, so that `import tracer` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    import importlib

    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(module), attribute)
