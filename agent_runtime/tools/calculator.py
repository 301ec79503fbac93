"""The `calculator` tool: arithmetic on numbers, with simpleeval and not with eval."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent_runtime.tools.decorator import tool

if TYPE_CHECKING:
    from simpleeval import SimpleEval  # type: ignore[import-untyped]

MAX_LENGTH = 1_000
MAX_BITS = 4_096
MAX_FACTORIAL = 300
_AS_TYPED = str.maketrans({"×": "*", "÷": "/", "−": "-", "·": "*"})


@tool
def calculator(expression: str) -> str:
    """Evaluate an arithmetic expression and give the result as text.

    Knows + - * / // % and ^ or ** (power), brackets, pi, e, tau, and sqrt, cbrt, exp, log, log2, log10, sin,
    cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, degrees, radians, factorial, gcd, lcm, hypot, abs,
    round, floor, ceil, min, max, sum, pow. Angles are in radians.

    Args:
        expression: The expression, for example "sqrt(2) * (3 + 4)^2"
    """
    if not expression.strip():
        raise ValueError("the expression is empty")
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"the expression is longer than {MAX_LENGTH} characters")
    return _format(_evaluate(expression), expression)


def _evaluate(expression: str) -> Any:
    from simpleeval import InvalidExpression

    try:
        # Python's ^ binds weaker than +, so it cannot be given a meaning of its own after parsing.
        return _evaluator().eval(expression.strip().translate(_AS_TYPED).replace("^", "**"))
    except ZeroDivisionError:
        raise ValueError(f"division by zero in {expression!r}") from None
    except OverflowError:
        raise ValueError(f"the result of {expression!r} is too large") from None
    except SyntaxError as error:
        raise ValueError(f"{expression!r} is not an arithmetic expression: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError("the expression is nested too deeply") from None
    except (InvalidExpression, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{expression!r} cannot be evaluated: {error}") from None


def _evaluator() -> SimpleEval:
    import ast

    from simpleeval import SimpleEval

    operators: dict[type[ast.AST], Callable[..., Any]] = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: _power,
        ast.USub: operator.neg,
        ast.UAdd: operator.pos,
    }
    return SimpleEval(operators=operators, functions=_functions(), names=_constants())


def _constants() -> dict[str, float]:
    return {"pi": math.pi, "e": math.e, "tau": math.tau}


def _functions() -> dict[str, Callable[..., Any]]:
    names = (
        "sqrt cbrt exp log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh degrees radians "
        "gcd lcm hypot floor ceil"
    )
    found: dict[str, Callable[..., Any]] = {name: getattr(math, name) for name in names.split()}
    return found | {
        "abs": abs,
        "round": round,
        "min": min,
        "max": max,
        "sum": lambda *numbers: sum(numbers),
        "pow": _power,
        "factorial": _factorial,
    }


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and abs(base) > 1 and exponent * abs(base).bit_length() > MAX_BITS:
        raise OverflowError
    return base**exponent


def _factorial(number: int) -> int:
    if number > MAX_FACTORIAL:
        raise OverflowError
    return math.factorial(number)


def _format(value: Any, expression: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"the result of {expression!r} is not a real number")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"the result of {expression!r} is too large")
        return f"{value:.15g}"
    if value.bit_length() > 3 * MAX_BITS:
        raise ValueError(f"the result of {expression!r} is too large")
    return str(value)
