"""The OTel resource of a recording: what its header says, not what this process is. Same header, same bytes."""

from __future__ import annotations

import os
from typing import Any

from tracer import records as r
from tracer.otel.data import Attributes, Origin


def origin(header: r.Session) -> Origin:
    """Resource and scope for the spans of a session. A recorded resource attribute wins over what is derived here.

    `service.name` is the recorded OTEL_SERVICE_NAME, else this process's, else the agent's name.
    """
    found: Attributes = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME") or header.agent or "agent",
        "service.instance.id": header.id,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.distro.name": "agent-loop-tracer",
        "process.runtime.name": "cpython",
    }
    optional = {
        "telemetry.sdk.version": header.versions.get("opentelemetry-sdk", ""),
        "telemetry.distro.version": header.versions.get("tracer", ""),
        "process.runtime.version": header.python,
        "process.pid": header.pid,
        "host.name": header.host,
    }
    found.update({key: _plain(value) for key, value in optional.items() if value})
    found.update({key: _plain(value) for key, value in header.resource.items() if key})
    return Origin(dict(sorted(found.items())), header.versions.get("tracer", ""))


def _plain(value: Any) -> str | bool | int | float:
    return value if isinstance(value, (str, bool, int, float)) else str(value)
