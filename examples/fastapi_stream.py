"""FastAPI: the streaming endpoint as a program for Strands has it; only the imports differ."""

from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from agent_runtime import Agent
from agent_runtime.tools import calculator, http_request

app = FastAPI()


class PromptRequest(BaseModel):
    """What is asked."""

    prompt: str


@app.post("/stream")
async def stream_response(request: PromptRequest) -> StreamingResponse:
    """Answer with text, as the model says it."""

    async def generate() -> AsyncIterator[str]:
        agent = Agent(tools=[calculator, http_request], callback_handler=None)
        try:
            async for event in agent.stream_async(request.prompt):
                if "data" in event:
                    yield event["data"]
        except Exception as e:
            yield f"Error: {e}"

    return StreamingResponse(generate(), media_type="text/plain")
