"""`tracer run`: run an agent in a process of its own, and see it."""

from __future__ import annotations

import math
import os
import sys
from typing import Any

import click

from tracer.cli.command import Command, on_terminal
from tracer.errors import TracerError

LIMITS = ("turns", "output_tokens", "total_tokens", "seconds", "cost")
TURNS = 25


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
    if not 0 < given < math.inf:
        raise click.BadParameter(f"{given} is no number of seconds")
    return given


@click.command(cls=Command)
@click.argument("words", nargs=-1, metavar="[FILE.py:OBJECT] PROMPT")
@click.option("--model", "-m", default="", help="A litellm name such as openai/gpt-4o (default: $AGENT_MODEL).")
@click.option("--tool", "-t", "tools", multiple=True, help="calculator, http_request, or file.py[:name]; repeatable.")
@click.option("--system", default="", help="The system prompt.")
@click.option("--api-base", default="", help="The provider's address, for local servers.")
@click.option("--api-key", default="", help="The provider's key; it is not recorded.")
@click.option("-b", "--break", "breakpoints", multiple=True, metavar="BREAKPOINT",
              help="Stop there, e.g. 'before_tool:http_* if \"prod\" in input.url'; repeatable.")  # fmt: skip
@click.option("--stop-timeout", default=60.0, show_default=True, callback=_seconds,
              help="Seconds a stop waits for somebody to act.")  # fmt: skip
@click.option("--on-lost", type=click.Choice(["refuse", "continue"]), default="refuse", show_default=True,
              help="What a stop before a tool does when nobody is left to act.")  # fmt: skip
@click.option("--limit", "limits", multiple=True, callback=_limits, metavar="KEY=NUMBER",
              help=f"End the run there: {', '.join(LIMITS)}; 0 lifts a limit; repeatable. An agent that --model makes "
              f"has turns={TURNS}.")  # fmt: skip
@click.option("--otlp", default="", metavar="URL", help="Send spans there as they end, e.g. http://localhost:4318.")
@click.option("--label", "labels", multiple=True, callback=_labels, metavar="KEY=VALUE", help="Repeatable.")
@click.option("--anonymous", is_flag=True, help="Record nothing that tells of this machine and its user.")
@click.option("--plain", is_flag=True, help="Plain lines instead of the screen; the agent may read the keyboard.")
def command(words: tuple[str, ...], *, otlp: str, plain: bool, **options: Any) -> int:
    """Run an agent on PROMPT (`-`: read it from standard input), live on screen, and record it.

    FILE.py:OBJECT is your own Agent, or a function that makes one; without it, --model and --tool make one.
    Closing the screen ends the agent. Ctrl-C asks it to end, a second one ends its process.
    """
    app, prompt = _split(words)
    from tracer.launch.session import finish, run
    from tracer.launch.spec import Spec

    limits = options.pop("limits") if app else {"turns": TURNS, **options.pop("limits")}
    options["limits"] = {key: number for key, number in limits.items() if number}
    options = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    spec = Spec(prompt, app, argv=sys.argv, **options)
    keyboard = plain and words[-1] != "-"
    ended, ready = run(spec, screen=on_terminal() and not plain, keyboard=keyboard, otlp=otlp)
    return finish(ended, ready)


def _split(words: tuple[str, ...]) -> tuple[str, str]:
    if len(words) > 2:
        raise TracerError(f"there are {len(words)} words where an app and a prompt go", "put the prompt in quotes")
    app, prompt = ("", *words) if len(words) == 1 else words or ("", "")
    if _is_app(prompt) and not app:
        app, prompt = prompt, ""
    if app and not _is_app(app):
        raise TracerError(f"{app!r} is no FILE.py:OBJECT", "put the prompt in quotes if it has several words")
    if prompt == "-":
        if sys.stdin.isatty():
            click.echo("the prompt, then Ctrl-D:", err=True)
        prompt = sys.stdin.read()
    if not prompt.strip():
        raise TracerError(
            "the prompt is missing or empty", 'give one: `tracer run --model openai/gpt-4o "What is 42+7?"`'
        )
    return app, prompt


def _is_app(word: str) -> bool:
    file = word.rpartition(":")[0] if ".py:" in word else word
    return file.endswith(".py") and (os.sep in file or " " not in file)
