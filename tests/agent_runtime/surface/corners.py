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
