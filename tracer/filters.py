"""The filter language of show, view, search and breakpoints: parsed once into a predicate. It reads no file.

LANGUAGE is the grammar that the parser is built from, the help text, and (its examples) the table of the tests.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tracer import records as r
from tracer.timeline import Span, Timeline
from tracer.vocabulary import never

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

LANGUAGE = r"""
?filter: both ("or" both)*              -> any_of
?both: test ("and" test)*               -> all_of
?test: "not" test                       -> negated
     | "(" filter ")"
     | GLOB                             -> glob        // tool:http_*  kind:force_stop  (case matters, * ? [ab])
     | NAME OP value                    -> compared    // = != < <= > >=, and ~ for a regular expression
     | value "in" NAME                  -> contained   // part of a text, an item of a list, a key
     | NAME                             -> true        // there, and not empty, zero or false
?value: STRING | NUMBER | NAME                         // a bare word is a text; numbers may have units:
                                                       // 150ms 2s 5m 1h   10B 10kB 2MB 1GB   3k 2M   $0.5
OP: "!=" | "<=" | ">=" | "==" | "=" | "<" | ">" | "~"
GLOB.3: /[A-Za-z_][\w.-]*:("(\\.|[^"\\])*"|'(\\.|[^'\\])*'|[^\s()"']+)/
NUMBER.2: /\$?-?\d[\d_]*(\.\d+)?(ms|µs|us|s|m|h|kB|MB|GB|B|k|M)?(?![\w.])/
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
NAME: /[A-Za-z_][\w-]*(\.[\w-]+)*/
%ignore /\s+/

Examples
  error                                 whatever failed
  kind:force_stop                       the loop was forced to stop
  tool:http_* and duration > 2s         slow calls of the http tools
  cycle > 3 and not kind:delta          the run after its third cycle, without the pieces of text
  input.url ~ "internal|local"          a tool's input, by regular expression
  "prod" in input.url                   a tool's input, by a part of it
  (tool:rm or tool:delete_*) and input.path != "/tmp"
  tokens >= 3k or cost > $0.5           expensive calls
  label.request_id = "r-91"             all records of the invocations with this label
  status = error                        the tool answered with an error
"""

NAMES = (
    "seq", "t", "kind", "inv", "cycle", "agent", "model", "tool", "input", "result", "status", "error", "reason",
    "duration", "usage", "tokens", "cost", "text", "label", "role", "level", "source", "size", "attempt", "edited",
    "point", "stop_reason", "prompt",
)  # fmt: skip
_UNITS = {"": 1, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "s": 1, "m": 60, "h": 3600}
_UNITS |= {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "k": 1e3, "M": 1e6}
_CLASS = re.compile(r"\[!?+\]?+[^\]]*\]")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

Test = Callable[[Mapping[str, Any]], bool]


class FilterError(ValueError):
    """A filter that cannot be parsed: `message` says why, `column` (from 1) where; `name` is one that is not there."""

    def __init__(self, message: str, column: int, name: str = "") -> None:
        super().__init__(f"{message} at column {column} of the filter")
        self.message = message
        self.column = column
        self.name = name


class MismatchError(TypeError):
    """A strict filter compares what cannot be compared, such as a text with a number."""


class _How(NamedTuple):
    """How a text is compiled: which names there are, and whether what cannot be compared raises."""

    names: Collection[str]
    strict: bool


class Filter:
    """A compiled filter: `test` takes the values by name, `matches` a record with the timeline it was fed to."""

    def __init__(self, text: str, test: Test) -> None:
        self.text = text
        self.test = test

    def matches(self, record: r.Record, timeline: Timeline | None = None) -> bool:
        """Whether the record fits; with a timeline also by its span's tool, model, agent and duration."""
        return self.test(Facts(record, timeline))


class Facts(Mapping[str, Any]):
    """A record's values by the names of the language, found when asked for; what it does not have is None.

    `duration` is in seconds, without the debugger's pauses; `error` is set on records that tell of a failure, not on
    all records of a span that failed.
    """

    def __init__(self, record: r.Record, timeline: Timeline | None = None) -> None:
        self._record = record
        self._timeline = timeline
        self._span = timeline.of(record) if timeline else None

    def __getitem__(self, name: str) -> Any:
        found = _FACTS.get(name)
        return found(self) if found else getattr(self._record, name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def _up(self, kind: str) -> Span | None:
        span = self._span
        while span is not None and span.kind != kind:
            span = span.parent
        return span

    def _kind(self) -> str:
        return r.kind_of(self._record)

    def _seconds(self) -> float:
        return self._record.t / 1e9

    def _tool(self) -> str | None:
        span = self._up("tool")
        return span.name if span else getattr(self._record, "name", None) or getattr(self._record, "tool", None)

    def _model(self) -> str | None:
        span = self._up("model")
        return span.name if span else getattr(self._record, "model", None)

    def _agent(self) -> str | None:
        span = self._up("invocation")
        return span.name if span else getattr(self._record, "agent", None)

    def _duration(self) -> float | None:
        if self._span is None or self._timeline is None:
            return self._record.duration / 1e9 if isinstance(self._record, r.ToolEnd) else None
        return self._span.duration(self._timeline.end) / 1e9

    def _error(self) -> str | None:
        record = self._record
        failure = getattr(record, "error", None)
        if isinstance(failure, r.Failure):
            return failure.said
        if isinstance(record, (r.ForceStop, r.Gap)):
            return record.reason or "force_stop"
        if isinstance(record, r.ToolEnd) and record.status == "error":
            return _text(record.result)
        return record.text if isinstance(record, r.Log) and record.failed else None

    def _status(self) -> str | None:
        given = getattr(self._record, "status", None)
        return given or (self._span.status if self._span else getattr(self._record, "ending", None))

    def _usage(self) -> dict[str, Any] | None:
        usage = getattr(self._record, "usage", None)
        return {key: getattr(usage, key) for key in usage.__struct_fields__} if usage else None

    def _tokens(self) -> int | None:
        usage = getattr(self._record, "usage", None)
        return usage.total or usage.input + usage.output if usage else None

    def _words(self) -> str | None:
        record = self._record
        if isinstance(record, r.Delta):
            return record.text or record.reasoning or record.input
        return _text(record.content) if isinstance(record, r.Message) else getattr(record, "text", None)

    def _labels(self) -> dict[str, str]:
        span = self._up("invocation")
        return (span.labels if span else getattr(self._record, "labels", None)) or {}

    def _edited(self) -> bool:
        return isinstance(self._record, r.Edited) or bool(self._span and self._span.edited)

    def _size(self) -> int:
        return len(r.encode(self._record))


_FACTS: dict[str, Callable[[Facts], Any]] = {
    "kind": Facts._kind, "t": Facts._seconds, "tool": Facts._tool, "model": Facts._model, "agent": Facts._agent,
    "duration": Facts._duration, "error": Facts._error, "status": Facts._status, "usage": Facts._usage,
    "tokens": Facts._tokens, "text": Facts._words, "label": Facts._labels, "edited": Facts._edited, "size": Facts._size,
}  # fmt: skip


def compile_filter(text: str, names: Collection[str] = NAMES, *, strict: bool = False) -> Filter:
    """The predicate that `text` writes; an empty text fits everything. Raises FilterError.

    `names` are those that can be asked. A `strict` one raises MismatchError where a value that is there cannot be
    compared with what is written; else such a value does not fit.
    """
    if not text.strip():
        return Filter(text, lambda _: True)
    return Filter(text, _build(parse(text), _How(names, strict)))


def parse(text: str) -> Tree[Token]:
    """The filter's tree, by the rules of LANGUAGE. Raises FilterError."""
    from lark.exceptions import UnexpectedInput

    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        raise _explained(text, error) from None


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(LANGUAGE.partition("Examples")[0], start="filter", parser="lalr", maybe_placeholders=False)


def _explained(text: str, error: Exception) -> FilterError:
    token = getattr(error, "token", None)
    column = getattr(error, "column", 0)
    if token is not None and token.type == "$END":
        return FilterError("something is missing", len(text) + 1)
    shown = str(token) if token is not None else text[max(0, column - 1) :][:1]
    return FilterError(f"{shown!r} does not belong here", max(1, column))


def _build(node: Tree[Token] | Token, how: _How) -> Test:
    from lark import Token

    if isinstance(node, Token):
        raise FilterError(f"{node!s} is a value, not a test", node.column or 1)
    return _BUILDERS[str(node.data)](node.children, how)


def _any_of(children: list[Any], how: _How) -> Test:
    tests = [_build(child, how) for child in children]
    return lambda values: any(test(values) for test in tests)


def _all_of(children: list[Any], how: _How) -> Test:
    tests = [_build(child, how) for child in children]
    return lambda values: all(test(values) for test in tests)


def _negated(children: list[Any], how: _How) -> Test:
    test = _build(children[0], how)
    return lambda values: not test(values)


def _glob(children: list[Any], how: _How) -> Test:
    name, _, pattern = str(children[0]).partition(":")
    get = _getter(name, children[0], how)
    if (at := unclosed(pattern)) >= 0:
        raise FilterError("the '[' is not closed", (children[0].column or 1) + len(name) + 1 + at)
    fits = re.compile(fnmatch.translate(_unquoted(pattern))).match
    return lambda values: any(fits(_text(item)) is not None for item in _items(get(values)))


def unclosed(glob: str) -> int:
    """Where in a glob a `[` stands that nothing closes, and which would stand for itself unnoticed; else -1."""
    return _CLASS.sub(lambda found: "_" * len(found[0]), glob).find("[")


def _compared(children: list[Any], how: _How) -> Test:
    name, op, wanted = children
    get, value = _getter(str(name), name, how), _value(wanted)
    if op == "~":
        return _matched(get, str(value), wanted)
    if fault := never(str(name), str(op), value, str(wanted)):
        raise FilterError(fault, wanted.column or 1)
    if op in ("=", "=="):
        return lambda values: _same(get(values), value)
    if op == "!=":
        return lambda values: not _same(get(values), value)
    return lambda values: _ordered(str(op), get(values), value, how)


def _matched(get: Callable[[Mapping[str, Any]], Any], pattern: str, token: Any) -> Test:
    try:
        search = re.compile(pattern).search
    except re.error as error:
        raise FilterError(f"not a regular expression ({error})", token.column or 1) from None
    return lambda values: any(search(_text(item)) is not None for item in _items(get(values)))


def _contained(children: list[Any], how: _How) -> Test:
    needle, get = _value(children[0]), _getter(str(children[1]), children[1], how)

    def test(values: Mapping[str, Any]) -> bool:
        value = get(values)
        if isinstance(value, (list, tuple, dict)):
            return needle in value
        return value is not None and str(needle) in _text(value)

    return test


def _true(children: list[Any], how: _How) -> Test:
    get = _getter(str(children[0]), children[0], how)
    return lambda values: bool(get(values))


_BUILDERS: dict[str, Callable[[list[Any], _How], Test]] = {
    "any_of": _any_of, "all_of": _all_of, "negated": _negated, "glob": _glob,
    "compared": _compared, "contained": _contained, "true": _true,
}  # fmt: skip


def _getter(path: str, token: Any, how: _How) -> Callable[[Mapping[str, Any]], Any]:
    first, *rest = path.split(".")
    if first not in how.names:
        raise FilterError(_no(first, how), token.column or 1, first)

    def get(values: Mapping[str, Any]) -> Any:
        value = values.get(first)
        for key in rest:
            value = _step(value, key)
        return value

    return get


def _no(name: str, how: _How) -> str:
    import difflib

    if name in NAMES:
        return f"{name!r} is not known here"
    near = difflib.get_close_matches(name, list(how.names), 1)
    return f"there is no {name!r}" + (f", did you mean {near[0]!r}?" if near else "")


def _step(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, (list, tuple)) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return None


def _value(token: Any) -> Any:
    text = str(token)
    if token.type == "NUMBER":
        unit = re.search(r"[^\d._-]*$", text.lstrip("$"))
        assert unit is not None
        digits = text.lstrip("$")[: unit.start()] if unit[0] else text.lstrip("$")
        return float(digits) * _UNITS[unit[0]]
    if token.type == "STRING":
        return _unquoted(text)
    return {"true": True, "false": False, "null": None, "none": None}.get(text.lower(), text)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return re.sub(r"\\([\"'\\])", r"\1", text[1:-1])
    return text


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list, tuple)):
        import json

        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool) or wanted is None or value is None:
        return bool(value == wanted)
    if isinstance(value, (int, float)) != isinstance(wanted, (int, float)):
        return _text(value) == _text(int(wanted) if isinstance(wanted, float) and wanted.is_integer() else wanted)
    return bool(value == wanted)


def _ordered(op: str, value: Any, wanted: Any, how: _How) -> bool:
    if value is None:
        return False
    try:
        return bool(_COMPARE[op](value, wanted))
    except TypeError:
        if how.strict:
            raise MismatchError(f"a {type(value).__name__} {op} {wanted!r} cannot be compared") from None
        return False
