"""The provider that both runtimes ask, and what their libraries need before and after."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import AsyncIterator

import pytest

from tests.provider import provider

__all__ = ["provider"]


@pytest.fixture(scope="session")
def loaded() -> None:
    """litellm and strands take seconds to import, which are no scenario's."""
    pytest.importorskip("strands", reason="strands-agents is not installed (extra `strands`)")
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the network for its price list
    importlib.import_module("litellm")


@pytest.fixture(autouse=True)
async def quiet(loaded: None) -> AsyncIterator[None]:
    """Stock logs each failure that a scenario provokes, and litellm leaves its clients open."""
    from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

    logging.disable(logging.CRITICAL)
    yield
    await close_litellm_async_clients()
    logging.disable(logging.NOTSET)
