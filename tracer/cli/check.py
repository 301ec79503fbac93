"""`tracer check`: sessions held against the format, mended, searched for secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.command import Command, doing, opened
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.checking.lines import Finding
    from tracer.session import Session

EPILOG = """\b
Examples:
  tracer check last
  tracer check --json mine.jsonl          what your own framework wrote
  tracer check --secrets last             before you share it
  tracer check --repair crashed.jsonl"""
SHOWN = 50


@click.command(cls=Command, epilog=EPILOG)
@click.argument("session", default="last")
@click.option("--secrets", is_flag=True, help="Look for key shapes and for the secrets of this environment instead.")
@click.option("--repair", is_flag=True, help="Mend a torn last line first; what stands before it stays as it is.")
@click.option("--all", "everything", is_flag=True, help=f"Print all findings, not only the first {SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for the session, with all findings.")
def command(session: str, *, secrets: bool, repair: bool, everything: bool, as_json: bool) -> int:
    """Check each line of SESSION (default: the newest) against the format. Exit code 1 where there is an error."""
    mended = _mended(session) if repair else ""
    with opened(session) as found:
        report = _report(found, _findings(found, secrets), mended)
    if as_json:
        click.echo(json.dumps(report))
    else:
        _tell(report, None if everything else SHOWN, secrets)
    return 1 if report["errors"] else 0


def _mended(session: str) -> str:
    from tracer.checking.repair import repair
    from tracer.journal.paths import resolve

    if session == "-":
        raise TracerError("standard input cannot be repaired", "name the file")
    path = resolve(session)
    with doing("repair", path, path):
        return repair(path)


def _findings(session: Session, secrets: bool) -> Iterator[Finding]:
    if secrets:
        from tracer.checking.secrets import secrets as look
        from tracer.recording.redact import Redactor

        return look(session.reader, Redactor())
    from tracer.checking.lines import findings

    return findings(session.reader)


def _report(session: Session, found: Iterator[Finding], mended: str) -> dict[str, Any]:
    import dataclasses

    said = [dataclasses.asdict(finding) for finding in found]
    state = session.state
    torn = session.reader.torn if state != "live" else 0
    errors = sum(finding["level"] == "error" for finding in said) + bool(torn)
    return {
        "session": session.id,
        "path": str(session.path),
        "state": state,
        "records": len(session.reader),
        "errors": errors,
        "warnings": sum(finding["level"] == "warning" for finding in said),
        "torn": torn,
        "mended": mended,
        "findings": said,
    }


def _tell(report: dict[str, Any], limit: int | None, secrets: bool) -> None:
    from tracer.text.format import counted
    from tracer.text.safe import clean

    for one in islice(report["findings"], limit):
        kind = f" {one['kind']}" if one["kind"] else ""
        click.echo(clean(f"#{one['seq']}{kind}: {one['level']}: {one['message']}"))
    if limit and len(report["findings"]) > limit:
        click.echo(f"and {len(report['findings']) - limit} more: `--all` prints them")
    if report["mended"]:
        click.echo(f"mended: {report['mended']}")
    if report["torn"]:
        click.echo(f"the last line is torn: {counted(report['torn'], 'byte')}; `tracer check --repair` mends it")
    what = "no secret found" if secrets and not report["errors"] else counted(report["errors"], "error")
    told = [counted(report["records"], "record"), what, counted(report["warnings"], "warning"), report["state"]]
    click.echo(clean(f"{report['session']}: {', '.join(told)}"))
