"""Programs of the kind that close what they opened, extend what they are given, and swap tools while they run."""

from __future__ import annotations

CLOSED = """
import asyncio
from strands import Agent

with Agent(model=scripted("Hello."), callback_handler=None) as agent:
    print(agent("Hi"))
agent.cleanup()
agent.shutdown()

async def main():
    async with Agent(model=scripted("Hello again."), callback_handler=None) as agent:
        print(await agent.invoke_async("Hi"))
    await agent.shutdown_async()

asyncio.run(main())
try:
    with Agent(model=scripted(), callback_handler=None):
        raise ValueError("as it was")
except ValueError as error:
    print(error)
"""

MANAGERS = """
from strands import Agent
from strands.agent.conversation_manager import ConversationManager, SlidingWindowConversationManager
from strands.hooks import BeforeModelCallEvent, HookRegistry

class Counting(ConversationManager):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def register_hooks(self, registry: HookRegistry, **kwargs) -> None:
        super().register_hooks(registry, **kwargs)
        registry.add_callback(BeforeModelCallEvent, self.count)

    def count(self, event: BeforeModelCallEvent) -> None:
        self.calls += 1

    def apply_management(self, agent, **kwargs) -> None: ...

    def reduce_context(self, agent, e=None, **kwargs) -> None: ...

class Windowed(SlidingWindowConversationManager):
    def register_hooks(self, registry: HookRegistry, **kwargs) -> None:
        super().register_hooks(registry, **kwargs)
        registry.add_callback(BeforeModelCallEvent, lambda event: print(len(event.agent.messages)))

manager = Counting()
agent = Agent(model=scripted("One.", "Two."), conversation_manager=manager, callback_handler=None)
agent("Hi")
agent("Ho")
print(manager.calls, manager.removed_message_count)
agent = Agent(model=scripted("One.", "Two."), conversation_manager=Windowed(2, per_turn=True), callback_handler=None)
agent("Hi")
agent("Ho")
print(agent.messages[0]["content"])
"""

SWAPPED = """
from typing import Annotated
from strands import Agent, tool
from strands.tools import PythonAgentTool

@tool
def price(item: Annotated[str, "not this", "what is bought"]) -> str:
    \"\"\"Its price.\"\"\"
    return "1"

old = price

@tool(name="price")
def dearer(item: str) -> str:
    \"\"\"Its new price.\"\"\"
    return "2"

def weigh(tool_use, **kwargs):
    return {"toolUseId": tool_use["toolUseId"], "status": "success", "content": [{"text": tool_use["input"]["item"]}]}

spec = {"name": "weigh", "description": "Weigh.",
        "inputSchema": {"json": {"type": "object", "properties": {"item": {}}}}}
turns = [[call("price", {"item": "a"})], [call("price", {"item": "a"}), call("weigh", {"item": "b"})], "Done."]
agent = Agent(model=scripted(turns[0], "Ok.", *turns[1:]), tools=[old, PythonAgentTool("weigh", spec, weigh)],
              callback_handler=None)
print(agent.tool_registry.get_all_tool_specs())
agent("Go")
agent.tool_registry.replace(dearer)
agent("Go")
print(agent.tool_names, [plain(m["content"]) for m in agent.messages])
try:
    agent.tool_registry.replace(tool(name="nothing")(weigh))
except ValueError as error:
    print("not there")
"""

PROVIDED = """
from strands import Agent, tool
from strands.tools import ToolProvider

@tool
def price(item: str) -> str:
    \"\"\"Its price.\"\"\"
    return "1"

class Shop(ToolProvider):
    def __init__(self):
        self.consumers = []

    async def load_tools(self, **kwargs):
        return [price]

    def add_consumer(self, consumer_id, **kwargs):
        self.consumers.append(consumer_id)

    def remove_consumer(self, consumer_id, **kwargs):
        if consumer_id in self.consumers:
            self.consumers.remove(consumer_id)

class Closed(Shop):
    async def load_tools(self, **kwargs):
        raise RuntimeError("no tools today")

shop = Shop()
agent = Agent(model=scripted([call("price", {"item": "a"})], "Done."), tools=[shop], callback_handler=None)
print(agent("Go"), agent.tool_names, len(shop.consumers))
agent.cleanup()
agent.cleanup()
print(shop.consumers)
try:
    Agent(model=scripted(), tools=[Closed()])
except ValueError as error:
    print("no tools today" in str(error))
"""

ANNOTATED = """
from strands.handlers import CompositeCallbackHandler, PrintingCallbackHandler, null_callback_handler
from strands.hooks import BaseHookEvent, HookEvent
from strands.types import Limits
from strands.types.content import ContentBlock, Message, Messages, ReasoningContentBlock
from strands.types.event_loop import Metrics, StopReason, Usage
from strands.types.media import DocumentContent, DocumentSource, ImageContent, ImageFormat, ImageSource, VideoContent
from strands.types.streaming import (
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStartEvent, MessageStartEvent, MessageStopEvent,
    MetadataEvent, StreamEvent)
from strands.types.tools import ToolChoice, ToolGenerator, ToolResult, ToolSpec, ToolUse

block: ContentBlock = {"image": ImageContent(format="png", source=ImageSource(bytes=b"png"))}
chunks: list[StreamEvent] = [
    {"messageStart": MessageStartEvent(role="assistant")},
    {"contentBlockDelta": ContentBlockDeltaEvent(delta=ContentBlockDelta(text="Hi"))},
    {"messageStop": MessageStopEvent(stopReason="end_turn")},
    {"metadata": MetadataEvent(usage=Usage(inputTokens=1, outputTokens=2, totalTokens=3), metrics=Metrics())},
]
print(block, chunks, Limits(turns=1), issubclass(HookEvent, BaseHookEvent))
"""
