"""`@tool`: make a function a tool of an agent. It stays callable; decorating imports nothing heavy."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from agent_runtime.interrupts import InterruptException
from agent_runtime.source import place_of
from agent_runtime.tools.context import ToolContext
from agent_runtime.tools.results import failed, wrap
from agent_runtime.tools.spec import completed
from agent_runtime.tools.threads import in_thread
from agent_runtime.tools.timing import limit, within

if TYPE_CHECKING:
    from agent_runtime.tools.schema import InputModel

P = ParamSpec("P")
R = TypeVar("R")
JSON = dict[str, Any]


class DecoratedFunctionTool(Generic[P, R]):
    """A function as a tool: `tool_name`, `tool_spec`, `stream()`, and still the function when called."""

    __name__: str

    def __init__(
        self,
        func: Callable[P, R],
        *,
        name: str | None = None,
        description: str | None = None,
        input_schema: JSON | None = None,
        context_parameter: str | None = None,
        timeout: float | None = None,
    ) -> None:
        functools.update_wrapper(self, func)
        self._func: Callable[..., Any] = func
        self.tool_name = name or func.__name__
        self.timeout = timeout
        self._description = description
        self._input_schema = input_schema
        self._context_parameter = context_parameter
        self._spec: JSON | None = None
        self._model: InputModel | None = None
        self._parameters = inspect.signature(func).parameters
        self._streams, self._is_async = inspect.isasyncgenfunction(func), inspect.iscoroutinefunction(func)
        _check_context(self._parameters.values(), context_parameter)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = self._func(*args, **kwargs)
        return result

    def __get__(self, instance: object, owner: type | None = None) -> DecoratedFunctionTool[..., R]:
        if instance is None or inspect.ismethod(self._func):
            return self
        return DecoratedFunctionTool(
            self._func.__get__(instance, owner),
            name=self.tool_name,
            description=self._description,
            input_schema=self._input_schema,
            context_parameter=self._context_parameter,
            timeout=self.timeout,
        )

    def __repr__(self) -> str:
        return f"<tool {self.tool_name}>"

    tool_type = "function"

    @property
    def tool_spec(self) -> JSON:
        """{"name", "description", "inputSchema": {"json": ...}}, made at the first look and settable."""
        if self._spec is None:
            self._spec = self._describe()
        return self._spec

    @tool_spec.setter
    def tool_spec(self, value: JSON) -> None:
        missing = [key for key in ("name", "description", "inputSchema") if key not in value]
        if missing:
            raise ValueError(f"the spec of tool {self.tool_name!r} lacks {', '.join(missing)}")
        if value["name"] != self.tool_name:
            raise ValueError(f"the spec of tool {self.tool_name!r} has another name: {value['name']!r}")
        self._spec = value

    @functools.cached_property
    def source(self) -> tuple[str, int] | None:
        """The file and the line of the function's `def`; None for a callable without Python code."""
        return place_of(self._func)

    async def stream(self, tool_use: JSON, invocation_state: JSON, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """Yield what the tool yields and, last, a ToolResultEvent; only interrupts and cancellation leave."""
        tool_use_id = tool_use.get("toolUseId", "unknown")
        value: Any = None
        try:
            arguments = self._arguments(tool_use, invocation_state)
            if self._streams:
                async with contextlib.aclosing(self._func(**arguments)) as items:
                    async for value in within(items, self.timeout, self.tool_name):
                        yield value
            else:
                value = await self._run(arguments)
        except InterruptException:
            raise
        except (Exception, SystemExit) as error:
            yield failed(tool_use_id, error)
            return
        yield wrap(tool_use_id, value)

    async def _run(self, arguments: JSON) -> Any:
        if self.timeout is None:
            return await self._call(arguments)
        async with limit(self.timeout, self.tool_name):
            return await self._call(arguments)

    async def _call(self, arguments: JSON) -> Any:
        if self._is_async:
            return await self._func(**arguments)
        value = await in_thread(self._func, **arguments)
        return await value if inspect.isawaitable(value) else value

    def _arguments(self, tool_use: JSON, invocation_state: JSON) -> JSON:
        arguments = self._input_model().validate(tool_use.get("input", {}))
        parameters = self._parameters
        if self._context_parameter in parameters and self._context_parameter is not None:
            arguments[self._context_parameter] = ToolContext.of(tool_use, invocation_state)
        if "agent" in parameters and "agent" in invocation_state:
            arguments["agent"] = invocation_state["agent"]
        return arguments

    def _input_model(self) -> InputModel:
        if self._model is None:
            from agent_runtime.tools.schema import InputModel

            injected = {"self", "cls", "agent", self._context_parameter or ""}
            self._model = InputModel(self._func, injected)
        return self._model

    def _describe(self) -> JSON:
        from agent_runtime.tools.schema import description

        schema = self._input_schema
        schema = self._input_model().json_schema() if schema is None else schema.get("json", schema)
        told = self._description if self._description is not None else description(self._func)
        return {"name": self.tool_name, "description": told, "inputSchema": {"json": completed(schema)}}


def _check_context(parameters: Iterable[inspect.Parameter], context_parameter: str | None) -> None:
    for parameter in parameters:
        if parameter.annotation in (ToolContext, "ToolContext") and parameter.name != context_parameter:
            if context_parameter is None:
                raise ValueError("@tool(context) must be set if passing in ToolContext param")
            raise ValueError(f"param_name=<{parameter.name}> | ToolContext param must be named '{context_parameter}'")


@overload
def tool(func: Callable[P, R]) -> DecoratedFunctionTool[P, R]: ...


@overload
def tool(
    func: None = None,
    description: str | None = None,
    inputSchema: JSON | None = None,
    name: str | None = None,
    context: bool | str = False,
    *,
    timeout: float | None = None,
) -> Callable[[Callable[P, R]], DecoratedFunctionTool[P, R]]: ...


def tool(
    func: Callable[..., Any] | None = None,
    description: str | None = None,
    inputSchema: JSON | None = None,
    name: str | None = None,
    context: bool | str = False,
    *,
    timeout: float | None = None,
) -> Any:
    """Make a function a tool: `@tool` or `@tool(name=..., ...)`.

    The schema comes from the type hints, the descriptions from the docstring; `inputSchema` replaces the
    former. A function runs in a thread, an `async def` in the loop, and what an async generator yields is
    streamed, its last item being the result. `context=True` passes a ToolContext as `tool_context`; a str
    names another parameter. `timeout` is in seconds of the tool's own run.
    """
    parameter = ("tool_context" if context else None) if isinstance(context, bool) else context.strip()
    if parameter == "":
        raise ValueError("Context parameter name cannot be empty")

    def decorate(function: Callable[..., Any]) -> DecoratedFunctionTool[..., Any]:
        return DecoratedFunctionTool(
            function,
            name=name,
            description=description,
            input_schema=inputSchema,
            context_parameter=parameter,
            timeout=timeout,
        )

    return decorate if func is None else decorate(func)
