"""A model by name: a litellm name such as `openai/gpt-4o`, or an object in a user's file."""

from __future__ import annotations

import os
from typing import Any

from agent_runtime.models.port import Model
from agent_runtime.tools.files import LoadError, attribute, is_file_spec, split

VARIABLE = "AGENT_MODEL"


def load(spec: str | None = None, *, client_args: dict[str, Any] | None = None) -> Model:
    """The model that `spec` names: `provider/model`, or `file.py:object`, a model or what makes one.

    Without `spec`, $AGENT_MODEL is read. `client_args` goes to litellm.

    Raises:
        LoadError: no model is named, or the file has no such model.
    """
    spec = spec or os.environ.get(VARIABLE, "")
    if not spec.strip():
        raise LoadError(f"no model is given: pass model=, or set {VARIABLE} to a name such as openai/gpt-4o")
    if is_file_spec(spec):
        return _from_file(spec)
    from agent_runtime.models.litellm import LiteLLMModel

    return LiteLLMModel(client_args, model_id=spec)


def _from_file(spec: str) -> Model:
    if not split(spec)[1]:
        raise LoadError(f"{spec} names no object; say which, as in {spec}:model")
    found = attribute(spec)
    if isinstance(found, type) or (callable(found) and not hasattr(found, "stream")):
        found = found()
    if not isinstance(found, Model):
        raise LoadError(f"{spec} is not a model: it has no stream(), get_config() and update_config()")
    return found
