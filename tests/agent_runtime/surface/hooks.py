"""Programs on hooks, interrupts, streams and callback handlers, written anew."""

from __future__ import annotations

PROVIDERS = """
from threading import Lock
from typing import Any
from strands import Agent, tool
from strands.hooks import (AfterInvocationEvent, AfterModelCallEvent, AfterToolCallEvent, AgentInitializedEvent,
    BeforeInvocationEvent, BeforeModelCallEvent, BeforeToolCallEvent, HookProvider, HookRegistry, MessageAddedEvent)

@tool
def add(a: int, b: int) -> int:
    \"\"\"Add.\"\"\"
    return a + b

@tool
def safe(a: int, b: int) -> str:
    \"\"\"Safe.\"\"\"
    return "safe"

class Fixed(HookProvider):
    def __init__(self, fixed: dict[str, dict[str, Any]]):
        self.fixed = fixed
    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        registry.add_callback(BeforeToolCallEvent, self.fix)
    def fix(self, event: BeforeToolCallEvent):
        if values := self.fixed.get(event.tool_use["name"]):
            event.tool_use["input"].update(values)

class Limit(HookProvider):
    def __init__(self, most):
        self.most, self.counts, self.lock = most, {}, Lock()
    def register_hooks(self, registry: HookRegistry) -> None:
        registry.add_callback(BeforeInvocationEvent, self.reset)
        registry.add_callback(BeforeToolCallEvent, self.check)
    def reset(self, event: BeforeInvocationEvent) -> None:
        self.counts = {}
    def check(self, event: BeforeToolCallEvent) -> None:
        with self.lock:
            count = self.counts[event.tool_use["name"]] = self.counts.get(event.tool_use["name"], 0) + 1
        if count > self.most:
            event.cancel_tool = f"{event.tool_use['name']} was called too often"

class Format(HookProvider):
    def register_hooks(self, registry: HookRegistry) -> None:
        registry.add_callback(AfterToolCallEvent, self.format)
    def format(self, event: AfterToolCallEvent) -> None:
        event.result["content"][0]["text"] = f"Result: {event.result['content'][0]['text']}"

class Swap(HookProvider):
    def register_hooks(self, registry: HookRegistry) -> None:
        registry.add_callback(BeforeToolCallEvent, self.swap)
    def swap(self, event: BeforeToolCallEvent) -> None:
        event.selected_tool = safe
        event.tool_use["name"] = "safe"

class Log(HookProvider):
    def register_hooks(self, registry: HookRegistry) -> None:
        for kind in (AgentInitializedEvent, BeforeInvocationEvent, AfterInvocationEvent, MessageAddedEvent,
                     BeforeModelCallEvent, AfterModelCallEvent, BeforeToolCallEvent, AfterToolCallEvent):
            registry.add_callback(kind, self.log)
    def log(self, event) -> None:
        print(" ", type(event).__name__)

two = [call("add", {"a": 1, "b": 2}), call("add", {"a": 3, "b": 4})]
for provider in (Fixed({"add": {"b": 40}}), Limit(1), Format(), Swap(), Log()):
    agent = Agent(model=scripted(two, "Done.", two, "Done."), tools=[add], hooks=[provider], callback_handler=None)
    if isinstance(provider, Log):
        agent.tool_executor = Sequential()
    agent("Go")
    agent("Again")
    print([b["toolResult"] for i in (2, 6) for b in agent.messages[i]["content"]])
"""

CALLBACKS = """
import asyncio
from strands import Agent, tool
from strands.hooks import (AfterInvocationEvent, AfterModelCallEvent, AfterToolCallEvent, BeforeInvocationEvent,
    BeforeModelCallEvent, BeforeToolCallEvent, HookRegistry)

tries = []

@tool
def flaky(n: int) -> str:
    \"\"\"Fail at first.\"\"\"
    tries.append(n)
    if len(tries) < 2:
        raise RuntimeError("not yet")
    return "ok"

def started(event) -> None:
    print("started", event.agent.name, event.invocation_state.get("user"))

def typed(event: BeforeToolCallEvent) -> None:
    print("tool", event.tool_use["name"], event.invocation_state.get("user"))

def either(event: BeforeModelCallEvent | AfterModelCallEvent) -> None:
    print(type(event).__name__)

async def again(event: AfterToolCallEvent) -> None:
    await asyncio.sleep(0)
    print("after", event.result["status"], type(event.exception).__name__)
    event.retry = event.result["status"] == "error"

resumed = []

async def resume(event: AfterInvocationEvent):
    if not resumed and event.result and event.result.stop_reason == "end_turn":
        resumed.append(1)
        event.resume = "Sum it up."

agent = Agent(model=scripted([call("flaky", {"n": 1})], "Done.", "In short."), tools=[flaky], hooks=[typed], name="me",
              callback_handler=None)
agent.add_hook(started, BeforeInvocationEvent)
agent.add_hook(either)
agent.hooks.add_callback(AfterToolCallEvent, again)
agent.add_hook(resume)
agent.add_hook(lambda event: print("list", type(event).__name__), [BeforeInvocationEvent, AfterInvocationEvent])
result = agent("Go", invocation_state={"user": "Ann"})
print(tries, str(result), [plain(m) for m in agent.messages])
for wrong in (lambda: agent.add_hook(lambda event: 1), lambda: agent.add_hook(typed, [])):
    try:
        wrong()
        print("taken")
    except ValueError:
        print("refused")

def propagate(event: AfterToolCallEvent) -> None:
    if event.exception is not None:
        raise event.exception

tries.clear()
agent = Agent(model=scripted([call("flaky", {"n": 1})], "Done."), tools=[flaky], hooks=[propagate],
              callback_handler=None)
try:
    agent("Go")
except Exception as error:
    print(type(error).__name__, error)
"""

INTERRUPTS = """
import json
from typing import Any
from strands import Agent, tool
from strands.hooks import AfterInvocationEvent, BeforeToolCallEvent, HookProvider, HookRegistry
from strands.types.agent import AgentInput
from strands.types.tools import ToolContext
from strands.agent import AgentResult

@tool
def delete(paths: list[str]) -> bool:
    \"\"\"Delete.\"\"\"
    return True

@tool
def inspect(paths: list[str]) -> dict[str, Any]:
    \"\"\"Inspect.\"\"\"
    return {"paths": paths}

class Approval(HookProvider):
    def __init__(self, app: str) -> None:
        self.app = app
    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        registry.add_callback(BeforeToolCallEvent, self.approve)
    def approve(self, event: BeforeToolCallEvent) -> None:
        if event.tool_use["name"] != "delete":
            return
        answer = event.interrupt(f"{self.app}-approval", reason={"paths": event.tool_use["input"]["paths"]})
        if answer.lower() != "y":
            event.cancel_tool = "User denied permission"

class Deleter:
    @tool(context=True)
    def delete(self, tool_context: ToolContext, paths: list[str]) -> bool:
        \"\"\"Delete.\"\"\"
        return tool_context.interrupt("app-approval", reason={"paths": paths}).lower() == "y"

def run(agent: Agent, prompt: AgentInput, answer: str) -> AgentResult:
    result = agent(prompt)
    while result.stop_reason == "interrupt":
        print(result.interrupts, str(result))
        result = agent([{"interruptResponse": {"interruptId": i.id, "response": answer}} for i in result.interrupts])
    return result

uses = [call("delete", {"paths": ["a"]}), call("inspect", {"paths": ["a"]})]
for answer in "yn":
    for options in ({"hooks": [Approval("app")], "tools": [delete, inspect]}, {"tools": [Deleter().delete, inspect]}):
        agent = Agent(model=scripted(uses, "Done."), callback_handler=None, **options)
        print(json.dumps(plain(run(agent, "Clean up", answer).message)),
              sorted(map(str, agent.messages[2]["content"])))

def ask(event: BeforeToolCallEvent):
    event.interrupt("ok", reason="Approve?")

async def approve(event: AfterInvocationEvent):
    if event.result and event.result.stop_reason == "interrupt":
        answers = [{"interruptId": i.id, "response": "yes"} for i in event.result.interrupts]
        event.resume = [{"interruptResponse": answer} for answer in answers]

agent = Agent(model=scripted([call("delete", {"paths": []})], "Done."), tools=[delete], callback_handler=None)
agent.add_hook(ask)
agent.add_hook(approve)
print(str(agent("Go")), len(agent.messages))
"""

STREAMS = """
import asyncio, json
from strands import Agent, tool

@tool
def add(a: int, b: int) -> int:
    \"\"\"Add.\"\"\"
    return a + b

def show(event):
    if event.get("init_event_loop", False):
        print("initialised")
    elif event.get("start_event_loop", False):
        print("cycle")
    elif "message" in event:
        print("message", event["message"]["role"])
    elif "result" in event:
        print("result", event["result"].stop_reason)
    elif event.get("force_stop", False):
        print("stopped", event.get("force_stop_reason"))
    if "current_tool_use" in event and event["current_tool_use"].get("name"):
        print("tool", event["current_tool_use"]["name"])
    if "data" in event:
        print("data", event["data"][:20])
    if event.get("reasoning"):
        print("reasoning", event.get("reasoningText"))

def model():
    return scripted([think("Hm, a sum."), text("I add. "), call("add", {"a": 1, "b": 2})], "It is 3.")

def handler(**kwargs):
    show(kwargs)

async def main():
    async for event in Agent(model=model(), tools=[add], callback_handler=None).stream_async("1+2"):
        show(event)
asyncio.run(main())
Agent(model=model(), tools=[add], callback_handler=handler)("1+2")

def buffer(**kwargs):
    if "message" in kwargs and kwargs["message"].get("role") == "assistant":
        print(json.dumps(plain(kwargs["message"])))
Agent(model=model(), tools=[add], callback_handler=buffer)("1+2")
try:
    Agent(model=scripted([text("One "), fail(RuntimeError("dead"))]), callback_handler=handler)("go")
except RuntimeError as error:
    print("raised", error)
"""

PRINTED = """
from strands import Agent, tool
from strands.handlers.callback_handler import (
    CompositeCallbackHandler, PrintingCallbackHandler, null_callback_handler)

@tool
def add(a: int, b: int) -> int:
    \"\"\"Add.\"\"\"
    return a + b

def model():
    two = [call("add", {"a": 1, "b": 2}), call("add", {"a": 3, "b": 4})]
    return scripted([think("Hm, a sum."), text("I add."), *two], [text(""), text("So:\\n"), two[0]], "It is 3.", "Yes.")

for options in ({}, {"callback_handler": PrintingCallbackHandler()}, {"callback_handler": None},
                {"callback_handler": PrintingCallbackHandler(verbose_tool_use=False)},
                {"callback_handler": null_callback_handler},
                {"callback_handler": CompositeCallbackHandler(PrintingCallbackHandler(), PrintingCallbackHandler())}):
    agent = Agent(model=model(), tools=[add], **options)
    agent("1+2")
    print("<", getattr(agent.callback_handler, "tool_count", ""), ">")
    agent("Sure?")
    print("<>")
handler = PrintingCallbackHandler()
handler(data="a", complete=True)
handler(complete=True)
handler(reasoningText="r", data="d")
handler(event={"contentBlockStart": {"start": {"toolUse": {"name": "n", "toolUseId": "t"}}}}, data="x")
handler(event={})

def raising(**kwargs):
    if "data" in kwargs:
        raise KeyError("handler")

agent = Agent(model=scripted("One.", "Two."), callback_handler=raising)
for _ in range(2):
    try:
        agent("go")
    except KeyError as error:
        print("raised", error)
"""
