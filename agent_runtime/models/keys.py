"""Whether a provider's key is missing for sure: said before litellm, which takes seconds to load, says so too.

Only providers whose ways to a key are known are here. Whatever may lead to a key elsewhere leaves the word to litellm.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_PROVIDERS: dict[str, tuple[str, ...]] = {  # how the variables begin by which litellm finds a key or another address
    "openai": ("OPENAI",),
    "anthropic": ("ANTHROPIC",),
    "gemini": ("GEMINI", "GOOGLE"),
    "groq": ("GROQ",),
    "mistral": ("MISTRAL",),
    "deepseek": ("DEEPSEEK",),
    "openrouter": ("OPENROUTER", "OR"),
}
_BARE = {"openai": re.compile(r"(chatgpt|gpt-[345]|o[134])[\w.-]*"), "anthropic": re.compile(r"claude-[\w.-]+")}


def missing_key(model_id: str) -> str:
    """The variable that the key of this litellm model belongs in; empty where there may be one, or no need of one."""
    provider = _provider(model_id)
    if not provider or "litellm" in sys.modules or _file_of_variables():
        return ""
    begins = tuple(f"{start}_" for start in _PROVIDERS[provider])
    if any(value and (name.startswith(begins) or "LITELLM" in name) for name, value in os.environ.items()):
        return ""
    return f"{provider.upper()}_API_KEY"


def _provider(model_id: str) -> str:
    provider, slash, _ = model_id.partition("/")
    if slash:
        return provider if provider in _PROVIDERS else ""
    return next((name for name, form in _BARE.items() if form.fullmatch(model_id)), "")


def _file_of_variables() -> bool:
    """litellm reads the first `.env` from the working directory up."""
    here = Path.cwd()
    return any((folder / ".env").exists() for folder in (here, *here.parents))
