"""The sessions of this user that can be debugged now, and one request to one of them. It draws nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracer.debug.client import Client
from tracer.debug.paths import listening, socket_folders
from tracer.debug.via import Via
from tracer.errors import TracerError

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Live:
    """A session whose debugger answers on `socket`. `path` is its file where that is known; `pid` 0 where it is not."""

    id: str
    socket: Path
    path: Path | None = None
    agent: str = ""
    pid: int = 0
    labels: dict[str, str] = field(default_factory=dict)


def live_sessions() -> list[Live]:
    """All of them, the newest first (ids are time-ordered)."""
    found: dict[str, Path] = {}
    for folder in socket_folders():
        for socket in folder.glob("*.sock"):
            if listening(socket):
                found.setdefault(socket.stem, socket)
    return [_described(name, found[name]) for name in sorted(found, reverse=True)]


def _described(name: str, socket: Path) -> Live:
    from tracer.journal.paths import session_path
    from tracer.session import Session

    try:
        session = Session(session_path(name))
    except TracerError:  # it records into another home
        return Live(name, socket)
    try:
        header = session.header
        return Live(name, socket, session.path, header.agent, header.pid, dict(header.labels))
    finally:
        session.close()


def choose(there: list[Live], text: str) -> list[Live]:
    """Those that an id or the beginning of one means; of this home, `last` is the newest and "" all.

    Raises TracerError where there is none.
    """
    mine = [one for one in there if one.path is not None]
    fitting = mine[:1] if text == "last" else [one for one in (there if text else mine) if one.id.startswith(text)]
    if fitting:
        return fitting
    if mine:
        raise TracerError(f"no live session is called {text!r}", f"live now: {_names(mine)}")
    elsewhere = f"; those of other homes have to be named: {_names(there)}" if there else ""
    hint = "`tracer run` starts one, `attach(agent, debug=True)` too"
    raise TracerError("no live session can be debugged", hint + elsewhere)


def find_live(text: str = "") -> Live:
    """The one live session that `text` means (see `choose`). Raises TracerError: none, or several."""
    return only(choose(live_sessions(), text), "name one with --session")


def only(fitting: list[Live], hint: str) -> Live:
    """The one there is. Raises TracerError where there are several: the hint, and their names."""
    if len(fitting) > 1:
        raise TracerError(f"{len(fitting)} live sessions fit", f"{hint}: {_names(fitting)}")
    return fitting[0]


def _names(there: list[Live]) -> str:
    return ", ".join(f"{one.id} ({one.agent or 'agent'})" for one in there[:8])


def ask(where: Path | Via, command: str, arguments: Body, name: str = "the command line", patience: float = 10) -> Body:
    """One request to the debugger there, by somebody who does not stay to watch. Raises DebugError."""

    async def asked() -> Body:
        async with Client(where) as client:
            await client.request("initialize", {"adapterID": "tracer", "clientName": name}, timeout=patience)
            return await client.request(command, arguments)

    return asyncio.run(asked())
