"""aiohttp: a handler that streams an agent's answer. Without `handler_cancellation` it would go on for nobody."""

from __future__ import annotations

import contextlib

from aiohttp import web

from agent_runtime import Agent
from agent_runtime.tools import calculator, http_request


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer {"prompt": ...} with text, as the model says it."""
    try:
        prompt = str((await request.json())["prompt"])
    except (ValueError, KeyError, TypeError) as error:
        raise web.HTTPBadRequest(text='send JSON such as {"prompt": "What is 42+7?"}') from error
    agent = Agent(tools=[calculator, http_request], callback_handler=None)
    response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
    await response.prepare(request)
    async with contextlib.aclosing(agent.stream_async(prompt)) as events:
        try:
            async for event in events:
                if "data" in event:
                    await response.write(event["data"].encode())
        except ConnectionError:
            raise
        except Exception as error:
            await response.write(f"\nError: {error}".encode())
    return response


app = web.Application()
app.router.add_post("/stream", stream)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", handler_cancellation=True)
