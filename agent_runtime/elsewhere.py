"""What Strands has and this runtime has not, by name: asking for it fails with one clear line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_PROVIDER = "native model providers are not here; LiteLLMModel reaches them all"
_MULTI = "graphs, swarms and A2A are not here; pass agents as tools"
_PLUGIN = "plugins, skills and steering are not here; use hooks"
_BIDI = "voice and other two-way streams are not here; an agent answers prompts"
_SANDBOX = "sandboxes are not here; a tool runs where the agent runs"
_STORAGE = "storage backends are not here"
_BACKGROUND = "background tasks are not here"
_MEMORY = "memory managers are not here; keep what matters in agent.state"
_MIDDLEWARE = "middleware is not here; use hooks, which can change the request, a tool's input and its result"
_SNAPSHOT = "snapshots and checkpoints are not here"
_SESSION = "session managers are not here; keep agent.messages and agent.state yourself"
_PROVIDERS = {
    "anthropic": "AnthropicModel",
    "bedrock": "BedrockModel",
    "gemini": "GeminiModel",
    "llamaapi": "LlamaAPIModel",
    "llamacpp": "LlamaCppModel",
    "mistral": "MistralModel",
    "ollama": "OllamaModel",
    "openai": "OpenAIModel",
    "openai_responses": "OpenAIResponsesModel",
    "sagemaker": "SageMakerAIModel",
    "writer": "WriterModel",
}
_TOOL = "of strands_tools, calculator and http_request are here; write the rest as a @tool function"
_TOOLS = """a2a_client agent_core_memory agent_graph batch bright_data browser chat_video code_interpreter cron
current_time diagram editor elasticsearch_memory environment exa file_read file_write generate_image
generate_image_stability graph handoff_to_user image_reader journal load_tool mcp_client mem0_memory
memory mongodb_memory nova_reels python_repl retrieve rss search_video shell slack sleep speak stop swarm
tavily think use_agent use_aws use_browser use_computer use_llm workflow"""
_ROUTING = "routers are not here; a hook may set agent.model before a model call"
_CACHING = "what is to be cached is marked by a cachePoint in the prompt"
_SHAPE = "a shape for annotations that is not here; a dict will do"
_SHAPES = {
    "content": """GuardContent GuardContentText TextBlock DeltaContent ContentBlockStart ContentBlockStartToolUse
    ContentBlockDelta ContentBlockStop MessageMetadata""",
    "media": "AudioBlock AudioFormat ImageBlock Location SourceLocation",
    "streaming": """ContentBlockDeltaText ContentBlockStopEvent CitationsDelta CitationSourceContentDelta
    ExceptionEvent ModelStreamErrorEvent RedactContentEvent""",
    "tools": "Tool ToolConfig ToolFunc ToolResultBlock ToolChoiceAuto ToolChoiceAny ToolChoiceTool RunToolHandler",
}
_EXCEPTIONS = """AggregateMemoryError CheckpointException IdempotencyAbortedError MCPClientInitializationError
ProviderTokenCountError SessionException SnapshotException StorageError"""
_ROUTERS = """CandidateInput ClassifierStrategy FallbackStrategy ModelRouter RoutingAttempt RoutingCandidate
RoutingContext RoutingStrategy"""
_MANAGERS = "conversation managers are in agent_runtime.agent.conversation_manager"
# Modules of Strands that are packages here, or have another name.
MOVED = {
    "models.model": "Model is in agent_runtime.models",
    "interrupt": "Interrupt is in agent_runtime.interrupts",
    "tools.tools": "PythonAgentTool is in agent_runtime.tools",
    "tools.loader": "load is in agent_runtime.tools",
    "types.json_dict": "AgentState is in agent_runtime.agent.state",
    **{
        f"agent.conversation_manager.{name}conversation_manager": _MANAGERS
        for name in ("", "null_", "sliding_window_", "summarizing_")
    },
}
_NODE_EVENTS = [f"{when}{what}Event" for when in ("Before", "After") for what in ("NodeCall", "MultiAgentInvocation")]
# Names in agent_runtime, its modules included; dots part a module from what is in it.
NOT_HERE = {
    "multiagent": _MULTI,
    "agent.a2a_agent": _MULTI,
    **{f"hooks.{name}": _MULTI for name in [*_NODE_EVENTS, "MultiAgentInitializedEvent"]},
    "session": _SESSION,
    "types.session": _SESSION,
    "Snapshot": _SNAPSHOT,
    "middleware": _MIDDLEWARE,
    "bidi": _BIDI,
    **dict.fromkeys(["sandbox", "Sandbox", "PosixShellSandbox"], _SANDBOX),
    "storage": _STORAGE,
    **dict.fromkeys(["background_tasks", "BackgroundTasksConfig"], _BACKGROUND),
    **dict.fromkeys(["memory", "vended_memory_stores"], _MEMORY),
    **dict.fromkeys(["models.routing", *(f"models.{name}" for name in _ROUTERS.split())], _ROUTING),
    **{f"models.{name}": _CACHING for name in ("CacheConfig", "CacheToolsConfig", "BaseModelConfig")},
    **{f"models.{module}": _PROVIDER for module in _PROVIDERS},
    **{f"models.{name}": _PROVIDER for name in _PROVIDERS.values()},
    "hooks.MessageUpdatedEvent": "no message of the history is replaced here",
    **MOVED,
    **{f"tools.{name}": _TOOL for name in _TOOLS.split()},
    "vended_tools": _TOOL,
    "injection": "what a model is to be told beside the history a hook can write into BeforeModelCallEvent.request",
    "tools.watcher": "a tool's file is loaded once",
    **{f"types.{name}": _SHAPE for name in ("citations", "collections", "guardrails", "traces")},
    **{f"types.{module}.{name}": _SHAPE for module, names in _SHAPES.items() for name in names.split()},
    **{f"types.exceptions.{name}": "nothing here raises it" for name in _EXCEPTIONS.split()},
    "tools.mcp": "MCP clients are not here; wrap what you need in a @tool function",
    "telemetry": "telemetry classes are not here; record with tracer.attach and send spans with tracer export",
    **dict.fromkeys(
        ["plugins", "vended_plugins", "Plugin", "AgentSkills", "Skill", "interventions", "vended_interventions"],
        _PLUGIN,
    ),
    "experimental": "experimental parts are not here; the hooks are in agent_runtime.hooks",
}
# Keyword arguments of Strands' Agent; None and False, its defaults, are accepted.
KEYWORDS = {
    "session_manager": _SESSION,
    "plugins": _PLUGIN,
    "interventions": _PLUGIN,
    "context_manager": "give a conversation_manager",
    "memory_manager": _MEMORY,
    "aux_model": "give SummarizingConversationManager a summarization_agent",
    "checkpointing": _SNAPSHOT,
    "baggage_attributes": "telemetry is the tracer's; label a run with tracer.label",
    "sandbox": _SANDBOX,
    "storage": _STORAGE,
    "background_tasks": _BACKGROUND,
    "concurrent_invocation_mode": "an agent takes one call at a time; use an Agent for each",
}

# Attributes of Strands' Agent that are none here, beside those of its keyword arguments.
ATTRIBUTES = {
    "add_middleware": _MIDDLEWARE,
    "take_snapshot": _SNAPSHOT,
    "load_snapshot": _SNAPSHOT,
    "session_id": _SESSION,
    **dict.fromkeys(["tracer", "trace_span"], "spans are the tracer's; record with tracer.attach"),
}


def absent_attribute(agent: object, name: str) -> AttributeError:
    """What reading an attribute that an agent lacks raises."""
    told = ATTRIBUTES.get(name) or KEYWORDS.get(name)
    known = f": {told} (docs/strands.md)" if told is not None else ""
    return AttributeError(f"an {type(agent).__name__} has no {name!r}{known}", name=name, obj=agent)


def absent(module: str, missing: str) -> Exception:
    """What a module's `__getattr__` raises for a name that it lacks.

    ImportError where Strands has it: `from .. import ..` would drop the text of an AttributeError.
    """
    told = NOT_HERE.get(f"{module}.{missing}".removeprefix("agent_runtime."))
    if told is None:
        return AttributeError(f"module {module!r} has no attribute {missing!r}")
    return ImportError(f"{module} has no {missing}: {told} (docs/strands.md)", name=module)


def refuse_keywords(given: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that Agent does not take.

    Raises:
        TypeError: it says which, and whether Strands' Agent takes it.
    """
    for key, value in given.items():
        if key not in KEYWORDS:
            raise TypeError(f"Agent() got an unexpected keyword argument {key!r}, which Strands' Agent has not either")
        if value is not None and value is not False:
            raise TypeError(f"Agent() takes no {key!r}, which Strands' Agent does: {KEYWORDS[key]} (docs/strands.md)")


class _Finder:
    """Asked last, for modules that no other finder has found."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, module = fullname.partition(".")
        told = NOT_HERE.get(module) if package == "agent_runtime" else None
        if told is not None:
            raise ModuleNotFoundError(f"there is no {fullname}: {told} (docs/strands.md)", name=fullname)
        return None


def install() -> None:
    """Have imports of Strands' modules that are not here fail with their reason."""
    if _Finder not in sys.meta_path:
        sys.meta_path.append(_Finder)
