"""The debugger's end in the screen: a client of the socket, its acts, and whether it is still there. No Textual."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tracer.debug.client import Client

State = Literal["off", "on", "lost"]
PATIENCE = 10.0


class Link:
    """`state` is off before it is connected and lost after; `changed(what)` tells of both."""

    def __init__(self, path: Path, changed: Callable[[str], None]) -> None:
        self.path = path
        self.state: State = "off"
        self.drafts: dict[int, Any] = {}
        self.breakpoints: list[str] = []
        self._changed = changed
        self._client: Client | None = None

    async def run(self) -> None:
        """Connect (the socket may come a moment after the file), then listen until the connection is over."""
        from tracer.debug.client import Client, DebugError

        client = Client(self.path)
        for attempt in range(int(PATIENCE / 0.25)):
            try:
                await client.start("the screen")
                break
            except DebugError as error:
                if attempt == 0:
                    self._changed(f"waiting for the debugger: {error.message}")
                await client.close()
                client = Client(self.path)
                await asyncio.sleep(0.25)
        else:
            self._changed("no debugger answers: this view can look, not decide")
            return
        self._client, self.state = client, "on"
        self._changed("")
        async for name, body in client.events():
            await self._event(name, body)
        self.state = "lost"
        self._changed("lost")

    async def _event(self, name: str, body: dict[str, Any]) -> None:
        told = body.get("tracer")
        if name == "continued" and isinstance(told, dict):
            self.drafts.pop(int(told.get("stop", -1)), None)

    async def refresh(self) -> None:
        """Ask what the open stops would run now: another viewer may have edited one."""
        answer = await self.ask("tracer/stops")
        stops = [stop.get("tracer") or {} for stop in answer.get("stops", [])]
        self.drafts = {stop["stop"]: stop.get("input") for stop in stops if "stop" in stop}

    async def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """A request and its answer. Raises DebugError where it is refused or nobody is there."""
        from tracer.debug.errors import DebugError

        if self._client is None or self.state != "on":
            raise DebugError("there is no connection to the debugger", "the run may be over")
        return await self._client.request(command, arguments)

    async def decide(self, command: str, stop: int) -> None:
        """continue, next, stepIn or stepOut from a stop."""
        await self.ask(command, tracer={"stop": stop})

    async def edit(self, stop: int, value: dict[str, Any]) -> None:
        """Set the whole input of a stopped tool call."""
        await self.ask("tracer/edit", stop=stop, input=value)
        self.drafts[stop] = value

    async def toggle(self, breakpoint: str) -> bool:
        """Set a breakpoint of this screen, or clear it; returns whether it is set."""
        wanted = [text for text in self.breakpoints if text != breakpoint]
        if len(wanted) == len(self.breakpoints):
            wanted.append(breakpoint)
        await self.ask("setFunctionBreakpoints", breakpoints=[{"name": text} for text in wanted])
        self.breakpoints = wanted
        return breakpoint in wanted

    async def close(self) -> None:
        """Say goodbye, so that the agent's side knows that this viewer has gone on purpose."""
        client, self._client = self._client, None
        if client is None or client.closed:
            return
        from tracer.debug.errors import DebugError

        self.state = "off"
        with contextlib.suppress(DebugError):  # it may be gone already, which is as good
            await client.request("disconnect", timeout=1)
        await client.close()
