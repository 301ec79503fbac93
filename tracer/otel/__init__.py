"""Sessions as OpenTelemetry spans, over OTLP. Importing it loads no SDK; the first export does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.otel.export import export_session
    from tracer.otel.live import LiveExport, start_live
    from tracer.otel.report import Report

__all__ = ["LiveExport", "Report", "export_session", "start_live"]
_HOMES = {"LiveExport": "live", "start_live": "live", "Report": "report", "export_session": "export"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
