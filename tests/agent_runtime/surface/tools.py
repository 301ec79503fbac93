"""Programs on tools, executors and agents as tools, written anew."""

from __future__ import annotations

DECORATED = """
import asyncio
import json
from typing import Any
from strands import Agent, tool, ToolContext
from strands.types.tools import ToolResult, ToolUse

@tool
def forecast(city: str, days: int = 3) -> str:
    \"\"\"Tell the weather.

    Args:
        city: The city
        days: How many days
    \"\"\"
    return f"{city}, {days} days"

@tool(name="get_weather", description="Says the weather")
def other(city: str) -> str:
    \"\"\"Something else.\"\"\"
    return city

@tool(inputSchema={"json": {"type": "object", "properties": {"shape": {"type": "string", "description": "It"}},
             "required": ["shape"]}})
def area(shape: str, radius: float = None) -> float:
    \"\"\"The area.\"\"\"
    return 3.5

@tool
def result() -> dict:
    \"\"\"A result.\"\"\"
    return {"status": "error", "content": [{"text": "no"}, {"json": {"a": 1}}]}

@tool
def listed() -> list:
    \"\"\"A list.\"\"\"
    return [{"id": 1}, None]

@tool
async def later() -> str:
    \"\"\"Wait.\"\"\"
    await asyncio.sleep(0)
    return "waited"

@tool
async def steps(n: int) -> str:
    \"\"\"Go on.\"\"\"
    for i in range(n):
        yield f"step {i}"
    yield f"{n} steps"

@tool
def raises() -> str:
    \"\"\"Raise.\"\"\"
    raise RuntimeError("broken")

class Database:
    def __init__(self, name):
        self.name = name

    @tool
    def query(self, sql: str) -> dict:
        \"\"\"Query.

        Args:
            sql: The query
        \"\"\"
        return {"results": f"{self.name}: {sql}"}

@tool(context=True)
def whoami(tool_context: ToolContext) -> str:
    \"\"\"Who.\"\"\"
    state = tool_context.invocation_state
    tool_context.agent.state.set("seen", tool_context.tool_use["toolUseId"])
    return f"{tool_context.agent.name} {tool_context.tool_use['name']} {state['user']}"

@tool(context="context")
def named(context: ToolContext) -> str:
    \"\"\"Who.\"\"\"
    return context.agent.name

tools = [forecast, [other, (area, result)], listed, later, steps, raises, Database("db").query, whoami, named]
uses = [call("forecast", {"city": "Rome"}), call("forecast", {"days": "x"}), call("get_weather", {"city": "Oslo"}),
        call("area", {"shape": "circle"}), call("result", {}), call("listed", {}), call("later", {}),
        call("steps", {"n": 2}), call("raises", {}), call("query", {"sql": "select"}), call("whoami", {}),
        call("named", {}), call("missing", {})]
agent = Agent(model=scripted(uses, "Done."), tools=tools, name="Best agent", callback_handler=None)
print(agent.tool_names)
for name, spec in agent.tool_registry.get_all_tools_config().items():
    schema = spec["inputSchema"]["json"]
    print(name, spec["name"], spec["description"], schema["properties"], schema.get("required", []))
print(forecast("Bern"), forecast("Bern", days=1), forecast.tool_name)

async def main():
    async for event in agent.stream_async("Go", invocation_state={"user": "Ann"}):
        if stream := event.get("tool_stream_event"):
            print("stream", stream["data"], stream["tool_use"]["name"])
    for block in agent.messages[2]["content"]:
        print(sorted(block["toolResult"].items()))
    print(agent.state.get())
asyncio.run(main())
"""

CONTEXT_BY_KEYWORD = """
from strands import Agent, tool, ToolContext

@tool(context=True)
def whoami(tool_context: ToolContext) -> str:
    \"\"\"Who.\"\"\"
    return tool_context.invocation_state["user"]

agent = Agent(model=scripted([call("whoami", {})], "Done."), tools=[whoami], callback_handler=None)
agent("Go", user="Ann")
print(agent.messages[2]["content"])
"""

MODULES = """
import os, sys, json
from pathlib import Path
from strands import Agent

SCHEMA = '{"json": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}'
SPEC = '{"name": "%s", "description": "A tool.", "inputSchema": ' + SCHEMA + "}"
OLD = '''
TOOL_SPEC = %s
%sdef %s(tool, **kwargs):
    if tool["input"]["city"] == "bad":
        raise RuntimeError("no such city")
    return {"toolUseId": tool["toolUseId"], "status": "success",
            "content": [{"text": tool["input"]["city"] + str(kwargs["agent"].name)}]}
'''
NEW = '''
from strands import tool
@tool
def one(a: int) -> int:
    \"\"\"One.\"\"\"
    return a
@tool
def two(a: int) -> int:
    \"\"\"Two.\"\"\"
    return 2 * a
'''
os.chdir(folder)
sys.path.insert(0, folder)
Path("old_weather.py").write_text(OLD % (SPEC % "old_weather", "", "old_weather"))
Path("late_weather.py").write_text(OLD % (SPEC % "late_weather", "async ", "late_weather"))
Path("pair.py").write_text(NEW)
Path("tools").mkdir()
Path("tools/shelf_weather.py").write_text(OLD % (SPEC % "shelf_weather", "", "shelf_weather"))
import old_weather

def names(*tools, **options):
    return sorted(Agent(model=scripted(), tools=list(tools), **options).tool_names)

print(names(old_weather), names("./old_weather.py"), names(folder + "/pair.py"), names("pair"), names("pair:two"))
print(names({"path": "./pair.py"}), names({"name": "two", "path": "./pair.py"}), names(load_tools_from_directory=True))
for wrong in ("./nowhere.py", "no.such.module", {"name": "three", "path": "./pair.py"}, "pair:three", json):
    try:
        names(wrong)
        print("taken", wrong)
    except ValueError:
        print("refused")
uses = [call(f"{name}_weather", {"city": city}) for name, city in (("old", "Rome"), ("old", "bad"), ("late", "x"))]
agent = Agent(model=scripted(uses, "Done."), tools=[old_weather, "./late_weather.py"], name="A", callback_handler=None)
agent("Go")
print(agent.messages[2]["content"])
print(plain(agent.tool.old_weather(city="Bern", agent_name="x")))
"""

DIRECT = """
import asyncio
from strands import Agent, tool, ToolContext
from strands.hooks import AfterToolCallEvent, BeforeToolCallEvent, MessageAddedEvent
from strands.types.exceptions import ConcurrencyException

@tool(name="read-all")
def read_all(path: str, lines: int = 1) -> str:
    \"\"\"Read.\"\"\"
    return f"{path}:{lines}"

@tool
def bad() -> str:
    \"\"\"Fail.\"\"\"
    raise ValueError("no")

@tool(context=True)
def ask(tool_context: ToolContext) -> str:
    \"\"\"Ask.\"\"\"
    return tool_context.interrupt("sure")

@tool
def nested() -> str:
    \"\"\"Call another.\"\"\"
    out = [plain(agent.tool.read_all(path="in", record_direct_tool_call=False))]
    try:
        agent.tool.read_all(path="in")
    except ConcurrencyException as error:
        out.append(str(error))
    return str(out)

agent = Agent(model=scripted([call("nested", {})], "Done."), tools=[read_all, bad, ask, nested], callback_handler=None)
agent.add_hook(lambda event: print(type(event).__name__), [BeforeToolCallEvent, AfterToolCallEvent, MessageAddedEvent])
print(plain(agent.tool.read_all(path="a.txt", extra=object())))
print(plain(agent.tool.bad(user_message_override="Look:")))
print(plain(agent.tool.read_all(path="a.txt", record_direct_tool_call=False)), plain(agent.tool.read_all(lines=2)))
for wrong in (lambda: agent.tool.nothing(a=1), lambda: agent.tool.ask(), lambda: agent.tool.read_all("a.txt", 2, 3)):
    try:
        wrong()
    except (AttributeError, RuntimeError, TypeError) as error:
        print(type(error).__name__, str(error) if not isinstance(error, TypeError) else "")
agent("Go")
print([plain(message) for message in agent.messages])

async def inside():
    return agent.tool.read_all(path="b.txt")
print(plain(asyncio.run(inside())))
silent = Agent(model=scripted(), tools=[read_all], record_direct_tool_call=False)
silent.tool.read_all(path="a.txt")
print(silent.messages)
"""

TEAM = """
import asyncio
from dataclasses import dataclass
from typing import AsyncIterator
from strands import Agent, tool
from strands.tools.executors import ConcurrentToolExecutor, SequentialToolExecutor

order = []

@tool
async def slow() -> str:
    \"\"\"Slow.\"\"\"
    await asyncio.sleep(0.02)
    order.append("slow")
    return "slow"

@tool
async def fast() -> str:
    \"\"\"Fast.\"\"\"
    order.append("fast")
    return "fast"

for executor in (ConcurrentToolExecutor(), SequentialToolExecutor()):
    agent = Agent(model=scripted([call("slow", {}), call("fast", {})], "Done."), tools=[slow, fast],
                  tool_executor=executor, callback_handler=None)
    agent("Go")
    print(order, [block["toolResult"]["content"] for block in agent.messages[2]["content"]])
    order.clear()

researcher = Agent(model=scripted("Found it.", "Again."), name="researcher", description="Finds.",
                   callback_handler=None)
boss = Agent(model=scripted([call("researcher", {"input": "look"})], [call("researcher", {"input": "again"})], "Ok."),
             tools=[researcher], callback_handler=None)
boss("Go")
print([plain(m) for m in boss.messages], boss.tool_registry.get_all_tools_config()["researcher"]["description"])
keeps = Agent(model=scripted("One.", "Two."), name="keeper", callback_handler=None)
boss = Agent(model=scripted([call("k", {"input": "a"})], [call("k", {"input": "b"})], "Ok."), callback_handler=None,
             tools=[keeps.as_tool(name="k", description="Keeps.", preserve_context=True)])
boss("Go")
print([plain(m) for m in keeps.messages])

@dataclass
class Piece:
    agent: Agent
    event: dict

@tool
async def expert(query: str) -> AsyncIterator:
    \"\"\"Solve.\"\"\"
    agent = Agent(name="Expert", model=scripted(["Well. ", call("fast", {})], "Solved."), callback_handler=None,
                  tools=[fast])
    result = None
    async for event in agent.stream_async(query):
        yield Piece(agent=agent, event=event)
        if "result" in event:
            result = event["result"]
    yield str(result)

def show(event):
    piece = event.get("tool_stream_event", {}).get("data")
    if isinstance(piece, Piece) and piece.event.get("current_tool_use", {}).get("name"):
        print(piece.agent.name, piece.event["current_tool_use"]["name"])
    if "data" in event:
        print(event["data"], end="")

Agent(model=scripted([call("expert", {"query": "3+3"})], "Six."), tools=[expert],
      callback_handler=lambda **event: show(event))("What?")
"""
