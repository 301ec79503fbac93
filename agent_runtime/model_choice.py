"""Which model an agent speaks to when it is given a name, or nothing. It loads no provider's library."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
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
    path, _, name = model.rpartition(":")
    if path.endswith(".py"):
        return _load(Path(path), name)
    from agent_runtime.models.litellm import LiteLLMModel

    return LiteLLMModel(model_id=model)


def _load(path: Path, name: str) -> Any:
    """The object of that name in a file: a model, or something that makes one when called without arguments."""
    if not path.is_file():
        raise ModelNotConfigured(f"the model's file {str(path)!r} does not exist")
    alias = f"_agent_model_{abs(hash(path.resolve()))}"
    module = sys.modules.get(alias)
    if module is None:
        spec = importlib.util.spec_from_file_location(alias, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ModelNotConfigured(f"{str(path)!r} cannot be loaded: {type(error).__name__}: {error}") from error
        sys.modules[alias] = module
    found = getattr(module, name, None)
    if found is None:
        raise ModelNotConfigured(f"{str(path)!r} has no object {name!r}")
    if isinstance(found, type) or not hasattr(found, "stream"):
        found = found() if callable(found) else found
    return choose(found)
