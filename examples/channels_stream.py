"""Django Channels: a WebSocket consumer that answers each prompt as the model speaks, and stops with its client."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

from agent_runtime import Agent
from agent_runtime.tools import calculator, http_request

if not settings.configured:
    settings.configure()  # in a project, its settings module


class AgentConsumer(AsyncJsonWebsocketConsumer):
    """Takes {"prompt": ...}; sends {"data": text} as it comes, then {"complete": true} or {"error": why}."""

    async def connect(self) -> None:
        """One agent, so one conversation, a connection."""
        self.agent = Agent(tools=[calculator, http_request], callback_handler=None)
        self.answering: asyncio.Task[None] | None = None
        await self.accept()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Answer beside the consumer's own loop: awaited here, the answer would keep `disconnect` from being heard."""
        if self.answering is not None and not self.answering.done():
            await self.send_json({"error": "the last prompt is still being answered"})
        elif not isinstance(content, dict) or not isinstance(content.get("prompt"), str):
            await self.send_json({"error": 'send JSON such as {"prompt": "What is 42+7?"}'})
        else:
            self.answering = asyncio.create_task(self.answer(content["prompt"]))

    async def answer(self, prompt: str) -> None:
        """Stream one answer."""
        try:
            async for event in self.agent.stream_async(prompt):
                if "data" in event:
                    await self.send_json({"data": event["data"]})
        except Exception as error:
            await self.send_json({"error": str(error)})
        else:
            await self.send_json({"complete": True})

    async def disconnect(self, code: int) -> None:
        """The client has left: nobody waits for the answer."""
        if self.answering is not None:
            self.answering.cancel()
            await asyncio.gather(self.answering, return_exceptions=True)


application = ProtocolTypeRouter({"websocket": URLRouter([path("stream", AgentConsumer.as_asgi())])})
