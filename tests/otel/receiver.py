"""An OTLP collector for tests: a real HTTP server that decodes what it gets."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span


class Receiver:
    """What arrived: `requests` decoded, `headers` and `paths` of every request, in order.

    `mode`, set at any time: ok, partial, a status such as 503, redirect, stall (no answer), hangup.
    `answers`: statuses for the next requests, before `mode` applies again.
    """

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.mode = "ok"
        self.answers: list[int] = []
        self.retry_after = "0.05"
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(100)

    def scopes(self) -> Iterator[tuple[Resource, ScopeSpans]]:
        for request in list(self.requests):
            for group in request.resource_spans:
                for scope in group.scope_spans:
                    yield group.resource, scope

    def spans(self) -> list[Span]:
        return [span for _, scope in self.scopes() for span in scope.spans]

    def wires(self) -> list[bytes]:
        """Each span's bytes, with its resource and scope: what a backend would compare."""
        return [
            resource.SerializeToString(deterministic=True)
            + scope.scope.SerializeToString(deterministic=True)
            + span.SerializeToString(deterministic=True)
            for resource, scope in self.scopes()
            for span in scope.spans
        ]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.headers.append({key.lower(): value for key, value in self.headers.items()})
            receiver.paths.append(self.path)
            mode = str(receiver.answers.pop(0)) if receiver.answers else receiver.mode
            if mode == "stall":
                receiver.released.wait(200)
                return
            if mode == "hangup":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if mode in ("ok", "200", "partial"):
                self._take(body, mode)
            else:
                self._say(302 if mode == "redirect" else int(mode), b"")

        def _take(self, body: bytes, mode: str) -> None:
            unpackers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
            raw = unpackers.get(self.headers.get("Content-Encoding", ""), bytes)(body)
            receiver.bodies.append(raw)
            receiver.requests.append(ExportTraceServiceRequest.FromString(raw))
            refused = ExportTracePartialSuccess(rejected_spans=1, error_message="one too many")
            answer = ExportTraceServiceResponse(partial_success=refused if mode == "partial" else None)
            self._say(200, answer.SerializeToString())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status in (429, 503) and receiver.retry_after:
                self.send_header("Retry-After", receiver.retry_after)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A collector for the length of a `with`."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def attributes(holder: Any) -> dict[str, Any]:
    """The attributes of a span, event or resource as a dict."""
    return {pair.key: _value(pair.value) for pair in holder.attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None


def tree(spans: list[Span]) -> dict[str, list[str]]:
    """Names of children by the name of their parent ("" for roots), in order of time."""
    names = {span.span_id: span.name for span in spans}
    found: dict[str, list[str]] = {}
    for span in sorted(spans, key=lambda s: (s.start_time_unix_nano, -s.end_time_unix_nano)):
        found.setdefault(names.get(span.parent_span_id, ""), []).append(span.name)
    return found
