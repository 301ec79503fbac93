"""The keys, in one table: bindings, footer and help come from here, so that none of them can drift."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Key:
    """`keys` in Textual's names, separated by commas; `show` as people read them; `short` is the footer's word."""

    keys: str
    action: str
    group: str
    says: str
    show: str
    short: str = ""


_MOVE, _FIND, _LOOK, _PLAY, _HOLD, _APP = "move", "find", "look", "replay", "debug", "screen"

KEYS: tuple[Key, ...] = (
    Key("j,down", "move(1)", _MOVE, "down", "j ↓"),
    Key("k,up", "move(-1)", _MOVE, "up (leaves follow)", "k ↑"),
    Key("pagedown,ctrl+d", "page(1)", _MOVE, "a page down", "PgDn ^d"),
    Key("pageup,ctrl+u", "page(-1)", _MOVE, "a page up", "PgUp ^u"),
    Key("h,left", "fold(True)", _MOVE, "fold; in the events: hide the pieces", "h ←"),
    Key("l,right", "fold(False)", _MOVE, "unfold; in the events: show the pieces", "l →"),
    Key("g,home", "ends(0)", _MOVE, "to the beginning", "g"),
    Key("G,end", "ends(-1)", _MOVE, "to the end, and follow", "G"),
    Key("tab", "pane(1)", _MOVE, "next pane", "Tab", "pane"),
    Key("shift+tab", "pane(-1)", _MOVE, "pane before", "S-Tab"),
    Key("slash", "search", _FIND, "search", "/", "search"),
    Key("n", "match(1)", _FIND, "next match", "n"),
    Key("N", "match(-1)", _FIND, "match before", "N"),
    Key("e", "jump('errors', 1)", _FIND, "next error", "e", "error"),
    Key("E", "jump('errors', -1)", _FIND, "error before", "E"),
    Key("right_square_bracket", "jump('cycles', 1)", _FIND, "next cycle", "]"),
    Key("left_square_bracket", "jump('cycles', -1)", _FIND, "cycle before", "["),
    Key("right_curly_bracket", "jump('tools', 1)", _FIND, "next tool call", "}"),
    Key("left_curly_bracket", "jump('tools', -1)", _FIND, "tool call before", "{"),
    Key("m", "mark", _FIND, "set a mark here", "m"),
    Key("apostrophe", "marked", _FIND, "go to the next mark", "'"),
    Key("1", "view('waterfall')", _LOOK, "waterfall", "1", "waterfall"),
    Key("2", "view('transcript')", _LOOK, "transcript", "2", "transcript"),
    Key("3", "view('events')", _LOOK, "events", "3", "events"),
    Key("enter", "whole", _LOOK, "the whole value", "Enter", "whole"),
    Key("y", "copy", _LOOK, "copy", "y", "copy"),
    Key("f", "follow", _LOOK, "follow what is new, or stay", "f", "follow"),
    Key("plus,equals_sign", "zoom(1)", _LOOK, "zoom in", "+"),
    Key("minus", "zoom(-1)", _LOOK, "zoom out", "-"),
    Key("w", "where", _LOOK, "where from: the source of the selection", "w"),
    Key("J", "jaeger", _LOOK, "copy the Jaeger link of the trace", "J"),
    Key("space", "play", _PLAY, "play or pause", "Space", "play"),
    Key("less_than_sign", "speed(-1)", _PLAY, "slower", "<"),
    Key("greater_than_sign", "speed(1)", _PLAY, "faster", ">", "speed"),
    Key("comma", "step(-1)", _PLAY, "a record back", ",", "back"),
    Key("full_stop", "step(1)", _PLAY, "a record on", ".", "step"),
    Key("i", "edit", _HOLD, "edit the input, result or request", "i", "edit"),
    Key("c,f5", "go_on", _HOLD, "continue", "c F5", "continue"),
    Key("K", "kill", _HOLD, "refuse the call, or force the run to stop", "K", "refuse"),
    Key("p,f6", "pause", _HOLD, "stop at the next safe point", "p F6", "stop"),
    Key("s,f11", "stepping('stepIn')", _HOLD, "step in", "s F11", "step"),
    Key("o,f10", "stepping('next')", _HOLD, "step over", "o F10"),
    Key("u", "stepping('stepOut')", _HOLD, "step out", "u"),
    Key("b,f9", "breakpoint", _HOLD, "break before the selected tool", "b F9"),
    Key("v", "variables", _HOLD, "stack and variables of the stop, or the inspector", "v"),
    Key("B", "breakpoints", _HOLD, "all breakpoints: add, remove", "B"),
    Key("r", "retry", _HOLD, "make the call again", "r", "retry"),
    Key("x", "skip", _HOLD, "skip the call: give its result", "x", "skip"),
    Key("question_mark", "help", _APP, "this help", "?", "help"),
    Key("colon", "palette", _APP, "command palette", ":"),
    Key("escape", "back", _APP, "close, or leave what is selected", "Esc"),
    Key("ctrl+z", "suspend", _APP, "suspend", "^z"),
    Key("q,ctrl+c", "quit", _APP, "quit", "q", "quit"),
)

GROUPS = {_MOVE: "Move", _FIND: "Find", _APP: "Screen", _LOOK: "Look", _PLAY: "Replay", _HOLD: "Debug"}


_REPLAYED = ("play", "speed(1)", "step(-1)", "step(1)")
RETRIED = ("after_tool", "tool_error", "after_model", "model_error")
_EDITED = ("before_tool", "after_tool", "tool_error", "before_model")


def acts(point: str) -> tuple[str, ...]:
    """The actions that a stop at this point offers, the most urgent first."""
    edit = ("edit",) if point in _EDITED else ()
    more = ("skip",) if point == "before_tool" else ("retry",) if point in RETRIED else ()
    return (*edit, "go_on", "stepping('stepIn')", *more, "kill")


def footer(mode: str, stopped: str, live: bool) -> list[Key]:
    """The keys that matter now, the most urgent first: a stopped run's, then replay's, then the rest.

    `stopped` is the point at which the run is held ("": it is not): only what can be done there is offered.
    """
    named = [key for key in KEYS if key.short]
    if stopped and stopped != "before_tool":
        named = [replace(key, short="force-stop") if key.action == "kill" else key for key in named]
    first = _REPLAYED if mode == "replay" else acts(stopped) if stopped else ()
    chosen = [key for action in first for key in named if key.action == action]
    hidden = {_HOLD} if mode == "replay" else {_HOLD, _PLAY}
    later = {"pause"} if live and not stopped else set()
    rest = [key for key in named if (key not in chosen and key.group not in hidden) or key.action in later]
    return chosen + rest
