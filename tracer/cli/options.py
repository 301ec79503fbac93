"""The options that several commands share, and how their words are read. They know nothing of any command."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import click

from tracer.cli.number import FROM_0

LIMITS = ("turns", "output_tokens", "total_tokens", "seconds", "cost")

Option = Callable[[Any], Any]


def _labels(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [label.partition("=") for label in given]
    for key, mark, _ in pairs:
        if not key or not mark:
            raise click.BadParameter("a label is KEY=VALUE")
    return {key: value for key, _, value in pairs}


def _limits(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for limit in given:
        key, _, number = limit.partition("=")
        try:
            found[key] = float(number) if key in ("seconds", "cost") else int(number)
            if not 0 <= found[key] < math.inf:
                raise ValueError
        except ValueError:
            raise click.BadParameter(f"{limit!r} is no KEY=NUMBER, the number from 0 up") from None
        if key not in LIMITS:
            raise click.BadParameter(f"there is no limit {key!r}; there are {', '.join(LIMITS)}")
    return found


def _seconds(_ctx: click.Context, _param: click.Parameter, given: float) -> float:
    if not given:
        raise click.BadParameter("a stop needs some time: give more than 0 seconds")
    return given


def _added(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from tracer.cli.config import configured_breakpoints

    return (*configured_breakpoints(), *given)


def debugger_options(command: Any) -> Any:
    """`-b`, `--stop-timeout`, `--on-lost` and `--on-stop`."""
    where = "Stop there, e.g. 'before_tool:http_* if \"prod\" in input.url'; repeatable, with those of tracer.toml."
    waits = "Seconds a stop waits for somebody to act."
    lost = "What a stop before a tool does when nobody is left to act."
    choice = click.Choice(["refuse", "continue"])
    calls = "Start this program at each stop, without a shell, the stop as JSON on its standard input."
    for option in (
        click.option("--on-stop", default="", metavar="CMD", help=calls),
        click.option("--on-lost", type=choice, default="refuse", show_default=True, help=lost),
        click.option("--stop-timeout", type=FROM_0, default=60.0, show_default=True, callback=_seconds, help=waits),
        click.option("-b", "--break", "breakpoints", multiple=True, metavar="BREAKPOINT", help=where, callback=_added),
    ):
        command = option(command)
    return command


def limit_option(what: str) -> Option:
    """`--limit`, whose help says what it limits."""
    return click.option("--limit", "limits", multiple=True, callback=_limits, metavar="KEY=NUMBER", help=what)


def _rules(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> None:
    from tracer.errors import TracerError
    from tracer.recording.privacy import privacy

    try:
        privacy(given)
    except TracerError as error:
        raise click.BadParameter(error.message) from error
    _tell("TRACER_REDACT", "\n".join([*given, os.environ.get("TRACER_REDACT", "")]) if given else "")


def _tell(name: str, value: str | None) -> None:
    """Tell the agent's process, which inherits the environment."""
    if value:
        os.environ[name] = value


def recording_options(command: Any) -> Any:
    """`--otlp`, `--label` and `--anonymous`; `--redact`, `--record` and `--durable` go by the environment."""
    spans = "Send spans there as they end, e.g. http://localhost:4318."
    keep_out = "Keep this out of the recording too: an expression, or TOOL:/json/pointer; repeatable."
    record = click.Choice(["full", "metadata"])
    for option in (
        click.option("--durable", is_flag=True, expose_value=False, help="Each record is on the disk at once.",
                     callback=lambda _ctx, _param, given: _tell("TRACER_DURABLE", "1" if given else "")),
        click.option("--record", type=record, expose_value=False, help="metadata: everything but content.",
                     callback=lambda _ctx, _param, given: _tell("TRACER_RECORD", given)),
        click.option("--redact", multiple=True, metavar="RULE", expose_value=False, help=keep_out, callback=_rules),
        click.option("--anonymous", is_flag=True, help="Record nothing that tells of this machine and its user."),
        click.option("--label", "labels", multiple=True, callback=_labels, metavar="KEY=VALUE",
                     help="Label the session, for `tracer ls`; repeatable."),
        click.option("--otlp", default="", metavar="URL", help=spans),
    ):  # fmt: skip
        command = option(command)
    return command


def is_app(word: str) -> bool:
    """Whether a word is FILE.py or FILE.py:OBJECT."""
    file = word.rpartition(":")[0] if ".py:" in word else word
    return file.endswith(".py") and (os.sep in file or " " not in file)
