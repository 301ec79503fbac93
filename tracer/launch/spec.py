"""What the parent tells the agent's process to run, and what that process tells back. Data alone, sent over pipes."""

from __future__ import annotations

from msgspec import Struct


class Spec(Struct):
    """What to run. `app` is `file.py[:object]`; without it an agent is made of `model`, `tools` and `system`."""

    prompt: str
    app: str = ""
    model: str = ""
    api_base: str = ""
    api_key: str = ""
    tools: list[str] = []
    system: str = ""
    limits: dict[str, int | float] = {}  # stock Strands wants whole numbers as they are
    breakpoints: list[str] = []
    stop_timeout: float = 60.0
    on_lost: str = "refuse"
    on_stop: str = ""
    screen: bool = False
    labels: dict[str, str] = {}
    argv: list[str] = []
    env: dict[str, str] = {}
    name: str = ""
    anonymous: bool = False


class Ready(Struct, tag="ready"):
    """The session `id` at `path` is being written; `socket` is the debugger's, empty without one."""

    id: str
    path: str
    socket: str = ""


class Failed(Struct, tag="failed"):
    """The run did not begin: why, in one line, the next step, and the traceback for `--debug`."""

    message: str
    hint: str = ""
    code: int = 2
    traceback: str = ""


class Ended(Struct, tag="ended"):
    """The run is over: exit code, and on a failure its cause in one line, the next step, the traceback."""

    code: int = 0
    message: str = ""
    hint: str = ""
    traceback: str = ""


Status = Ready | Failed | Ended
