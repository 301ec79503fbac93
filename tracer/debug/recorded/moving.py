"""The requests that a recording answers in its own way: how a client comes, and how it moves in recorded time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, islice

from tracer import records as r
from tracer.debug.configuring import CAPABILITIES, greeting
from tracer.debug.echo import Spoken
from tracer.debug.errors import DebugError
from tracer.debug.recorded.stage import PastScene, Recorded
from tracer.debug.session import COMMANDS, Body, Handler, Session
from tracer.debug.sources import at_line
from tracer.text.format import counted
from tracer.text.safe import clean

SPOKEN = 500  # output events on the way of one move
_SLICE = 4096  # records whose pieces of one text are one event
_NOT_HERE = (
    "supportsSetVariable", "supportsSetExpression", "supportsRestartFrame", "supportsTerminateRequest",
    "supportTerminateDebuggee", "supportsSingleThreadExecutionRequests",
)  # fmt: skip
_MORE = {"supportsStepBack": True, "supportsGotoTargetsRequest": True, "supportsSteppingGranularity": True}
_OWN: dict[str, Handler] = {}


def commands() -> dict[str, Handler]:
    """All requests; those that act on a live run are refused by what they ask of it."""
    from tracer.debug import acting, inspecting, journal  # noqa: F401 - they register theirs

    return {**COMMANDS, **_OWN}


def _own(name: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _OWN[name] = handler
        return handler

    return register


def _stage(session: Session) -> Recorded:
    assert isinstance(session.board, Recorded)
    return session.board


@_own("initialize")
def _initialize(session: Session, arguments: Body) -> Body:
    said = {key: value for key, value in CAPABILITIES.items() if key not in _NOT_HERE} | _MORE
    return greeting(session, arguments, said, recording=True)


@_own("attach")
def _attach(session: Session, arguments: Body) -> None:
    if not _stage(session).tape.points:
        raise DebugError("nothing was recorded in which one could step", "`tracer show` prints what there is")
    session.attach(bool(arguments.get("observe")), arguments.get("output") is not False)


_OWN["launch"] = _attach


@_own("disconnect")
def _disconnect(session: Session, arguments: Body) -> None:
    session.closed("detach")
    session.done = True


def _refused(session: Session, arguments: Body) -> None:
    _ = session.run  # raises: it is a live run's alone


_ACTS = ("setVariable", "setExpression", "restartFrame", "terminate")
for _act in (*_ACTS, *(f"tracer/{act}" for act in ("edit", "skip", "refuse", "retry", "break"))):
    _OWN[_act] = _refused


@_own("continue")
def _continue(session: Session, arguments: Body) -> Body:
    _move(session, arguments, lambda stage: stage.run(None, "end"))
    return {"allThreadsContinued": True}


@_own("reverseContinue")
def _reverse(session: Session, arguments: Body) -> None:
    _move(session, arguments, lambda stage: stage.run(None, "entry", back=True))


def _stepping(mode: str) -> Handler:
    def handler(session: Session, arguments: Body) -> None:
        thread, single = int(arguments["threadId"]), arguments.get("granularity") == "instruction"
        _move(session, arguments, lambda stage: stage.single(1) if single else stage.step(thread, mode))

    return handler


for _mode in ("next", "stepIn", "stepOut"):
    _OWN[_mode] = _stepping(_mode)


@_own("stepBack")
def _step_back(session: Session, arguments: Body) -> None:
    thread, single = int(arguments["threadId"]), arguments.get("granularity") == "instruction"
    _move(session, arguments, lambda stage: stage.single(-1) if single else stage.step_back(thread))


@_own("gotoTargets")
def _goto_targets(session: Session, arguments: Body) -> Body:
    """The beginning, the end, and the calls of the tool that is written on the line."""
    stage, line = _stage(session), max(1, int(arguments["line"]))
    place = at_line(stage.places(), str((arguments.get("source") or {}).get("path") or ""), line)
    points = stage.tape.points
    named = [(0, "the beginning"), (len(points) - 1, "the end")]
    named += [(at, f"{place.tool}, #{points[at].seq}") for at in stage.tape.calls_of(place.tool)] if place else []
    return {"targets": [{"id": at + 1, "label": clean(label), "line": line} for at, label in named]}


@_own("goto")
def _goto(session: Session, arguments: Body) -> None:
    number = _stage(session).find(int(arguments["targetId"])).id
    _move(session, arguments, lambda stage: stage.stand(number - 1, "goto", []))


@_own("pause")
def _pause(session: Session, arguments: Body) -> None:
    raise DebugError("a recording does not run: it is stopped already", "continue and reverseContinue move in it")


def _move(session: Session, arguments: Body, go: Callable[[Recorded], PastScene]) -> None:
    """Go, and tell it behind the answer: that one went, what was said on the way, where one stands now."""
    stage, before = _stage(session), _stage(session).here
    named = (arguments.get("tracer") or {}).get("stop")
    if named is not None and int(named) != before.id:
        raise DebugError(f"one does not stand at stop {named}", f"but at {before.id}")
    if stage.stopped_on(int(arguments["threadId"])) is None:
        raise DebugError(f"thread {arguments['threadId']} does not run there", "ask for threads")
    scene = go(stage)
    gone = {"stop": before.id, "act": "moved", "who": session.name}
    events: list[tuple[str, Body]] = [("continued", _gone(before.thread, gone))]
    events += [("output", body) for body in (_said(session, before, scene) if scene.reason != "goto" else ())]
    events.append(("stopped", scene.event()))

    def tell() -> None:
        for name, body in events:
            session.event(name, body)

    session.after.append(tell)


def _gone(thread: int, told: Body) -> Body:
    return {"threadId": thread, "allThreadsContinued": True, "tracer": told}


def _said(session: Session, before: PastScene, scene: PastScene) -> list[Body]:
    """What the agent said between two points, forwards, and the lines of logpoints, both ways: the last of them."""
    stage, count, lines = _stage(session), 0, deque[Body](maxlen=SPOKEN)
    if session.listens and scene.seq > before.seq:
        spoken, records = Spoken(), stage.tape.session.reader.records(before.seq + 1, scene.seq + 1)
        for body in chain.from_iterable(spoken.bodies(some) for some in _slices(records)):
            count += 1
            lines.append(body)
    for line in stage.lines(before.id - 1, scene.id - 1):
        count += 1
        lines.append({"category": "console", "output": clean(line) + "\n"})
    if count > SPOKEN:
        more: Body = {"category": "console", "output": f"[{counted(count - SPOKEN, 'piece')} left out]\n"}
        return [more, *lines]
    return list(lines)


def _slices(records: Iterator[r.Record]) -> Iterator[list[r.Record]]:
    """Some at a time: what is said of a long recording is not all held."""
    while some := list(islice(records, _SLICE)):
        yield some
