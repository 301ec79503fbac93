"""The agent that a command line names: one of a user's file, or one made of a model and tools. It runs nothing."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracer.errors import TracerError
from tracer.launch.spec import Spec

_OURS = ("tracer", "agent_runtime")
_STOCK = re.compile(r"^\s*(?:from|import)\s+strands\b", re.MULTILINE)


def check(spec: Spec) -> None:
    """Whatever can be said without running the user's code. Raises TracerError with a line that a person can act on."""
    from agent_runtime.tools.files import is_file_spec, split

    model = spec.model or ("" if spec.app else os.environ.get("AGENT_MODEL", ""))
    for named in (spec.app, *spec.tools, model):
        _refuse_shadow(named)
        if is_file_spec(named) and not Path(split(named)[0]).expanduser().is_file():
            raise TracerError(f"there is no file {split(named)[0]}", "correct it and run again")
    with _told():
        _tools([name for name in spec.tools if not is_file_spec(name)])
        if not spec.app and not is_file_spec(model):
            _model(spec)
            if not any(map(is_file_spec, spec.tools)):  # a file of tools may bring a key
                _refuse_keyless(spec)
    for breakpoint in spec.breakpoints:
        from tracer.debug.breakpoints import parse

        parse(breakpoint)
    if spec.on_stop:
        from tracer.debug.onstop import program

        program(spec.on_stop)


def load_agent(spec: Spec) -> Any:
    """The agent, ready to be called. Raises TracerError with a line that a person can act on."""
    with _told():
        agent = _from_app(spec) if spec.app else _made(spec)
    quieten(agent)
    return agent


def load_served(spec: Spec) -> Any:
    """What a server is to be made of: an agent, a function that makes one, or an app. Raises TracerError."""
    with _told():
        return _named(spec.app)


@contextmanager
def _told() -> Iterator[None]:
    from agent_runtime.errors import ModelNotConfigured
    from agent_runtime.tools.files import LoadError

    try:
        yield
    except LoadError as error:
        raise TracerError(str(error), "" if ";" in str(error) else "correct it and run again") from error
    except ModelNotConfigured as error:
        raise TracerError(*_no_model(str(error))) from error


def runtime_of(app: str) -> str:
    """`strands` where the file imports stock Strands, else `agent_runtime`: the header comes before it is loaded."""
    try:
        source = Path(app.rpartition(":")[0] if ".py:" in app else app).read_text("utf-8", "replace") if app else ""
    except OSError:
        return "agent_runtime"
    return "strands" if _STOCK.search(source) else "agent_runtime"


def _refuse_shadow(named: str) -> None:
    """Raises TracerError where a file of the user's would be taken for one of our packages, or the other way round."""
    file = named.rpartition(":")[0] if ".py:" in named else named
    if not file.endswith(".py"):
        return
    path = Path(file).expanduser().resolve()
    ours = Path(__file__).parents[2].resolve()
    for name in _OURS:
        module, package = path.parent / f"{name}.py", path.parent / name / "__init__.py"
        if module.exists() or (package.exists() and path.parent != ours):
            found = module if module.exists() else package.parent
            raise TracerError(f"{found} has the name of the package {name!r} and hides it", "rename it, and run again")


def _named(app: str) -> Any:
    from agent_runtime.tools.files import attribute, load_file, split

    file, name = split(app)
    return attribute(app) if name else _only_agent(file, load_file(file))


def _from_app(spec: Spec) -> Any:
    found = _named(spec.app)
    if not hasattr(found, "stream_async") and callable(found):
        found = _called(spec.app, found)
    if not hasattr(found, "stream_async"):
        kind = type(found).__name__
        raise TracerError(f"{spec.app} is of type {kind}, not an agent", "name an Agent, or a function that makes one")
    _override(spec, found)
    return found


def _only_agent(file: str, module: Any) -> Any:
    agents = {name: value for name, value in vars(module).items() if hasattr(value, "stream_async")}
    agents = {name: value for name, value in agents.items() if not isinstance(value, type)}
    if len(agents) == 1:
        return next(iter(agents.values()))
    listed = ", ".join(f"{file}:{name}" for name in agents)
    hint = f"name one of {listed}" if listed else f"name what makes one, as in {file}:make_agent"
    raise TracerError(f"{file} has {'several agents' if agents else 'no agent at its top level'}", hint)


def _called(app: str, factory: Any) -> Any:
    try:
        made = factory()
    except (Exception, SystemExit) as error:
        raise TracerError(f"{app}() raised {type(error).__name__}: {error}", "correct it and run again") from error
    if inspect.iscoroutine(made):
        made.close()
        raise TracerError(f"{app} is asynchronous", "name an Agent, or a plain function that makes one")
    return made


def _override(spec: Spec, agent: Any) -> None:
    if spec.model or spec.api_base or spec.api_key:
        agent.model = _model(spec)
    if spec.tools:
        agent.tool_registry.process_tools(_tools(spec.tools))
    if spec.system:
        agent.system_prompt = spec.system


def _made(spec: Spec) -> Any:
    from agent_runtime import Agent

    tools = _tools(spec.tools)
    _refuse_keyless(spec)
    return Agent(
        model=_model(spec),
        tools=tools,
        system_prompt=spec.system or None,
        callback_handler=None,
        name="agent",
    )


def _model(spec: Spec) -> Any:
    from agent_runtime.models.choice import VARIABLE, choose

    name = spec.model or os.environ.get(VARIABLE, "")
    if not name or ".py" in name:
        return choose(name or None)
    from agent_runtime.models import LiteLLMModel

    args = {"api_base": spec.api_base, "api_key": spec.api_key}
    return LiteLLMModel({key: value for key, value in args.items() if value}, model_id=name)


def _refuse_keyless(spec: Spec) -> None:
    """Raises TracerError where the provider cannot be asked: litellm would say so after many seconds."""
    from agent_runtime.models.choice import VARIABLE
    from agent_runtime.models.keys import missing_key
    from agent_runtime.tools.files import is_file_spec

    name = spec.model or os.environ.get(VARIABLE, "")
    told = spec.api_base or spec.api_key or is_file_spec(name)
    if not told and (variable := missing_key(name)):
        hint = f"set {variable} or give --api-key, or --api-base for a server of your own"
        raise TracerError(f"there is no API key for {name}", hint)


def _tools(names: list[str]) -> list[Any]:
    from agent_runtime.tools import load

    return [tool for name in names for tool in load(name)]


def _no_model(text: str) -> tuple[str, str]:
    if text.startswith("no model"):
        return "no model is named", "give --model openai/gpt-4o, or set AGENT_MODEL to such a name or to file.py:object"
    return text, "--model takes provider/model, or file.py:object"


def quieten(agent: Any) -> None:
    """A handler that prints the answer would tell it twice: the session has it already."""
    if type(getattr(agent, "callback_handler", None)).__name__ == "PrintingCallbackHandler":
        agent.callback_handler = _silent


def _silent(**_: Any) -> None:
    return None
