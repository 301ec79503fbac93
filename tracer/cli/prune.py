"""`tracer prune`: delete the sessions that are older than a given age."""

from __future__ import annotations

import json

import click

from tracer.cli.age import seconds
from tracer.cli.command import Command, doing

EPILOG = """\b
Examples:
  tracer prune --older 30d --dry-run
  tracer prune --older 2w --keep-failed"""


@click.command(cls=Command, epilog=EPILOG)
@click.option(
    "--older", callback=seconds, metavar="AGE", required=True, help="Those that ended longer ago than this, e.g. 30d."
)
@click.option("--keep-failed", is_flag=True, help="Keep those that did not end well.")
@click.option("--dry-run", is_flag=True, help="Delete nothing, only say what would be deleted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a session that is deleted.")
def command(older: int, keep_failed: bool, dry_run: bool, as_json: bool) -> None:
    """Delete the sessions that ended longer ago than --older. One that is still being recorded is kept."""
    from tracer.journal.keep import bytes_of, remove
    from tracer.journal.paths import list_sessions
    from tracer.text import choose
    from tracer.text.format import counted, size
    from tracer.text.safe import clean
    from tracer.text.summary import summarise

    count = freed = 0
    for path in list_sessions():
        row = summarise(path)
        kept = row.status == "live" or (keep_failed and row.status in choose.FAILED)
        if kept or not choose.older(row, older, path.stat().st_mtime):
            continue
        with doing("delete", path, path.parent):
            length = bytes_of(path) if dry_run else remove(path)
        count, freed = count + 1, freed + length
        if as_json:
            click.echo(json.dumps({"id": row.id, "path": row.path, "status": row.status, "bytes": length}))
        else:
            click.echo(f"{'would delete' if dry_run else 'deleted'} {clean(row.id)}, {size(length)}")
    if not as_json:
        click.echo(f"{counted(count, 'session')}, {size(freed)}", err=True)
