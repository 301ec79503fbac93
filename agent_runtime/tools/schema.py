"""The JSON Schema, the description and the validation of a tool's input, read from its function.

pydantic and docstring_parser are imported here: the decorator imports this when a schema is first needed.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, create_model
from pydantic.fields import FieldInfo

_ARGS = re.compile(r"(args|arguments|parameters|params?):", re.IGNORECASE)
_OTHER_SECTION = re.compile(
    r"(returns?|yields?|raises?|except|exceptions|examples?|notes?|see also|seealso|references|ref):",
    re.IGNORECASE,
)


class ToolDefinitionError(ValueError):
    """A tool's function cannot be described to a model."""


class InputModel:
    """Validates a tool's input and describes it."""

    def __init__(self, func: Callable[..., Any], injected: Iterable[str]) -> None:
        self._name = func.__name__
        try:
            self._model = _model(func, set(injected))
        except PydanticUserError as error:
            raise self._indescribable(error) from error

    def json_schema(self) -> dict[str, Any]:
        """The schema, without pydantic's titles; an optional parameter has its plain type."""
        try:
            schema = self._model.model_json_schema(by_alias=True)
        except PydanticUserError as error:
            raise self._indescribable(error) from error
        _clean(schema)
        return schema

    def _indescribable(self, error: PydanticUserError) -> ToolDefinitionError:
        return ToolDefinitionError(f"the parameters of tool {self._name!r} have no JSON Schema: {error.message}")

    def validate(self, data: Any) -> dict[str, Any]:
        """The function's keyword arguments.

        Raises:
            ValueError: the input does not fit; the text tells the model what is wrong.
        """
        try:
            return self._model.model_validate(data).model_dump(by_alias=True)
        except ValueError as error:
            raise ValueError(f"Validation failed for input parameters: {error}") from error


def description(func: Callable[..., Any]) -> str:
    """The docstring without its list of arguments; the function's name if there is none."""
    kept, in_args = [], False
    for line in (inspect.getdoc(func) or "").strip().splitlines():
        if _ARGS.match(line.strip()):
            in_args = True
            continue
        if _OTHER_SECTION.match(line.strip()):
            in_args = False
        if not in_args:
            kept.append(line)
    return "\n".join(kept).strip() or str(getattr(func, "__name__", "tool"))


def _model(func: Callable[..., Any], injected: set[str]) -> type[BaseModel]:
    hints = _hints(func)
    docstring = docstring_parser.parse(inspect.getdoc(func) or "")
    documented = {param.arg_name: param.description for param in docstring.params}
    fields: dict[str, Any] = {}
    extra = False
    for number, (name, parameter) in enumerate(inspect.signature(func).parameters.items()):
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = True
        elif parameter.kind is not parameter.VAR_POSITIONAL and name not in injected:
            annotation = hints.get(name, Any)
            reserved = name.startswith("_") or hasattr(BaseModel, name)
            key = f"parameter_{number}" if reserved else name
            told = _told(annotation) or documented.get(name) or f"Parameter {name}"
            field = _field(parameter.default, told, name if reserved else None)
            fields[key] = (annotation, field)
    config = ConfigDict(protected_namespaces=(), arbitrary_types_allowed=True, extra="allow" if extra else "ignore")
    return create_model(f"{func.__name__.capitalize()}Tool", __config__=config, **fields)


def _hints(func: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(func, include_extras=True)
    except Exception as error:
        told = f"the type hints of tool {func.__name__!r} cannot be read: {error}"
        raise ToolDefinitionError(told) from error


def _told(annotation: Any) -> str | None:
    """The description in an Annotated hint, the last of several: a plain text or a pydantic Field's."""
    if get_origin(annotation) is not Annotated:
        return None
    extras = get_args(annotation)[1:]
    found = [e.description if isinstance(e, FieldInfo) else e for e in extras if isinstance(e, (str, FieldInfo))]
    return next((description for description in reversed(found) if description), None)


def _field(default: Any, told: str, alias: str | None) -> Any:
    named: dict[str, Any] = {"alias": alias} if alias else {}
    if isinstance(default, FieldInfo):
        return FieldInfo.merge_field_infos(default, description=default.description or told, **named)
    return Field(default=... if default is inspect.Parameter.empty else default, description=told, **named)


def _clean(schema: dict[str, Any]) -> None:
    for key in ("title", "additionalProperties"):
        schema.pop(key, None)
    required = schema.get("required", [])
    for name, part in schema.get("properties", {}).items():
        if name not in required:
            _flatten_optional(part)
        if "properties" in part:
            _clean(part)
        for key in ("title", "additionalProperties"):
            part.pop(key, None)


def _flatten_optional(part: dict[str, Any]) -> None:
    kinds = part.get("anyOf", [])
    real = [kind for kind in kinds if kind.get("type") != "null"]
    if len(kinds) == 2 and len(real) == 1:
        del part["anyOf"]
        part.update(real[0])
