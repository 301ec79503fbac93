"""What an agent's work took: tokens, cost, cycles, tool calls and their times, by Strands' names. It measures nothing
itself: the loop tells it."""

from __future__ import annotations

import itertools
import os
import time
import uuid
from copy import copy
from dataclasses import dataclass, field
from typing import Any


def _no_tokens() -> dict[str, int]:
    return {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}


class _Ids:
    """Ids as `uuid.uuid4` spells them, drawn once and then counted, since each cycle has several. A forked child counts
    on, under a beginning of its own."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.draw()

    def draw(self) -> None:
        self._drawn = str(uuid.uuid4())[:-12]

    def __call__(self) -> str:
        return f"{self._drawn}{next(self._count):012x}"


_new_id = _Ids()
os.register_at_fork(after_in_child=_new_id.draw)


@dataclass
class Trace:
    """A stretch of work: a cycle, and in it the model's answer and the tools. Times in seconds since the epoch."""

    name: str
    parent_id: str | None = None
    start_time: float = field(default_factory=time.time)
    end_time: float | None = None
    message: dict[str, Any] | None = None
    raw_name: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    children: list[Trace] = field(default_factory=list)
    id: str = field(default_factory=_new_id)

    def duration(self) -> float | None:
        return None if self.end_time is None else self.end_time - self.start_time

    def to_dict(self) -> dict[str, Any]:
        told = {key: getattr(self, key) for key in ("id", "name", "raw_name", "parent_id", "start_time", "end_time")}
        told |= {"duration": self.duration(), "children": [child.to_dict() for child in self.children]}
        return told | {"metadata": self.metadata, "message": self.message}


@dataclass
class ToolMetrics:
    """`tool` is the last use; `total_time` in seconds, hooks not counted."""

    tool: dict[str, Any]
    call_count: int = 0
    success_count: int = 0
    error_count: int = 0
    total_time: float = 0.0

    def summary(self) -> dict[str, Any]:
        calls = self.call_count
        return {
            "tool_info": {
                "tool_use_id": self.tool.get("toolUseId", "N/A"),
                "name": self.tool.get("name", "unknown"),
                "input_params": self.tool.get("input", {}),
            },
            "execution_stats": {
                "call_count": calls,
                "success_count": self.success_count,
                "error_count": self.error_count,
                "total_time": self.total_time,
                "average_time": self.total_time / calls if calls else 0,
                "success_rate": self.success_count / calls if calls else 0,
            },
        }


@dataclass
class EventLoopCycleMetric:
    event_loop_cycle_id: str = field(default_factory=_new_id)
    usage: dict[str, int] = field(default_factory=_no_tokens)


@dataclass
class AgentInvocation:
    """One invocation. Beyond Strands: `cost` in USD (None: unknown), `latency_ms` as the models told it."""

    cycles: list[EventLoopCycleMetric] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=_no_tokens)
    model_calls: int = 0
    tool_calls: int = 0
    cost: float | None = None
    latency_ms: int = 0

    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = {"total_cycles": len(self.cycles), "accumulated_usage": dict(self.usage)}
        summary |= {"model_calls": self.model_calls, "tool_calls": self.tool_calls}
        return summary | {"latency_ms": self.latency_ms, "cost": self.cost}


@dataclass
class EventLoopMetrics:
    """All invocations of an agent so far; `agent_invocations` has each of them."""

    cycle_count: int = 0
    tool_metrics: dict[str, ToolMetrics] = field(default_factory=dict)
    cycle_durations: list[float] = field(default_factory=list)
    agent_invocations: list[AgentInvocation] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    accumulated_usage: dict[str, int] = field(default_factory=_no_tokens)
    accumulated_metrics: dict[str, int] = field(default_factory=lambda: {"latencyMs": 0})

    @property
    def latest_agent_invocation(self) -> AgentInvocation | None:
        return self.agent_invocations[-1] if self.agent_invocations else None

    @property
    def latest_context_size(self) -> int | None:
        """The tokens of the last prompt, those from a cache included; None before the first model call."""
        if not (self.agent_invocations and self.agent_invocations[-1].cycles):
            return None
        usage = self.agent_invocations[-1].cycles[-1].usage
        if usage["inputTokens"] + usage["outputTokens"] == usage["totalTokens"]:
            return usage["inputTokens"]
        return usage["inputTokens"] + usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0)

    @property
    def projected_context_size(self) -> int | None:
        """The last prompt's tokens and its answer's, which are all in the next prompt."""
        size = self.latest_context_size
        return None if size is None else size + self.agent_invocations[-1].cycles[-1].usage["outputTokens"]

    def start_invocation(self) -> None:
        self.agent_invocations.append(AgentInvocation())

    def start_cycle(self) -> None:
        self.cycle_count += 1
        self.traces.append(Trace(f"Cycle {self.cycle_count}"))
        self.agent_invocations[-1].cycles.append(EventLoopCycleMetric())

    def end_cycle(self) -> None:
        trace = self.traces[-1]
        trace.end_time = time.time()
        self.cycle_durations.append(trace.end_time - trace.start_time)

    def add_model_call(self, usage: dict[str, Any] | None, latency_ms: int) -> None:
        """Count one call of the model, also one that failed; `usage` with `cost` is as the hooks see it."""
        invocation = self.agent_invocations[-1]
        invocation.model_calls += 1
        invocation.latency_ms += latency_ms
        self.accumulated_metrics["latencyMs"] += latency_ms
        totals = (self.accumulated_usage, invocation.usage, invocation.cycles[-1].usage)
        for key, value in (usage or {}).items():
            if isinstance(value, int) and not isinstance(value, bool):
                for total in totals:
                    total[key] = total.get(key, 0) + value
        if usage and "cost" in usage:
            invocation.cost = (invocation.cost or 0.0) + usage["cost"]

    def add_answer(self, message: dict[str, Any], began: float) -> None:
        """`began` in seconds since the epoch."""
        cycle = self.traces[-1]
        cycle.children.append(Trace("stream_messages", cycle.id, began, time.time(), message))

    def add_tool(self, use: dict[str, Any], result: dict[str, Any], duration: float) -> None:
        """`duration` in seconds."""
        told = self.tool_metrics.setdefault(use["name"], ToolMetrics(use))
        told.tool = use
        told.call_count += 1
        told.total_time += duration
        if result["status"] == "error":
            told.error_count += 1
        else:
            told.success_count += 1
        if self.traces:
            self._trace_tool(use, result, duration)

    def _trace_tool(self, use: dict[str, Any], result: dict[str, Any], duration: float) -> None:
        cycle, ended = self.traces[-1], time.time()
        trace = Trace(f"Tool: {use['name']}", cycle.id, ended - duration, ended)
        trace.message = {"role": "user", "content": [{"toolResult": result}]}
        trace.raw_name = f"{use['name']} - {use['toolUseId']}"
        trace.metadata = {"toolUseId": use["toolUseId"], "tool_name": use["name"]}
        cycle.children.append(trace)

    def snapshot(self) -> EventLoopMetrics:
        """A copy that later invocations do not change."""
        return EventLoopMetrics(
            self.cycle_count,
            {name: copy(told) for name, told in self.tool_metrics.items()},
            list(self.cycle_durations),
            list(self.agent_invocations),
            list(self.traces),
            dict(self.accumulated_usage),
            dict(self.accumulated_metrics),
        )

    def get_summary(self) -> dict[str, Any]:
        total = sum(self.cycle_durations)
        return {
            "total_cycles": self.cycle_count,
            "total_duration": total,
            "average_cycle_time": total / self.cycle_count if self.cycle_count else 0,
            "tool_usage": {name: told.summary() for name, told in self.tool_metrics.items()},
            "traces": [trace.to_dict() for trace in self.traces],
            "accumulated_usage": dict(self.accumulated_usage),
            "accumulated_metrics": dict(self.accumulated_metrics),
            "agent_invocations": [
                {"usage": dict(one.usage), "cycles": [dict(vars(cycle)) for cycle in one.cycles]}
                for one in self.agent_invocations
            ],
        }
