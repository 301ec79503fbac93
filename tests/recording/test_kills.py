"""Nothing that a consumer saw is missing in the file, however its process ended: real processes, real ends."""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tracer
from tests.recording.kills import TURNS, Zygote, said
from tests.runtimes import has_strands
from tracer import records as r
from tracer.journal.paths import parts_of
from tracer.playback import ReplayedError

_HELD = 64  # characters of streaming text that may begin a secret, and wait
_SELF = {"consumer": -9, "tool": -9, "hook": -9, "segfault": -11, "exit": 3}
_ENDS = ("break", "loop", "thread", "memory")
_OUTSIDE = {"outside": (-9,), "sigterm": (-15,), "ctrl-c": (1, 0, -2)}
# CPython waits for ever for a thread that finds no memory to begin: here the one of the tool call beside the greedy one
_THREADLESS = re.compile(r'threading.py", line \d+ in wait\n.*threading.py", line \d+ in wait\n.* in start\n')
_ANY = {"refused"}  # an agent without memory may fail, or hang, in its own ways


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    one = Zygote()
    yield one
    one.close()


def _seen(home: Path) -> list[Any]:
    witness = home / "witness"
    return [json.loads(line) for line in witness.read_bytes().splitlines()] if witness.exists() else []


async def _replayed(path: Path) -> list[Any]:
    found: list[Any] = []
    try:
        async for event in tracer.replay(path, speed=0):
            found.append(said(event))
    except ReplayedError:
        pass
    return found


def _piece(event: Any) -> str | None:
    delta = event.get("delta") or event.get("event", {}).get("contentBlockDelta", {}).get("delta")
    if not delta:
        return None
    thought = delta.get("reasoningContent", {})
    return str(delta.get("text") or thought.get("text") or delta.get("toolUse", {}).get("input") or "")


def _missing(seen: list[Any], found: list[Any]) -> list[Any]:
    """What the consumer saw and the replay lacks, but for the end of a delta that may begin a secret."""
    at = next((i for i, event in enumerate(seen) if found[i : i + 1] != [event]), len(seen))
    rest, again = [_piece(e) for e in seen[at:]], [_piece(e) for e in found[at:]]
    if None in rest or None in again or len(rest) > len(again):
        return seen[at:]
    # each delta is there twice, raw and cooked
    text, said_again = "".join(map(str, rest)), "".join(map(str, again[: len(rest)]))
    return [] if len(text) - len(said_again) <= 2 * _HELD else seen[at:]


def _judge(home: Path, what: str) -> int:
    """Compare what the consumer saw with what the file holds; how many events it saw."""
    seen, files = _seen(home), list((home / "sessions").glob("*.jsonl"))
    if not files:
        assert not seen, what
        return 0
    (path,) = files
    *lines, _torn = b"".join(part.read_bytes() for part in parts_of(path)).split(b"\n")
    assert [r.decode(line).seq for line in lines] == list(range(len(lines))), what
    if lines:
        assert _missing(seen, asyncio.run(_replayed(path))) == [], what
    assert lines or not seen, what
    return len(seen)


def _die(zygote: Zygote, home: Path, how: str, runtime: str, chance: random.Random) -> int:
    home.mkdir()
    in_consumer = how in ("consumer", "exit", "break", "loop", "thread", "refused")
    at = chance.randint(1, 400 if in_consumer else 2 * TURNS)
    after = chance.uniform(0.002, 0.25) if how in _OUTSIDE else 0.0
    status = zygote.run(home, how, at, after, runtime)
    output = (home / "output").read_text()
    what = f"{how} at {at} after {after} in {home}: {status} {output[-4000:]}"
    threadless = how == "memory" and status == 1 and _THREADLESS.search(output)
    ends = (*_OUTSIDE[how], 0) if how in _OUTSIDE else (_SELF.get(how, 0),)
    assert status in ends or how in _ANY or threadless, what
    return _judge(home, what)


@pytest.mark.parametrize("how", [*_SELF, *_ENDS, *_OUTSIDE, *_ANY])
def test_what_the_consumer_saw_is_in_the_file(how: str, zygote: Zygote, tmp_path: Path) -> None:
    chance = random.Random(how)
    assert sum(_die(zygote, tmp_path / str(n), how, "own", chance) for n in range(2))


@pytest.mark.parametrize(
    ("size", "times", "chances"), [(1000, 1, "once"), pytest.param(700, 3, "parts", marks=pytest.mark.slow)]
)
def test_nor_where_the_session_goes_on_in_parts(
    size: int, times: int, chances: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_PART_BYTES", str(size))
    zygote, chance = Zygote(), random.Random(chances)
    try:
        for how in ("consumer", "outside", "tool"):
            assert sum(_die(zygote, tmp_path / f"{how}{n}", how, "own", chance) for n in range(times))
    finally:
        zygote.close()
    assert len(list(tmp_path.glob("*/sessions/*.jsonl.9"))) > 1


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "runtime", ["own", pytest.param("stock", marks=pytest.mark.skipif(not has_strands, reason="strands"))]
)
@pytest.mark.parametrize("how", [*_SELF, *_ENDS, *_OUTSIDE, *_ANY])
def test_a_few_hundred_deaths(how: str, runtime: str, zygote: Zygote, tmp_path: Path) -> None:
    chance = random.Random()
    assert sum(_die(zygote, tmp_path / str(n), how, runtime, chance) for n in range(12))
