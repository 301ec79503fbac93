"""Agents that die, each in a process of its own, forked from one that has imported everything. It judges nothing.

`python -m tests.recording.kills` reads a job a line, runs it in a fork, and answers with its wait status.
"""

import asyncio
import contextlib
import ctypes
import faulthandler
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from agent_runtime.models.scripted import call, text, think, usage
from tests.runtimes import make_agent
from tracer.recording.watch import hooks_of

ROOT = Path(__file__).parents[2]
TURNS = 12
HANGS = 60  # seconds in which a death is to be over


class Zygote:
    """The process that is forked: `run(job)` is the wait status of one that died as the job says."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.recording.kills"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, home: Path, how: str, at: int = 0, after: float = 0.0, runtime: str = "own") -> int:
        """Die `how`: at the `at`-th event or tool call, or `after` so many seconds from outside."""
        assert self._process.stdin and self._process.stdout
        job = {"home": str(home), "how": how, "at": at, "after": after, "runtime": runtime}
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(100)
        self._process.stdout.close()


def said(event: dict[str, Any]) -> Any:
    """What an event says, as JSON holds it, live or replayed."""
    if "result" in event:
        return {"result": str(event["result"].stop_reason)}
    kept = {key: event[key] for key in event if key in _SAID}
    return json.loads(json.dumps(kept))


_SAID = {
    *("init_event_loop", "start", "start_event_loop", "event", "data", "delta", "reasoningText", "message", "complete"),
    *("force_stop", "type", "tool_stream_event"),
}


class Doomed:
    """An agent in a process that is about to die; what its consumer sees goes to `witness` at once."""

    def __init__(self, home: Path, how: str, at: int, runtime: str) -> None:
        os.environ["TRACER_HOME"] = str(home)
        self.how, self.at, self.calls, self.seen = how, at, 0, 0
        self._witness = os.open(home / "witness", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.agent = make_agent(runtime, [_turn(n) for n in range(TURNS)] + ["all done"], [self._tool()])
        if how == "hook":
            hooks = hooks_of(self.agent)
            for kind in (hooks.BeforeToolCallEvent, hooks.AfterModelCallEvent):
                self.agent.add_hook(self._hook, kind)

    def _tool(self) -> Callable[[int], str]:
        def work(n: int) -> str:
            """Work.

            Args:
                n: a number
            """
            if self.how in _IN_TOOL:
                self.calls += 1
                if self.calls == self.at:
                    _IN_TOOL[self.how]()
            return f"worked on {n}"

        return work

    async def _hook(self, event: Any) -> None:
        self.calls += 1
        if self.calls == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def stream(self) -> AsyncGenerator[dict[str, Any], None]:
        """The agent's events, each on record with the kernel before its consumer sees it a second time."""
        import tracer

        tracer.attach(self.agent)
        stream = self.agent.stream_async("go")
        async with contextlib.aclosing(stream):
            async for event in stream:
                os.write(self._witness, json.dumps(said(event)).encode() + b"\n")
                self.seen += 1
                yield event
                if self.how in ("outside", "thread"):
                    await asyncio.sleep(0.0002)

    async def consume(self) -> None:
        """Read the stream, and die on the way where the consumer is the one to do it."""
        async with contextlib.aclosing(self.stream()) as stream:
            async for _ in stream:
                if self.seen == self.at and self.how in _IN_CONSUMER:
                    _IN_CONSUMER[self.how]()
                if self.seen == self.at and self.how == "break":
                    break


def _turn(n: int) -> list[Any]:
    words = "one step after the other, and the key may begin with sk-ab or not: eyJ or so. "
    return [think(f"hm {n} "), text(words), call("work", {"n": n}), call("work", {"n": -n}), usage(3, 4)]


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _exit() -> None:
    os._exit(3)


def _segfault() -> None:
    ctypes.string_at(0)


def _exhaust() -> list[bytearray]:
    """All memory that the kernel gives."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), resource.RLIM_INFINITY))
    taken: list[bytearray] = []
    for size in (1 << 20, 1 << 12, 64):
        with contextlib.suppress(MemoryError):
            while True:
                taken.append(bytearray(size))
    return taken


def _exhaust_for_a_moment() -> None:
    taken = _exhaust()
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    raise MemoryError(len(taken))


def _exhaust_for_good() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # CPython waits for ever for a thread that has no memory to begin
    _TAKEN.append(_exhaust())


_TAKEN: list[Any] = []
_IN_TOOL: dict[str, Callable[[], Any]] = {"tool": _kill, "segfault": _segfault, "memory": _exhaust_for_a_moment}
_IN_CONSUMER = {"consumer": _kill, "exit": _exit, "refused": _exhaust_for_good}


def _closed_loop(doomed: Doomed) -> None:
    loop = asyncio.new_event_loop()
    task = loop.create_task(doomed.consume())

    def watch() -> None:
        loop.stop() if doomed.seen >= doomed.at else loop.call_soon(watch)

    loop.call_soon(watch)
    loop.run_forever()
    loop.close()
    assert not task.done()


def _daemon_thread(doomed: Doomed) -> None:
    threading.Thread(target=lambda: asyncio.run(doomed.consume()), daemon=True).start()
    while doomed.seen < doomed.at:
        time.sleep(0.001)


def _child(job: dict[str, Any], said: int) -> None:
    for standard in (0, 1, 2):
        os.dup2(said, standard)
    os.chdir(job["home"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.dump_traceback_later(HANGS, exit=True)  # who waits for it is to learn where it hung
    doomed = Doomed(Path(job["home"]), job["how"], job["at"], job["runtime"])
    {"loop": _closed_loop, "thread": _daemon_thread}.get(job["how"], lambda it: asyncio.run(it.consume()))(doomed)
    sys.exit(0)


def _wait_for_witness(witness: Path, at: int) -> None:
    """Mostly until the run has begun; now and then not, so that a session's first moments are hit too."""
    until = time.monotonic() + 100
    while at % 8 and time.monotonic() < until and not (witness.exists() and witness.stat().st_size):
        time.sleep(0.001)


def _served(job: dict[str, Any]) -> int:
    said = os.open(Path(job["home"]) / "output", os.O_RDWR | os.O_CREAT, 0o600)  # now: it may die at its first step
    pid = os.fork()
    if pid == 0:
        _child(job, said)
    os.close(said)
    if job["after"]:
        _wait_for_witness(Path(job["home"], "witness"), job["at"])
        time.sleep(job["after"])
        os.kill(pid, {"outside": signal.SIGKILL, "sigterm": signal.SIGTERM, "ctrl-c": signal.SIGINT}[job["how"]])
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _jobs() -> Iterator[dict[str, Any]]:
    for line in sys.stdin.buffer:
        yield json.loads(line)


if __name__ == "__main__":
    import_module("tracer.recorder")  # so that nothing is left to import in the forks

    for one in _jobs():
        print(_served(one), flush=True)
