"""Where spans go: an argument or the standard variables, as one URL. It opens no connection."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from tracer.errors import TracerError

_PATH = "/v1/traces"
_DEFAULT = "http://localhost:4318"


def traces_url(endpoint: str | None = None) -> str:
    """The URL to post to. `endpoint` is a base, as OTEL_EXPORTER_OTLP_ENDPOINT is: `/v1/traces` is added to it.

    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it stands. Raises TracerError where it is no http(s) URL.
    """
    if endpoint is None and (whole := os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return _checked(whole, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    base = endpoint or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or _DEFAULT
    url = _checked(base.strip(), "the OTLP endpoint" if endpoint else "OTEL_EXPORTER_OTLP_ENDPOINT").rstrip("/")
    return url if endpoint and url.endswith(_PATH) else url + _PATH


def _checked(url: str, source: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise TracerError(f"{source} {shown(url)!r} is not an http URL", f"give it as {_DEFAULT}")
    return url


def shown(url: str) -> str:
    """The URL without a user's name and password, to print."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def disabled() -> bool:
    """Whether OTEL_SDK_DISABLED says that nothing may be sent."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
