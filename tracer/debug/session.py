"""One client's DAP connection: requests in, responses and events out. It does no I/O and touches no agent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from tracer.debug.board import Board
from tracer.debug.breakpoints import Breakpoint
from tracer.debug.errors import BreakpointError, DebugError
from tracer.debug.stage import Stage
from tracer.debug.union import Armed
from tracer.debug.values import References

Message = dict[str, Any]
Body = dict[str, Any]
Handler = Callable[["Session", Body], Body | None]

COMMANDS: dict[str, Handler] = {}
_owners = itertools.count(1)


def command(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of a request."""

    def register(handler: Handler) -> Handler:
        COMMANDS[name] = handler
        return handler

    return register


class Session:
    """Feed it requests with `handle`; it sends by `send(message)`, which numbers them.

    `done` says that the connection is to be closed.

    Events reach it once it is `live` (attached and configured); then it first hears of every stop that is open.
    """

    def __init__(
        self, board: Stage, send: Callable[[Message], None], commands: Mapping[str, Handler] = COMMANDS
    ) -> None:
        self.board = board
        self._commands = commands
        self.owner = next(_owners)
        self.name = "client"
        self.done = False
        self.live = False
        self.references = References()
        self.after: list[Callable[[], None]] = []
        self._send = send
        self._told: set[int] = set()
        self._initialized = self._attached = self._configured = self._viewer = self._output = False

    # messages

    def handle(self, message: Message) -> None:
        """Answer one message; anything but a request is ignored, as a debuggee that asks nothing may."""
        if message.get("type") != "request":
            return
        name, arguments = str(message.get("command", "")), message.get("arguments")
        told: Message = {"type": "response", "request_seq": _seq(message), "command": name}
        try:
            body = self._run(name, arguments if isinstance(arguments, dict) else {})
            self._out(told | {"success": True} | ({"body": body} if body is not None else {}))
        except DebugError as error:
            self._out(told | _failed(str(error)))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self._out(told | _failed(f"{name}: the arguments are not right ({type(error).__name__}: {error})"))
        except Exception as error:  # a fault of ours: the client is told, and the connection stays
            self._out(told | _failed(f"{name} failed in the debugger ({type(error).__name__}: {error})"))
        pending, self.after = self.after, []
        for step in pending:
            step()

    def _run(self, name: str, arguments: Body) -> Body | None:
        handler = self._commands.get(name)
        if handler is None:
            raise DebugError(f"{name!r} is not supported", "the initialize response says what is")
        if not self._initialized and name != "initialize":
            raise DebugError(f"{name!r} came before initialize")
        return handler(self, arguments)

    def _out(self, message: Message) -> None:
        self._send(message)

    def event(self, name: str, body: Body) -> None:
        """Send an event, if the client is there for it."""
        if (self.live or name in ("initialized", "terminated")) and self._is_news(name, body):
            self._out({"type": "event", "event": name, "body": body})

    def _is_news(self, name: str, body: Body) -> bool:
        """A stop that was open when the client came may be on its way to all as well: it is told once."""
        if name not in ("stopped", "continued"):
            return True
        stop = body["tracer"]["stop"]
        known = stop in self._told
        if name == "continued":
            self._told.discard(stop)
            self.references.forget(stop)
            return known
        self._told.add(stop)
        return not known

    def closed(self, act: str = "lost") -> None:
        """The connection is over: its breakpoints go, and it watches no more."""
        self.live = False
        self.board.union.drop(self.owner)
        self.board.arm()
        if self._viewer:
            self._viewer = False
            self.board.viewer_went(act, self.name)

    # where a client stands

    @property
    def run(self) -> Board:
        """The live run. Raises DebugError where this is a recording."""
        if isinstance(self.board, Board):
            return self.board
        raise DebugError("this is a recording: what happened cannot be changed", "`tracer run` starts a run anew")

    def initialize(self, arguments: Body) -> None:
        """The first request: who it is."""
        self.name = str(arguments.get("clientName") or arguments.get("clientID") or "client")
        self._initialized = True
        self.after.append(lambda: self.event("initialized", {}))

    @property
    def listens(self) -> bool:
        """Whether it wants to hear what the agent says."""
        return self.live and self._output

    def attach(self, observe: bool, output: bool) -> None:
        """It watches from now on; who only observes does not count as one who can decide."""
        if self._attached:
            raise DebugError("this connection is attached already")
        self._attached, self._viewer, self._output = True, not observe, output
        if self._viewer:
            self.board.viewer_came()
        self._go_live()

    def configured(self) -> None:
        """Its breakpoints are set."""
        self._configured = True
        self._go_live()

    def _go_live(self) -> None:
        if self._attached and self._configured and not self.live:
            self.after.append(self._catch_up)

    def _catch_up(self) -> None:
        self.live = True
        with self.board.lock:
            stops = list(self.board.scenes())
        for stop in stops:
            self.event("stopped", stop.event())

    def set_breakpoints(self, group: str, given: list[Breakpoint | BreakpointError]) -> list[Body]:
        """Put those that could be read in force; the answers are in the order given."""
        good = [one for one in given if isinstance(one, Breakpoint)]
        armed = iter(self.board.union.replace(self.owner, group, good))
        self.board.arm()
        return [self._answer(one, armed) for one in given]

    def _answer(self, one: Breakpoint | BreakpointError, armed: Any) -> Body:
        if isinstance(one, BreakpointError):
            return {"verified": False, "message": str(one), "reason": "failed"}
        found: Armed = next(armed)
        return self.board.union.body(found)


def _seq(message: Message) -> int:
    seq = message.get("seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) else 0


def _failed(text: str) -> Message:
    error = {"id": 1, "format": text.replace("{", "(").replace("}", ")"), "showUser": True}
    return {"success": False, "message": text, "body": {"error": error}}
