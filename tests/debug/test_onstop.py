"""`--on-stop`: a program is told of each stop, and whatever it does, the agent does not wait for it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models.scripted import call
from tests.debug.support import LIMIT, ONE, Bench, bench
from tracer import records as r
from tracer.debug import onstop
from tracer.errors import TracerError


async def _said(made: Bench, count: int) -> list[r.Log]:
    """The lines about the program, once there are so many."""
    async with asyncio.timeout(LIMIT):
        while len(found := [log for log in made.records(r.Log) if log.source == "on-stop"]) < count:
            await asyncio.sleep(0.02)
    return found


def _python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


async def test_it_gets_the_stop_as_json_and_what_it_says_is_in_the_log(tmp_path: Path) -> None:
    into = tmp_path / "a file; touch x"
    code = f"import sys; open({str(into)!r}, 'w').write(sys.stdin.read()); print('told')"
    async with bench(ONE, "before_tool", on_stop=_python(code)) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        (log,) = await _said(made, 1)
        assert log.level == "info" and log.text.endswith(": told")
        told: dict[str, Any] = json.loads(into.read_text())
        assert told["session"] == made.recording.id and told["stop"] == stop["stop"]
        assert (told["point"], told["name"], told["input"]) == ("before_tool", "calculator", {"expression": "6*7"})
        assert "x" not in os.listdir(tmp_path)
        await client.go(stop)
        await made.end(run)


async def test_a_failure_is_told_and_the_run_goes_on() -> None:
    code = "import sys; print('no bell here'); sys.exit(3)"
    async with bench(ONE, "before_tool", on_stop=_python(code), on_lost="continue", stop_timeout=0.05) as made:
        await made.end(made.run())
        (log,) = await _said(made, 1)
        assert log.level == "warning" and log.text.endswith("exit code 3: no bell here") and made.results() == ["42"]


@pytest.mark.slow
async def test_programs_that_hang_hold_nothing_up_and_are_few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(onstop, "AT_ONCE", 2)
    monkeypatch.setattr(onstop, "WAITING", 3)
    monkeypatch.setattr(onstop, "PATIENCE", 2.0)
    code = f"import os, time; open(os.path.join({str(tmp_path)!r}, f'ran{{os.getpid()}}'), 'w'); time.sleep(60)"
    turns = [[call("calculator", {"expression": "1+1"}) for _ in range(20)], "done"]
    program = _python(code)
    async with bench(turns, "before_tool", on_stop=program, on_lost="continue", stop_timeout=0.01) as made:
        await made.end(made.run())
        assert made.results() == ["2"] * 20
        left = [log for log in made.records(r.Log) if "is left out" in log.text]
        assert len(left) >= 20 - 2 - 3 - 2  # two may have been taken from the queue meanwhile
        assert len(list(tmp_path.glob("ran*"))) <= 2
        assert "ended after 2 s" in (await _said(made, len(left) + 1))[-1].text


@pytest.mark.parametrize(
    ("command", "why"),
    [("no-such-program x", "there is no such program"), ("'open", "cannot be read"), (" ", "no such")],
)
async def test_what_cannot_be_started_is_said_before_anything_runs(command: str, why: str) -> None:
    with pytest.raises(TracerError, match=why):
        async with bench(ONE, on_stop=command):
            pass


@pytest.mark.slow
async def test_of_one_that_never_stops_talking_the_beginning_is_kept_and_all_that_it_started_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(onstop, "PATIENCE", 3.0)
    script = f"sleep 600 & echo $! > {shlex.quote(str(tmp_path / 'pid'))}; yes"
    program = shlex.join(["sh", "-c", script])
    async with bench(ONE, "before_tool", on_stop=program, on_lost="continue", stop_timeout=0.05) as made:
        await made.end(made.run())
        (log,) = await _said(made, 1)
    assert "ended after 3 s" in log.text
    async with asyncio.timeout(LIMIT):
        while _runs(int((tmp_path / "pid").read_text())):
            await asyncio.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def test_what_a_program_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    script = f"cat > /dev/null; sleep 600 & echo $! > {shlex.quote(str(tmp_path / 'pid'))}; echo told"
    program = shlex.join(["sh", "-c", script])
    async with bench(ONE, "before_tool", on_stop=program, on_lost="continue", stop_timeout=0.05) as made:
        await made.end(made.run())
        (log,) = await _said(made, 1)
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        assert log.level == "info" and log.text.endswith(": told")


@pytest.mark.slow
async def test_a_stop_larger_than_a_pipe_is_told_whole_and_a_long_answer_is_cut() -> None:
    turns = [[call("calculator", {"expression": "6*7" + " " * 100_000})], "done"]
    code = "import sys; n = len(sys.stdin.read()); print(n); print('x' * 1_000_000)"
    async with bench(turns, "before_tool", on_stop=_python(code), on_lost="continue", stop_timeout=0.05) as made:
        await made.end(made.run())
        (log,) = await _said(made, 1)
        number = log.text.split(": ")[1].split()[0]
        assert int(number) > 100_000 and len(log.text) < 2100
