"""Stop a live agent at a safe point, look, edit, go on: gates on its hooks, and a socket that speaks DAP."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer.debug.errors import BreakpointError, DebugError
from tracer.debug.paths import socket_path
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.debug.gate import Gate
    from tracer.debug.scribe import Recording
    from tracer.debug.sources import Place

__all__ = ["BreakpointError", "DebugError", "Debugger", "enable", "socket_path"]


class Debugger:
    """The debugger of one recording: `path` is its socket. Made by `enable`."""

    def __init__(self, recording: Recording, stop_timeout: float, on_lost: str) -> None:
        from tracer.debug.board import Board
        from tracer.debug.server import Server

        self.path: Path = socket_path(recording.id)
        self.board = Board(recording, stop_timeout, on_lost, str(self.path))
        self.board.places, self.board.tools = self._places, self._tools
        self._server = Server(self.board, self.path)
        self._gates: list[Gate] = []

    def start(self, breakpoints: Iterable[str]) -> None:
        """Put the first breakpoints in force, open the socket, put gates on the recording's agents."""
        from tracer.debug.breakpoints import parse
        from tracer.debug.union import NOBODY

        self.board.union.replace(NOBODY, "function", [parse(text) for text in breakpoints])
        self.board.arm()
        self._server.start()
        self.board.recording.on_watch(self.watch)

    def call(self, command: str) -> None:
        """Start this command at each stop. Raises TracerError where there is no such program."""
        from tracer.debug.onstop import OnStop, program

        called = OnStop(program(command), lambda text, level: self.board.note(text, None, "on-stop", level))
        self.board.on_stop = called.tell

    def watch(self, agent: Any) -> None:
        """Put gates on an agent. What its runtime offers no hook for is known then."""
        from tracer.debug.gate import Gate

        if self.board.closed:
            return
        gate = Gate(self.board, agent)
        self._gates.append(gate)
        lost = gate.lost if len(self._gates) == 1 else gate.lost & self.board.union.lost
        self.board.union.lost = lost

    def _places(self) -> list[Place]:
        return [place for gate in list(self._gates) for place in gate.places()]

    def _tools(self) -> list[tuple[str, str]]:
        return [tool for gate in list(self._gates) for tool in gate.tools()]

    @property
    def unattended(self) -> int:
        """How many tool calls were refused because nobody came in time."""
        return self.board.unattended

    @property
    def stops(self) -> list[dict[str, Any]]:
        """The open stops, as clients are told of them."""
        return [stop.body() for stop in list(self.board.stops.values())]

    def close(self) -> None:
        """Free every gate by the policy, say goodbye to the clients, remove the socket. Idempotent."""
        self.board.close()
        for gate in self._gates:
            gate.release()
        self._gates.clear()
        self._server.close()


def enable(
    recording: Recording,
    *,
    breakpoints: Iterable[str] = (),
    stop_timeout: float = 60.0,
    on_lost: str = "refuse",
    on_stop: str = "",
) -> Debugger:
    """Open the socket of a recording (`socket_path(recording.id)`) and let its agents be stopped.

    `breakpoints` belong to no client and stay. A stop that nobody watches for `stop_timeout` seconds, or whose last
    viewer goes, ends by policy: a tool call is refused and other points go on; `on_lost="continue"` lets calls run too.
    `on_stop` is a command that is started at each stop, without a shell, with the stop as JSON on its standard input.
    `recording.debugger` is set, so that closing the recording closes it. Raises BreakpointError, and TracerError where
    the socket cannot be had or the recording has a debugger.
    """
    if on_lost not in ("refuse", "continue"):
        raise TracerError(f"on_lost is {on_lost!r}", "it is refuse or continue")
    if getattr(recording, "debugger", None) is not None:
        raise TracerError("this recording has its debugger already", f"it is on {socket_path(recording.id)}")
    debugger = Debugger(recording, stop_timeout, on_lost)
    if on_stop:
        debugger.call(on_stop)
    debugger.start(breakpoints)
    recording.debugger = debugger
    return debugger
