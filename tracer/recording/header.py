"""The facts of a session's header: who runs what, where. It asks no package and no network."""

from __future__ import annotations

import os
import platform
import re
import socket
import subprocess
import sys
import time
from typing import Any

import msgspec

from tracer import __version__
from tracer import records as r
from tracer.journal import process

_KEY_OPTION = re.compile(r"(--?[\w-]*(?:key|token|secret|password)[\w-]*)(=.*)?", re.IGNORECASE)


def header(session_id: str, agent: str, runtime: str, labels: Any, redaction: str) -> r.Session:
    """The header record of a session that begins now in this process. Raises TypeError where `labels` are no dict."""
    if not isinstance(labels, dict):
        raise TypeError(f"labels are a dict of names and words, not {labels!r:.80}")
    words = {str(name): str(word) for name, word in labels.items()}
    return r.Session(
        id=session_id, start=time.time_ns(), agent=agent, runtime=runtime, labels=words, redaction=redaction,
        versions=_versions(runtime), python=platform.python_version(), argv=clean_argv(sys.argv), cwd=_cwd(),
        git=git_state(), host=socket.gethostname(), pid=os.getpid(), pid_start=process.start_time(os.getpid()),
        resource=_resource(),
    )  # fmt: skip


def anonymous(record: r.Session) -> r.Session:
    """The same header without what tells of the machine and its user; such a session never counts as live."""
    record.argv = [os.path.basename(word) if os.sep in word else word for word in record.argv]
    record.host, record.cwd, record.git, record.pid, record.pid_start = "localhost", ".", {}, 0, 0
    return record


def forked(record: r.Session, session_id: str, parent: r.Parent | None) -> r.Session:
    """The header of a child process that was forked from the recorded one."""
    began = msgspec.structs.replace(record, id=session_id, seq=-1, t=-1, start=time.time_ns(), parent=parent)
    if record.pid:  # an anonymous one says none
        began.pid = os.getpid()
        began.pid_start = process.start_time(began.pid)
    return began


def clean_argv(argv: list[str]) -> list[str]:
    """The command line without the values of options that name a key, token, secret or password."""
    said, hide = [], False
    for word in argv:
        match = _KEY_OPTION.fullmatch(word)
        if hide:
            said.append("[removed]")
        else:
            said.append(f"{match[1]}=[removed]" if match and match[2] else word)
        hide = bool(match and not match[2]) and not hide
    return said


def _versions(runtime: str) -> dict[str, str]:
    found = {"tracer": __version__}
    module = sys.modules.get(runtime)
    version = getattr(module, "__version__", "")
    if not version and runtime == "strands":
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        try:
            version = installed("strands-agents")
        except PackageNotFoundError:
            version = ""
    if version:
        found[runtime] = str(version)
    return found


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def git_state() -> dict[str, Any]:
    """{"rev": .., "dirty": ..} of the working directory's checkout; empty where there is none or git is missing."""
    asked = ["git", "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        said = subprocess.run(
            asked,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=2,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    lines = said.stdout.splitlines()
    rev = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), "")
    if said.returncode or not rev:
        return {}
    return {"rev": rev, "dirty": any(not line.startswith("#") for line in lines)}


def _resource() -> dict[str, Any]:
    pairs = [part.partition("=") for part in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")]
    found: dict[str, Any] = {key.strip(): value.strip() for key, _, value in pairs if key.strip()}
    if name := os.environ.get("OTEL_SERVICE_NAME"):
        found["service.name"] = name
    return found
