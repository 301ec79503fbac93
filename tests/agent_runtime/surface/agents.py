"""Programs on state, prompts, structured output, results, retries, cancellation and models, written anew."""

from __future__ import annotations

STATE = """
from strands import Agent
agent = Agent(model=scripted("Hi."), state={"theme": "dark", "count": 0}, callback_handler=None)
agent.state.set("last", {"nested": [1, None]})
agent.state.get("last")["nested"].append(2)
print(agent.state.get("theme"), agent.state.get("last"), agent.state.get("none"))
agent.state.delete("theme")
agent.state.delete("theme")
print(agent.state.get())
for key, value in (("f", lambda: 1), ("", 1), (None, 1), (3, 1)):
    try:
        agent.state.set(key, value)
    except ValueError:
        print("refused", repr(key))
try:
    Agent(model=scripted(), state={"f": print})
except ValueError:
    print("refused")
"""

CONVERSATION = """
from strands import Agent
agent = Agent(model=scripted("Ann.", "A cat.", "Yes.", "Done."), callback_handler=None, messages=[
    {"role": "user", "content": [{"text": "I am Ann."}]},
    {"role": "assistant", "content": [{"text": "Hello!"}]},
])
agent("Who am I?")
agent([{"text": "What is it?"}, {"image": {"format": "png", "source": {"bytes": b"123"}}}])
agent([{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [{"text": "b"}]},
       {"role": "user", "content": [{"text": "c"}]}])
agent.messages.append({"role": "user", "content": [{"text": "Go on."}]})
result = agent()
print([plain(message) for message in agent.messages])
print(repr(str(result)), result.stop_reason, plain(result.message), result.state)
"""

STRUCTURED = """
import asyncio
from typing import Optional
from pydantic import BaseModel, Field, field_validator
from strands import Agent, tool
from strands.types.exceptions import StructuredOutputException

class Person(BaseModel):
    \"\"\"A person.\"\"\"
    name: str = Field(description="The name")
    age: int = Field(ge=0)
    phone: Optional[str] = None

class City(BaseModel):
    city: str
    @field_validator("city")
    @classmethod
    def large(cls, value):
        if value != value.upper():
            raise ValueError("capitals, please")
        return value

@tool
def add(a: int, b: int) -> int:
    \"\"\"Add.\"\"\"
    return a + b

person = {"name": "Ann", "age": 3}
agent = Agent(model=scripted([call("Person", person)]), callback_handler=None)
result = agent("Ann is 3", structured_output_model=Person)
print(result.structured_output, repr(str(result)), result.stop_reason, [plain(m) for m in agent.messages])

agent = Agent(model=scripted([call("City", {"city": "Rome"})], [call("City", {"city": "ROME"})]),
              structured_output_model=Person, callback_handler=None)
print(agent("Where?", structured_output_model=City).structured_output, plain(agent.messages[2]))

agent = Agent(model=scripted([call("add", {"a": 1, "b": 2})], "Well.", [call("Person", person)]), tools=[add],
              structured_output_model=Person, structured_output_prompt="As JSON!", callback_handler=None)
print(asyncio.run(agent.invoke_async("Who?")).structured_output, [plain(m) for m in agent.messages])

async def stream():
    agent = Agent(model=scripted(["Let me see. ", call("Person", person)]), callback_handler=None)
    async for event in agent.stream_async("Who?", structured_output_model=Person):
        if "data" in event:
            print(event["data"], end="")
        elif "result" in event:
            print(event["result"].structured_output)
asyncio.run(stream())

agent = Agent(model=scripted("No.", "Never."), callback_handler=None)
try:
    agent("Who?", structured_output_model=Person)
except StructuredOutputException:
    print("refused")
"""

RESULTS = """
from strands import Agent, tool
from strands.agent import AgentResult

@tool
def add(a: int, b: int) -> int:
    \"\"\"Add.\"\"\"
    return a + b

@tool
def bad() -> int:
    \"\"\"Fail.\"\"\"
    raise KeyError("no")

agent = Agent(callback_handler=None, tools=[add, bad], model=scripted(
    [text("I add."), call("add", {"a": 1, "b": 2}), call("bad", {}), usage(3, 4)], ["It is 3.", usage(5, 6)],
    ["Again.", usage(1, 1)]))
first = agent("hi")
result = agent("more")
metrics = result.metrics
print(metrics.accumulated_usage, metrics.cycle_count, len(metrics.cycle_durations), list(metrics.tool_metrics))
print(metrics.latest_agent_invocation.usage, [len(one.cycles) for one in metrics.agent_invocations])
print(result.context_size, result.projected_context_size)
summary = metrics.get_summary()
print(sorted(summary), summary["accumulated_metrics"])
for name, told in summary["tool_usage"].items():
    print(name, told["tool_info"], sorted(told["execution_stats"]), told["execution_stats"]["success_rate"])
for trace in summary["traces"]:
    children = [child for child in trace["children"] if child["name"] != "Recursive call"]
    print(trace["name"], sorted(trace))
    print([(c["name"], c["raw_name"], c["metadata"], plain(c["message"])) for c in children])
print([sorted(cycle) for one in summary["agent_invocations"] for cycle in one["cycles"]])
told = result.to_dict()
again = AgentResult.from_dict(told)
print(told["type"], again.stop_reason, plain(again.message), isinstance(result, AgentResult))
try:
    AgentResult.from_dict({"type": "other"})
except TypeError:
    print("refused")
"""

RETRIES = """
from strands import Agent, ModelRetryStrategy
from strands.hooks import AfterModelCallEvent, HookProvider, HookRegistry
from strands.types.exceptions import ModelThrottledException

strategy = ModelRetryStrategy(max_attempts=3, initial_delay=0, max_delay=0)
busy = [fail(ModelThrottledException("busy"))]
print(str(Agent(model=scripted(busy, busy, "At last."), retry_strategy=strategy, callback_handler=None)("hi")))
for retries in (None, ModelRetryStrategy(max_attempts=2, initial_delay=0, max_delay=0)):
    try:
        Agent(model=scripted(busy, busy, "At last."), retry_strategy=retries, callback_handler=None)("hi")
    except ModelThrottledException as error:
        print("gave up:", error)

class Retry(HookProvider):
    def __init__(self, attempts):
        self.left = attempts
    def register_hooks(self, registry: HookRegistry, **kwargs) -> None:
        registry.add_callback(AfterModelCallEvent, self.again)
    async def again(self, event: AfterModelCallEvent) -> None:
        if event.exception and "Unavailable" in str(event.exception) and self.left:
            self.left -= 1
            event.retry = True

down = [fail(RuntimeError("Unavailable"))]
print(str(Agent(model=scripted(down, down, "Up."), hooks=[Retry(2)], callback_handler=None)("hi")))
"""

CANCELLED = """
import threading
from strands import Agent, tool

signal = threading.Event()

@tool
def stop(how: str) -> str:
    \"\"\"Stop.\"\"\"
    agent.cancel() if how == "agent" else signal.set()
    while not agent.cancel_signal.is_set():
        pass
    return "stopped"

for how in ("agent", "signal"):
    agent = Agent(model=scripted([call("stop", {"how": how})], "Never."), tools=[stop], callback_handler=None)
    print(agent("go", cancel_signal=signal).stop_reason, signal.is_set())
agent = Agent(model=scripted("One.", "Two."), callback_handler=None)
print(agent("go", cancel_signal=signal).stop_reason, agent("again").stop_reason)
agent = Agent(model=scripted([call("nothing", {})], [call("nothing", {})], "End."), callback_handler=None)
print(agent("go", limits={"turns": 2}).stop_reason)
"""

OWN_MODEL = """
from typing import Any, AsyncIterable, Optional, TypedDict
from strands import Agent, tool
from strands.models import Model
from strands.types.content import Messages, SystemContentBlock
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolSpec

class Echo(Model):
    class Config(TypedDict):
        model_id: str
        params: Optional[dict[str, Any]]

    def __init__(self, key: str, **model_config) -> None:
        self.config = Echo.Config(**model_config)

    def update_config(self, **model_config) -> None:
        self.config.update(model_config)

    def get_config(self) -> Config:
        return self.config

    async def structured_output(self, output_model, prompt, system_prompt=None, **kwargs):
        yield {"output": output_model()}

    async def stream(self, messages: Messages, tool_specs: Optional[list[ToolSpec]] = None,
                     system_prompt: Optional[str] = None, **kwargs: Any) -> AsyncIterable[StreamEvent]:
        self.content = kwargs["system_prompt_content"]
        said = messages[-1]["content"][0].get("text", "done")
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": f"{system_prompt} {self.config['model_id']}: {said}"}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}
        yield {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
                            "metrics": {"latencyMs": 1}}}

model = Echo("key", model_id="echo-1", params=None)
agent = Agent(model=model, system_prompt="Sys", callback_handler=None)
print(agent("Hello"), agent.model.get_config(), isinstance(model, Model), model.content)
agent.system_prompt = None
print(agent("Hello"), model.content)
agent.system_prompt = "Sys"
model.update_config(model_id="echo-2")
print(agent("Hello"))
blocks = [SystemContentBlock(text="One."), SystemContentBlock(cachePoint={"type": "default"}),
          SystemContentBlock(text="Two.")]
print(Agent(model=model, system_prompt=blocks, callback_handler=None)("Hello"), model.content)
"""

HISTORY = """
from strands import Agent, tool
from strands.agent.conversation_manager import (
    ConversationManager, NullConversationManager, SlidingWindowConversationManager, SummarizingConversationManager)
from strands.types.exceptions import ContextWindowOverflowException

full = fail(ContextWindowOverflowException("too long"))

@tool
def read(size: int) -> str:
    \"\"\"Read.\"\"\"
    return "a" * size + "b" * size

def talk(manager, *turns, times=4, history=()):
    agent = Agent(model=scripted(*turns), conversation_manager=manager, tools=[read], callback_handler=None,
                  messages=[dict(message) for message in history])
    try:
        for number in range(times):
            agent(f"prompt {number}")
    except ContextWindowOverflowException as error:
        print("overflow:", error)
    print(type(manager).__name__, getattr(manager, "removed_message_count", None), [plain(m) for m in agent.messages])

loop = [[call("read", {"size": 1})]] * 5 + ["End."]
talk(NullConversationManager(), *["Yes."] * 4)
talk(NullConversationManager(), "Yes.", [full])
talk(SlidingWindowConversationManager(window_size=3), *["Yes."] * 4)
talk(SlidingWindowConversationManager(window_size=0), *["Yes."] * 4)
talk(SlidingWindowConversationManager(window_size=4, per_turn=True), *loop, times=1)
talk(SlidingWindowConversationManager(window_size=4, per_turn=3), *loop, times=1)
talk(SlidingWindowConversationManager(), [call("read", {"size": 300})], [full], "End.", times=1)
talk(SlidingWindowConversationManager(should_truncate_results=False), *["Yes."] * 3, [full], "End.")
talk(SlidingWindowConversationManager(), [full], "End.", times=1)
past = [{"role": ("user", "assistant")[n % 2], "content": [{"text": f"past {n}"}]} for n in range(12)]
brief = dict(summary_ratio=0.5, preserve_recent_messages=2)
talk(SummarizingConversationManager(**brief), [full], "- They spoke.", "End.", times=1, history=past)
talk(SummarizingConversationManager(), [full], "- They spoke.", "End.", times=1)
try:
    talk(SummarizingConversationManager(**brief), [full], [call("read", {"size": 1})], "End.", history=past)
except RuntimeError as error:
    print(type(error).__name__, type(error.__cause__).__name__)
helper = Agent(model=scripted("- In short."), callback_handler=None)
talk(SummarizingConversationManager(summarization_agent=helper, **brief), [full], "End.", times=1, history=past)
print(helper.messages)

class Mine(ConversationManager):
    def apply_management(self, agent, **kwargs):
        agent.messages[:] = agent.messages[-1:]
    def reduce_context(self, agent, e=None, **kwargs):
        agent.messages[:] = [{"role": "user", "content": [{"text": "short"}]}]

talk(Mine(), [full], "End.", times=1)
for options in ({"window_size": -1}, {"per_turn": 0}):
    try:
        SlidingWindowConversationManager(**options)
    except ValueError as error:
        print(error)
"""
