"""The requests that act: continue, the steps, pause, refuse, skip, retry, terminate."""

from __future__ import annotations

from tracer.debug.drafts import result_of
from tracer.debug.errors import DebugError
from tracer.debug.scene import FRAMES
from tracer.debug.session import Body, Session, command
from tracer.debug.stops import Decision, Step, Stop, step_of

MODES = {"next": "step over", "stepIn": "step in", "stepOut": "step out"}  # DAP's word, and the record's


def _stop(session: Session, arguments: Body) -> Stop:
    """The stop that a request is about: by its id where that is given, and always of the thread that is named."""
    thread = int(arguments["threadId"]) if "threadId" in arguments else None
    named = (arguments.get("tracer") or {}).get("stop")
    if named is not None:
        stop = session.run.find(int(named))
        if thread not in (None, stop.thread):
            raise DebugError(f"stop {stop.id} is on thread {stop.thread}, not {thread}")
        return stop
    found = session.run.stopped_on(thread) if thread is not None else None
    if found is None:
        there = ", ".join(str(stop.thread) for stop in list(session.run.stops.values())) or "none"
        raise DebugError(f"nothing is stopped on thread {thread}", f"stopped threads: {there}")
    return found


@command("continue")
def _continue(session: Session, arguments: Body) -> Body:
    stop = _stop(session, arguments)
    session.run.decide(stop.id, Decision("continue", session.name))
    return {"allThreadsContinued": False}


def _stepping(mode: str) -> None:
    @command(mode)
    def handler(session: Session, arguments: Body) -> None:
        stop = _stop(session, arguments)
        with session.run.lock:
            session.run.decide(stop.id, Decision(MODES[mode], session.name))
            session.run.add_step(step_of(stop, mode))


for _mode in MODES:
    _stepping(_mode)


@command("pause")
def _pause(session: Session, arguments: Body) -> None:
    number = int(arguments["threadId"])
    running = session.run.threads.by_id(number)
    if session.run.stopped_on(number):
        raise DebugError(f"thread {number} is stopped already")
    if running is None and number:
        raise DebugError(f"there is no thread {number}", "ask for threads; 0 means whatever comes next")
    session.run.add_step(Step("pause", running.inv if running else "", deep=True))


@command("tracer/refuse")
def _refuse(session: Session, arguments: Body) -> Body:
    stop = session.run.find(int(arguments["stop"]))
    if not stop.is_tool:
        raise DebugError(f"stop {stop.id} is at {stop.point}: only a stopped tool call can be refused")
    reason = str(arguments.get("reason") or f"refused by {session.name}")
    session.run.decide(stop.id, Decision("refuse", session.name, f"The debugger refused this call: {reason}"))
    return {"stop": stop.id}


@command("tracer/skip")
def _skip(session: Session, arguments: Body) -> Body:
    stop = session.run.find(int(arguments["stop"]))
    if not stop.is_tool:
        raise DebugError(f"stop {stop.id} is at {stop.point}: only a stopped tool call can be skipped")
    result = result_of(arguments["result"], str(arguments.get("status") or "success"))
    session.run.decide(stop.id, Decision("skip", session.name, result=result))
    return {"stop": stop.id}


@command("tracer/retry")
def _retry(session: Session, arguments: Body) -> Body:
    _again(session, session.run.find(int(arguments["stop"])))
    return {"stop": int(arguments["stop"])}


@command("restartFrame")
def _restart_frame(session: Session, arguments: Body) -> None:
    _again(session, session.run.find(int(arguments["frameId"]) // FRAMES))


def _again(session: Session, stop: Stop) -> None:
    if not hasattr(stop.moment.event, "retry"):
        raise DebugError(f"stop {stop.id} is at {stop.point}: a call is retried after it was made")
    session.run.decide(stop.id, Decision("retry", session.name))


@command("terminate")
def _terminate(session: Session, arguments: Body) -> None:
    message = str((arguments.get("tracer") or {}).get("message") or "ended by the debugger")
    if not session.run.terminate(message, session.name):
        raise DebugError("no invocation runs: there is nothing to end")
