"""The requests that begin and end a connection, and those that set breakpoints."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from tracer.debug.breakpoints import POINTS, Breakpoint, parse
from tracer.debug.errors import BreakpointError, DebugError
from tracer.debug.session import Body, Session, command
from tracer.debug.sources import Place, at_line
from tracer.debug.union import NOBODY

CAPABILITIES: Body = {
    "supportsConfigurationDoneRequest": True,
    "supportsFunctionBreakpoints": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsEvaluateForHovers": True,
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsRestartFrame": True,
    "supportsExceptionFilterOptions": True,
    "supportsDelayedStackTraceLoading": True,
    "supportTerminateDebuggee": True,
    "supportsTerminateRequest": True,
    "supportsSingleThreadExecutionRequests": True,
    "exceptionBreakpointFilters": [
        {
            "filter": point,
            "label": point,
            "default": False,
            "supportsCondition": True,
            "conditionDescription": "a filter",
        }
        for point in POINTS
    ],
}


@command("initialize")
def _initialize(session: Session, arguments: Body) -> Body:
    return greeting(session, arguments, CAPABILITIES)


def greeting(session: Session, arguments: Body, capabilities: Body, **more: Any) -> Body:
    """The answer to a client that says who it is."""
    session.initialize(arguments)
    board = session.board
    extension = {"version": 1, "session": board.session, "unsupported": board.union.unsupported(), **more}
    return {**capabilities, "tracer": extension}


@command("attach")
def _attach(session: Session, arguments: Body) -> None:
    session.attach(bool(arguments.get("observe")), arguments.get("output") is not False)


@command("configurationDone")
def _configuration_done(session: Session, arguments: Body) -> None:
    session.configured()


@command("disconnect")
def _disconnect(session: Session, arguments: Body) -> None:
    if arguments.get("terminateDebuggee"):
        session.run.terminate("ended by the debugger", session.name)
    session.closed("detach")
    session.done = True


@command("setFunctionBreakpoints")
def _set_function_breakpoints(session: Session, arguments: Body) -> Body:
    given = [_parsed(one["name"], one.get("condition"), one.get("hitCondition")) for one in arguments["breakpoints"]]
    return {"breakpoints": session.set_breakpoints("function", given)}


@command("setExceptionBreakpoints")
def _set_exception_breakpoints(session: Session, arguments: Body) -> Body:
    given = [_parsed(point, None, None) for point in arguments["filters"]]
    given += [_parsed(one["filterId"], one.get("condition"), None) for one in arguments.get("filterOptions") or []]
    return {"breakpoints": session.set_breakpoints("exception", given)}


@command("tracer/break")
def _break(session: Session, arguments: Body) -> Body:
    """Breakpoints that belong to no connection: they stay when it goes. All of what is asked for, or nothing."""
    given = [_parsed(text, None, None) for text in arguments.get("add") or []]
    for one in given:
        if isinstance(one, BreakpointError):
            raise DebugError(str(one))
    board = session.run
    union = board.union
    gone = [int(number) for number in arguments.get("remove") or []]
    with board.lock:
        stays = {one.id for one in union.all if one.owner == NOBODY}
        if missing := [number for number in gone if number not in stays]:
            raise DebugError(f"breakpoint {missing[0]} is not there, or a viewer's own", "`tracer break` lists them")
        for number in gone:
            union.remove(NOBODY, number)
        added = [union.add(NOBODY, one) for one in given if isinstance(one, Breakpoint)]
    board.arm()
    if board.threads.all():
        board.warn()
    return {"breakpoints": [{**union.body(one), "text": one.spec.text} for one in added]}


@command("setBreakpoints")
def _set_breakpoints(session: Session, arguments: Body) -> Body:
    """A line of a tool's function is a breakpoint before that tool."""
    file = str((arguments.get("source") or {}).get("path") or "")
    asked = arguments.get("breakpoints") or [{"line": line} for line in arguments.get("lines") or []]
    places = [at_line(session.board.places(), file, int(one["line"])) for one in asked]
    given = [_at(place, one) for place, one in zip(places, asked, strict=True)]
    answers = session.set_breakpoints(f"lines of {file}", given)
    source = {"name": PurePath(file).name, "path": file}
    lines = [{"line": place.first, "source": source} if place else {} for place in places]
    return {"breakpoints": [answer | line for answer, line in zip(answers, lines, strict=True)]}


def _at(place: Place | None, asked: Body) -> Breakpoint | BreakpointError:
    if place is None:
        why = "no tool of a live agent is written there"
        return BreakpointError(f"line {asked['line']}", 1, why, "once its agent is there, set it again")
    clauses = (asked.get(key) for key in ("condition", "hitCondition", "logMessage"))
    return _parsed(f"before_tool:{place.tool}", *clauses)


def _parsed(text: Any, condition: Any, hit: Any, log: Any = None) -> Breakpoint | BreakpointError:
    try:
        return parse(str(text), condition=str(condition or ""), hit=str(hit or ""), log=str(log or ""))
    except BreakpointError as error:
        return error
