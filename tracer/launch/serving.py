"""`tracer serve` from start to end: an address, a session, a server, and what is told of them. The app is in web."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import TracerError
from tracer.launch.begin import begin, bridge_logs, give_up, open_debugger
from tracer.launch.invoked import tracer_command
from tracer.launch.session import exporting, report
from tracer.launch.spec import Spec

if TYPE_CHECKING:
    from tracer.recorder import Recording


def serve(spec: Spec, *, host: str, port: int, otlp: str = "", tracebacks: bool = False) -> int:
    """Serve until Ctrl-C or SIGTERM; the exit code. Raises TracerError where it cannot begin."""
    web = _web()
    if otlp:
        from tracer.otel.endpoint import traces_url

        traces_url(otlp)  # a bad address is told before anything runs
    with _listening(host, port) as sock:
        recording = begin(spec)
        try:
            app = web.app_of(spec, recording, local=_is_local(sock))
            open_debugger(recording, spec)
        except BaseException as error:
            give_up(recording, error)
            raise
        bridge_logs()
        export = exporting(recording.path, otlp)
        try:
            _run(web.Server(app, tracebacks), sock, lambda: _announce(spec, recording, sock))
        finally:
            recording.close("the server ended")
            if export is not None:
                report(export)
    click.echo(f"recorded as {recording.id}; see it again:\n{tracer_command()} view {recording.id}")
    return 0


def _web() -> Any:
    try:
        from tracer.launch import web
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "starlette", "uvicorn"):
            raise
        hint = "install the extra: pip install 'agent-loop-tracer[server]'"
        raise TracerError(f"`tracer serve` needs {error.name}", hint) from error
    return web


def _run(server: Any, sock: socket.socket, announce: Callable[[], None]) -> None:
    """Serve. It is announced once a signal is heard: whoever reads it may end it at once."""
    try:
        with _signals(server.handle_exit):
            announce()
            server.run(sockets=[sock])
    except SystemExit as error:
        raise TracerError("the app did not start", "what it logged says why", 1) from error


@contextlib.contextmanager
def _signals(heard: Callable[..., Any]) -> Iterator[None]:
    """Ours below uvicorn's own, which are sent again once it has ended, and would end this process then."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, heard) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.create_server(address[:2], family=family)
    except OSError as error:
        raise _refused(host, port, error) from error
    with sock:
        yield sock


def _refused(host: str, port: int, error: OSError) -> TracerError:
    if error.errno == errno.EADDRINUSE:
        return TracerError(f"port {port} of {host} is taken", "`--port 0` takes any free one")
    if error.errno == errno.EACCES:
        return TracerError(f"port {port} needs rights that you do not have", "take one from 1024 up")
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return TracerError(f"{host!r} is no address of this machine", "`--host 127.0.0.1` is")
    return TracerError(f"cannot listen at {host}:{port}: {error.strerror or error}", "choose another with --port")


def _is_local(sock: socket.socket) -> bool:
    return ipaddress.ip_address(sock.getsockname()[0]).is_loopback


def _announce(spec: Spec, recording: Recording, sock: socket.socket) -> None:
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    if not _is_local(sock):
        warning = f"whoever reaches {shown}:{port} can run this agent and its tools: nobody is asked who they are"
        click.echo(f"tracer: warning: {warning}", err=True)
    click.echo(f"serving {spec.app} at http://{shown}:{port}; Ctrl-C ends it")
    click.echo(f"recording to {recording.path}; follow it:\n{tracer_command()} view {recording.id}")
