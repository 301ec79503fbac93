"""The three programs of the Strands streaming page, written anew; but for their imports they are Strands programs."""

from pathlib import Path

BASIC = """
import asyncio

from agent_runtime import Agent
from agent_runtime.tools import calculator

agent = Agent(tools=[calculator], callback_handler=None)


async def process_streaming_response():
    agent_stream = agent.stream_async("Calculate 2+2")
    async for event in agent_stream:
        print(event)


asyncio.run(process_streaming_response())
"""

SERVER = (Path(__file__).parents[2] / "examples" / "fastapi_stream.py").read_text()

TRACKER = """
import asyncio

from agent_runtime import Agent
from agent_runtime.tools import calculator

agent = Agent(tools=[calculator], callback_handler=None)


async def main():
    async for event in agent.stream_async("What is the capital of France and what is 42+7?"):
        if event.get("init_event_loop", False):
            print("Event loop initialized")
        elif event.get("start_event_loop", False):
            print("Event loop cycle starting")
        elif "message" in event:
            print(f"New message created: {event['message']['role']}")
        elif event.get("complete", False):
            print("Cycle completed")
        elif event.get("force_stop", False):
            print(f"Event loop force-stopped: {event.get('force_stop_reason', 'unknown reason')}")

        if "current_tool_use" in event and event["current_tool_use"].get("name"):
            tool_name = event["current_tool_use"]["name"]
            print(f"Using tool: {tool_name}")

        if "data" in event:
            data_snippet = event["data"][:20] + ("..." if len(event["data"]) > 20 else "")
            print(f"Text: {data_snippet}")


asyncio.run(main())
"""
