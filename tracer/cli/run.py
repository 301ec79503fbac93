"""`tracer run`: run an agent in a process of its own, and see it."""

from __future__ import annotations

import sys
from typing import Any

import click

from tracer.cli.command import Command, on_terminal
from tracer.cli.options import LIMITS, debugger_options, is_app, limit_option, recording_options
from tracer.errors import TracerError

TURNS = 25


EPILOG = """\b
Examples:
  tracer run --model openai/gpt-4o --tool calculator "What is 42+7?"
  tracer run my_app.py:agent "Fetch the report"
  tracer run -b before_tool:calculator my_app.py:agent "Fetch the report\""""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("words", nargs=-1, metavar="[FILE.py:OBJECT] PROMPT")
@click.option("--model", "-m", default="", help="A litellm name such as openai/gpt-4o (default: $AGENT_MODEL).")
@click.option("--tool", "-t", "tools", multiple=True, help="calculator, http_request, or file.py[:name]; repeatable.")
@click.option("--system", default="", help="The system prompt.")
@click.option("--api-base", default="", help="The provider's address, for local servers.")
@click.option("--api-key", default="", help="The provider's key; it is not recorded.")
@debugger_options
@limit_option(f"End the run there: {', '.join(LIMITS)}; 0 lifts a limit; repeatable. An agent that --model makes "
              f"has turns={TURNS}.")  # fmt: skip
@recording_options
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
    if is_app(prompt) and not app:
        app, prompt = prompt, ""
    if app and not is_app(app):
        raise TracerError(f"{app!r} is no FILE.py:OBJECT", "put the prompt in quotes if it has several words")
    if prompt == "-":
        if sys.stdin.isatty():
            click.echo("the prompt, then Ctrl-D:", err=True)
        prompt = sys.stdin.read()
    if not prompt.strip():
        what = app or "--model openai/gpt-4o"
        raise TracerError("the prompt is missing or empty", f'give one: `tracer run {what} "What is 42+7?"`')
    return app, prompt
