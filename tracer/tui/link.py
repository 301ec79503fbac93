"""The debugger's end in the screen: a client of the socket, its acts, and whether it is still there. No Textual."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tracer.tui.model.breakpoints import InForce, in_force
from tracer.tui.model.transcript import result_text

if TYPE_CHECKING:
    from tracer.debug.client import Client
    from tracer.debug.mirror import Mirror

State = Literal["connecting", "on", "lost", "off"]
PATIENCE, PAUSE = 10.0, 0.1  # seconds: to keep trying, and between two tries
_RETURNED = ("after_tool", "tool_error")


class Link:
    """`state` is connecting until somebody answers (off: nobody did) and lost after; `changed(what)` tells of it.

    `results` maps a stop to what a tool that is stopped after it returned, `threads` to its DAP thread; `edits` counts
    the times that what a stop holds was changed. `wrong`: what it tells of is not as it should be.
    """

    def __init__(self, path: Path | Mirror, changed: Callable[[str], None]) -> None:
        self.path = path
        self.state: State = "off" if getattr(path, "observe", False) else "connecting"
        self.results: dict[int, str] = {}
        self.threads: dict[int, int] = {}
        self.edits = 0
        self._changed = changed
        self._client: Client | None = None
        self._left = False
        self._setting = asyncio.Lock()  # all of this screen's breakpoints are set at once: one change after the other
        self.wrong = False

    async def run(self) -> None:
        """Connect (the socket may come a moment after the file), then listen until the connection is over."""
        from tracer.debug.client import Client, DebugError

        if not isinstance(self.path, Path):
            await self._run_far(self.path)
            return
        client = Client(self.path)
        for _ in range(int(PATIENCE / PAUSE)):
            try:
                await client.start("the screen", output=False)  # it reads the file
                break
            except DebugError:
                await client.close()
                client = Client(self.path)
                await asyncio.sleep(PAUSE)
        else:
            self.state = "off"
            self._changed("no debugger answers: this view can look, not decide")
            return
        await self._listen(client)
        self.state = "lost"
        self._changed("lost")

    async def _listen(self, client: Client) -> None:
        self._client, self.state = client, "on"
        self._changed("")
        async for name, body in client.events():
            await self._event(name, body)

    async def _run_far(self, mirror: Mirror) -> None:
        """As `run`, over the connection of a session elsewhere; and its file comes over it too."""
        from tracer.debug.client import Client, DebugError

        assert mirror.way is not None
        client, why = Client(mirror.way), ""
        try:
            await client.start("the screen", observe=mirror.observe, output=False)
            await self._far(mirror, client)
        except DebugError as error:
            why = error.message
        finally:
            self._client = None
        if self._left:
            return
        self.state = "off" if mirror.observe else "lost"
        if why:
            self._changed(f"{why}: the session's last lines are being fetched")
        await client.close()
        try:
            if why:
                await mirror.rest()
        except DebugError as error:
            self.wrong = True
            self._changed(f"the session's last lines are not here: {error.message}; {mirror.elsewhere} prints them")
        else:
            self._changed("lost")

    async def _far(self, mirror: Mirror, client: Client) -> None:
        """Listen and copy; what ends one of them ends the other. Raises DebugError where that leaves lines there."""
        from tracer.debug.errors import DebugError

        copying = asyncio.create_task(mirror.follow(client, self._silent))
        both = [copying] if mirror.observe else [copying, asyncio.create_task(self._listen(client))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            client.hang_up()
            await asyncio.wait(both)
        finally:
            for task in both:
                task.cancel()
        try:
            for task in both:
                task.result()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise DebugError("what came over the connection is not the debugger's protocol") from error

    def _silent(self) -> None:
        self._changed("the session's machine does not answer: what shows may be old")

    async def _event(self, name: str, body: dict[str, Any]) -> None:
        told = body.get("tracer")
        if name == "stopped" and isinstance(told, dict):
            self.threads[int(told["stop"])] = int(body["threadId"])
            if told.get("point") in _RETURNED:
                await self._returned(int(told["stop"]))
        elif name == "invalidated":
            self.edits += 1
            self._changed("")
            for stop in [one for one in self.results if self.threads.get(one) == body.get("threadId")]:
                await self._returned(stop)

    async def _returned(self, stop: int) -> None:
        """Take what the stopped tool returned, as it stands now, as text; "" where that stop is over already."""
        from tracer.debug.errors import DebugError

        said = ""
        with contextlib.suppress(DebugError):
            said = result_text((await self.value(stop, "result"))[0])
        self.results[stop] = said
        self._changed("")

    async def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """A request and its answer. Raises DebugError where it is refused or nobody is there."""
        from tracer.debug.errors import DebugError

        if self._client is None or self.state != "on":
            raise DebugError("there is no connection to the debugger", "the run may be over")
        return await self._client.request(command, arguments)

    async def decide(self, command: str, stop: int) -> None:
        """continue, next, stepIn or stepOut from a stop."""
        await self.ask(command, tracer={"stop": stop})

    async def edit(self, stop: int, expression: str, value: Any, seen: Any) -> None:
        """Set what lies at a path (such as `input`) of what is stopped, where it is still what was `seen` there."""
        await self.ask("tracer/edit", stop=stop, expression=expression, value=value, seen=seen)

    async def value(self, stop: int, expression: str) -> tuple[Any, bool]:
        """(the whole value at a path, whether it can be edited)."""
        told = await self.ask("tracer/value", stop=stop, expression=expression)
        return told["value"], bool(told["editable"])

    async def toggle(self, breakpoint: str) -> bool:
        """Set a breakpoint of this screen, or clear it; returns whether it is set."""
        async with self._setting:
            mine = await self._mine()
            on = breakpoint not in mine
            await self._set([*mine, breakpoint] if on else [text for text in mine if text != breakpoint])
        return on

    async def in_force(self) -> list[InForce]:
        """All breakpoints, of whomever."""
        return [in_force(told) for told in (await self.ask("tracer/breakpoints"))["breakpoints"]]

    async def add(self, breakpoint: str) -> str:
        """Set one more of this screen; returns what is wrong with it all the same ("": nothing)."""
        async with self._setting:
            wanted = [*(text for text in await self._mine() if text != breakpoint), breakpoint]
            answer = (await self._set(wanted))[-1]
        return "" if answer["verified"] else str(answer.get("message", ""))

    async def remove(self, one: InForce) -> None:
        """Take one out of force. Raises DebugError where it is another viewer's."""
        if one.whose != "yours":
            await self.ask("tracer/break", remove=[one.id])
            return
        async with self._setting:
            await self._set([text for text in await self._mine() if text != one.text])

    async def _mine(self) -> list[str]:
        return [one.text for one in await self.in_force() if one.whose == "yours"]

    async def _set(self, texts: list[str]) -> list[dict[str, Any]]:
        wanted = [{"name": text} for text in texts]
        return list((await self.ask("setFunctionBreakpoints", breakpoints=wanted))["breakpoints"])

    async def close(self, ends: bool = False) -> None:
        """Say goodbye, so that the agent's side knows that this viewer has gone on purpose; `ends`: the run is over."""
        self._left = True
        client, self._client = self._client, None
        if client is None or client.closed:
            return
        from tracer.debug.errors import DebugError

        self.state = "off"
        with contextlib.suppress(DebugError):  # it may be gone already, which is as good
            await client.request("disconnect", {"terminateDebuggee": ends}, timeout=1)
        await client.close()
