"""Where sessions lie, and which file a SESSION argument means."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tracer.errors import TracerError

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
SUFFIX = ".jsonl"
PACKED = ".jsonl.zst"
NEVER_BEGAN = "it did not begin"
_NEVER = f'"reason":"{NEVER_BEGAN}"'.encode()
_SMALL = 64 << 10


def home() -> Path:
    """$TRACER_HOME, or the platform's data directory for this tool."""
    given = os.environ.get("TRACER_HOME")
    if given:
        return _expanded(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("tracer", appauthor=False))


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # `~name` of nobody here
        return Path(text)


def sessions_dir() -> Path:
    """The folder of the session files; it may not exist yet."""
    return home() / "sessions"


def check_id(session_id: str) -> str:
    """The id. Raises TracerError on one that as a file's name could leave its folder."""
    if not _ID.fullmatch(session_id) or ".." in session_id:
        raise TracerError(f"{session_id!r} is not a session id", "use letters, digits, '-', '_' and '.'")
    return session_id


def session_path(session_id: str) -> Path:
    """The file of a session id. Raises TracerError on an id that could leave the folder."""
    return sessions_dir() / (check_id(session_id) + SUFFIX)


def id_of(path: Path) -> str:
    """The id that a session file's name says."""
    return path.name.removesuffix(".zst").removesuffix(SUFFIX)


def part_path(path: Path, number: int) -> Path:
    """Part `number` of a session, from 1: `ID.jsonl` itself, then `ID.jsonl.2` and so on."""
    return path if number == 1 else Path(f"{path}.{number}")


def parts_of(path: Path) -> list[Path]:
    """The files that make up a session, in order; the first is `path`, whether it is there or not."""
    found = [path]
    while (following := part_path(path, len(found) + 1)).exists():
        found.append(following)
    return found


def list_sessions() -> list[Path]:
    """All session files, packed ones too, newest first (ids are time-ordered). Later parts are not sessions."""
    try:
        names = [
            entry.name
            for entry in os.scandir(sessions_dir())
            if entry.name.endswith((SUFFIX, PACKED)) and entry.is_file()
        ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TracerError(
            f"cannot list {sessions_dir()}: {error.strerror}", "set TRACER_HOME to a readable folder"
        ) from error
    folder, plain = sessions_dir(), set(names)
    newest = sorted(names, reverse=True)
    return [folder / name for name in newest if not (name.endswith(PACKED) and name.removesuffix(".zst") in plain)]


def split_address(text: str) -> tuple[str, int | None]:
    """SESSION#SEQ as (SESSION, SEQ); without a number after the last '#', (text, None)."""
    name, mark, seq = text.rpartition("#")
    return (name, int(seq)) if mark and name and seq.isascii() and seq.isdigit() and len(seq) < 19 else (text, None)


def resolve(text: str) -> Path:
    """The file that SESSION means: a path, an id, the beginning of one, or `last`. Raises TracerError."""
    if not text:
        raise TracerError("no session was named", "`tracer ls` lists them; `last` is the newest")
    if os.sep in text or text.endswith((SUFFIX, PACKED)):
        return _existing(_expanded(text))
    if text == "last":
        found = list_sessions()
        if not found:
            raise TracerError(f"there is no session in {sessions_dir()} yet", "record one: `tracer demo`")
        return next((path for path in found if not _never_began(path)), found[0])
    matches = [path for path in list_sessions() if path.name.startswith(text)]
    exact = [path for path in matches if id_of(path) == text]
    if len(exact or matches) == 1:
        return (exact or matches)[0]
    if matches:
        raise TracerError(f"{len(matches)} sessions begin with {text!r}", "give more of the id: `tracer ls` lists them")
    if Path(text).exists():
        return _existing(Path(text))
    _refuse_address(text)
    raise TracerError(
        f"no session {text!r} in {sessions_dir()}", "`tracer ls` lists them; a file needs a path such as ./x.jsonl"
    )


def _refuse_address(text: str) -> None:
    """Raises TracerError for SESSION#SEQ, where a whole session is asked for or SEQ is no number."""
    name, mark, seq = text.rpartition("#")
    if mark and name and split_address(text)[1] is None:
        raise TracerError(f"{text}: {seq!r} is no record's number", "`tracer show` prints the numbers, as in last#7")
    if mark and name:
        raise TracerError(f"{text} is one record", f"a whole session is asked for here, as {name}")


def _never_began(path: Path) -> bool:
    """Whether it holds a header, the reason why the run did not begin, and the end: nothing that one comes back to."""
    try:
        with path.open("rb") as file:
            lines = file.read(_SMALL).splitlines()
    except OSError:
        return False
    return 1 < len(lines) <= 3 and _NEVER in lines[-1]


def _existing(path: Path) -> Path:
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:
        hint = f"`ls -ld {path.parent}` shows who may"
        raise TracerError(f"cannot read {path}: {error.strerror}", hint) from error
    if is_folder:
        raise TracerError(f"{path} is a folder, not a session file", "name a .jsonl file in it")
    if not is_there:
        raise TracerError(f"there is no file {path}", "`tracer ls` lists the recorded sessions")
    return path
