"""The `tracer` command: a group whose commands are imported when they are called. Errors become one line here."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import click

from tracer.cli.command import HELP_OPTIONS, debug_option, wants_traceback
from tracer.errors import TracerError

COMMANDS = {
    "demo": "See an agent stopped before it does harm: no key, no network.",
    "run": "Run an agent: see it live, stop it, record it.",
    "serve": "Serve an agent over HTTP, and record each request.",
    "ls": "List the recorded sessions, newest first.",
    "show": "Print a session as plain lines, or one record of it.",
    "request": "Print what was sent to the model in one call.",
    "view": "Open a session on screen; a live one is followed.",
    "replay": "Play a session on screen at its own pace.",
    "export": "Send a session to an OpenTelemetry collector.",
    "check": "Hold a session against the format: each line, or its secrets.",
    "schema": "Print the JSON Schema of the session file.",
    "pack": "Compress a session that is over; every command still reads it.",
    "rm": "Delete sessions.",
    "prune": "Delete the sessions that are older than a given age.",
    "attach": "Watch and debug a live session on screen.",
    "break": "Set breakpoints in a live session, or list them.",
    "pause": "Stop a live session at its next safe point.",
    "stops": "List where a live session is stopped.",
    "edit": "Change what is stopped: input, result, request.",
    "continue": "Let a stopped call go on.",
    "skip": "Give a stopped tool call its result.",
    "refuse": "Do not let a stopped tool call run.",
    "retry": "Make a call again that is stopped after it.",
    "stop": "Force a live run to stop.",
    "dap": "Speak DAP for a live session or a recording, on stdio or a port.",
}


class Group(click.Group):
    """Knows its commands by name, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        import importlib

        module = f"{cmd_name}_" if cmd_name in ("break", "continue") else cmd_name  # words of Python's own
        command: click.Command = importlib.import_module(f"tracer.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, 1)
            hint = f"did you mean `tracer {near[0]}`?" if near else "`tracer --help` lists the commands"
            raise TracerError(f"there is no command {name!r}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from tracer import __version__

        click.echo(f"tracer {__version__}")
        ctx.exit()


@click.group(cls=Group, context_settings=HELP_OPTIONS, params=[debug_option()], invoke_without_command=True)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See an agent's event loop as it happens, stop it, record it, replay it.

    SESSION is a path, an id or its beginning, `last`, or `-` for standard input; SESSION#SEQ is one record of it.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: list[str] | None = None) -> int:
    """Run the command line and give its exit code: 0, 1 for a failed run, 2 for the user's mistakes, 130 for Ctrl-C."""
    try:
        with cli.make_context("tracer", list(sys.argv[1:] if args is None else args)) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        _drop_stdout()
        return 0
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", 130)
    except BaseException as error:
        if wants_traceback() and not isinstance(error, SystemExit):
            click.echo(getattr(error, "traceback", ""), err=True, nl=False)
            raise
        return _explain(error)


def _explain(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, TracerError):
        return _say(str(error), error.exit_code)
    if isinstance(error, click.ClickException):
        return _say(f"{_decapitalised(error.format_message())}; {_usage_hint(error)}", 2)
    if isinstance(error, OSError):
        what = f" {error.filename}" if error.filename else ""
        return _say(f"{error.strerror or error}{what}; `--debug` shows where", 1)
    return _say(f"unexpected {type(error).__name__}: {error}; `--debug` shows where, please report it", 1)


def _usage_hint(error: click.ClickException) -> str:
    context: Any = getattr(error, "ctx", None)
    return f"`{context.command_path if context else 'tracer'} --help` shows how"


def _decapitalised(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _say(text: str, code: int) -> int:
    from tracer.text.safe import clean

    with contextlib.suppress(BrokenPipeError):
        click.echo(f"tracer: {clean(text)}", err=True)
    return code


def _drop_stdout() -> None:
    """The reader went away: let the flush at exit go nowhere instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
