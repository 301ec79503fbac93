"""An agent's own state: JSON values by name, for tools and hooks. It is never sent to a model."""

from __future__ import annotations

import copy
import json
from typing import Any


class AgentState:
    """`get`, `set` and `delete`. Values are copied on the way in and out, so a change needs a `set`."""

    def __init__(self, initial: dict[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = {}
        if not isinstance(initial, dict | None):
            raise ValueError(f"the agent's state is a dict or an AgentState, not {initial!r:.80}")
        for key, value in (initial or {}).items():
            self.set(key, value)

    def get(self, key: str | None = None) -> Any:
        """The value, None if there is none; without a key all of them."""
        return copy.deepcopy(self._values if key is None else self._values.get(key))

    def set(self, key: str, value: Any) -> None:
        """Keep a value.

        Raises:
            ValueError: the key is no text, or the value no JSON.
        """
        _check(key)
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the agent's state {key!r} must be JSON: {error}") from error
        self._values[key] = copy.deepcopy(value)

    def delete(self, key: str) -> None:
        """Forget a value, if there is one.

        Raises:
            ValueError: the key is no text.
        """
        _check(key)
        self._values.pop(key, None)


def _check(key: Any) -> None:
    if not isinstance(key, str) or not key.strip():
        raise ValueError(f"a key of the agent's state is a text, not {key!r}")
