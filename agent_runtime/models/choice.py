"""Which model an agent speaks to when it is given a name, or nothing. It loads no provider's library."""

from __future__ import annotations

import os
from typing import Any

from agent_runtime.errors import ModelNotConfigured

VARIABLE = "AGENT_MODEL"


def choose(model: Any) -> Any:
    """A model from a model, a litellm name, or `file.py:object`; None stands for `$AGENT_MODEL`.

    Raises:
        ModelNotConfigured: there is none, or it cannot be loaded.
    """
    if model is None:
        model = os.environ.get(VARIABLE)
        if not model:
            raise ModelNotConfigured(
                f"no model: pass model= to Agent, or set {VARIABLE} to a litellm name (openai/gpt-4o) or file.py:object"
            )
    if not isinstance(model, str):
        if not hasattr(model, "stream"):
            raise ModelNotConfigured(f"{model!r} is not a model: it has no stream(); see agent_runtime.models.port")
        return model
    from agent_runtime.tools.files import is_file_spec

    if is_file_spec(model):
        return _load(model)
    from agent_runtime.models.litellm import LiteLLMModel

    return LiteLLMModel(model_id=model)


def _load(spec: str) -> Any:
    """The object that `file.py:name` names: a model, or something that makes one when called without arguments."""
    from agent_runtime.tools.files import LoadError, attribute, split

    if not split(spec)[1]:
        raise ModelNotConfigured(f"{spec} is a file; name the model in it, as in {spec}:model")
    try:
        found = attribute(spec)
    except LoadError as error:
        raise ModelNotConfigured(str(error)) from error
    if isinstance(found, type) or not hasattr(found, "stream"):
        found = _made(spec, found) if callable(found) else found
    return choose(found)


def _made(spec: str, factory: Any) -> Any:
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise ModelNotConfigured(f"{spec}() raised {type(error).__name__}: {error}") from error
