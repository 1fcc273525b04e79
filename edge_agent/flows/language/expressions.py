"""JSONata expressions, compiled once and evaluated within bounds.

Imported only where a flow has such a node: the library adds 1 MiB to an agent and takes 25 ms on a fast machine.

The library's own time limit counts from when the expression was compiled, by the wall clock, and none of its limits
knows of memory. So the bounds are set here, by the callbacks that it offers around every step of an evaluation; what
a single step could do without end is refused or guarded.
"""

import math
import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from pydantic import JsonValue

from edge_agent.flows.language.clock import Clock, SystemClock

_recursion_limit = sys.getrecursionlimit()
import jsonata.jsonata  # noqa: E402  its import raises the limit for the whole agent
from jsonata import Jsonata  # noqa: E402  as above
from jsonata.functions import Functions  # noqa: E402  as above
from jsonata.jexception import JException  # noqa: E402  as above
from jsonata.utils import Utils  # noqa: E402  as above

# With the library's 10,000, a deep recursion would overflow the stack of a flow's thread instead of raising.
sys.setrecursionlimit(_recursion_limit)
# What is called and is no function it prints to standard output, with all it holds, besides raising.
jsonata.jsonata.print = lambda *_values: None

MAX_SECONDS: Final = 1.0
"""How long one evaluation takes at most. The flow's other nodes wait for it."""
MAX_DEPTH: Final = 300
"""Steps within steps. Deep recursion ends here, or where Python's own limit is."""
MAX_ITEMS: Final = 20_000
"""Values in any result, also on the way: each value is one, each key, and all of 16 characters."""
MAX_TEXT: Final = 128 * 1024
"""Characters of any text; more could not be published anyway (AWS IoT: the largest MQTT message)."""
MAX_WORK: Final = 2_000_000
"""What all steps of one evaluation may yield: each result, element and 16 characters count one; so some 32 MB."""
MAX_DISTINCT: Final = 1_000
"""Elements that ``$distinct`` takes: it compares each with each."""
MAX_TIMESTAMP: Final = 40
"""Characters of a text that ``$toMillis`` reads: its patterns backtrack."""
MAX_TIMESTAMP_PARTS: Final = 8

RESERVED: Final = "__evaluate"
"""Start of the names under which the library looks for its callbacks; a variable of that name would replace them."""

NOTHING: Final = object()
"""What an expression yields that finds nothing; JSONata calls it undefined."""


class ExpressionError(Exception):
    """The expression does not read, fails, or does not end; the message is a clause for the operator."""


class Expression:
    """One compiled expression. It belongs to the thread that compiled it.

    Raises:
        ExpressionError: the text is no expression; the message says at which character.
    """

    def __init__(self, text: str, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        if RESERVED in text:
            message = f"names that start with {RESERVED} are reserved"
            raise ExpressionError(message)
        try:
            self._compiled = Jsonata(text, _refuse_regex)
        except JException as error:
            message = f"at character {max(error.location, 0)}: {error}"
            raise ExpressionError(message) from None
        except RecursionError:
            message = "it is nested too deeply"
            raise ExpressionError(message) from None
        except Exception as error:  # noqa: BLE001  the library's parser stumbles over some texts, such as "1 /"
            message = f"it ends or goes on where it should not ({type(error).__name__})"
            raise ExpressionError(message) from None
        self._compiled.set_output_convert_nulls(False)
        for name, (signature, method) in _GUARDED.items():
            self._compiled.register_function(name, Jsonata.function(name, signature, _Guarded, method))

    def evaluate(self, value: JsonValue, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON or NOTHING
        """Return what the expression makes of the value, as JSON of its own, or ``NOTHING``.

        Raises:
            ExpressionError: the evaluation fails or exceeds a bound, or its result is a function.
        """
        bounds = _Bounds(self._clock)
        environment = self._compiled.environment
        environment.set_evaluate_entry_callback(bounds.enter)
        environment.set_evaluate_exit_callback(bounds.leave)
        # The library evaluates by the expression that its thread compiled last, whichever it is told to evaluate.
        Jsonata.CURRENT.jsonata = self._compiled
        try:
            result = self._compiled.evaluate(value, dict(variables))
            bounds.weigh(result)
            return NOTHING if result is None else _plain(result)
        except ExpressionError:
            raise
        except RecursionError:
            message = f"it is nested more than {MAX_DEPTH} steps deep"
            raise ExpressionError(message) from None
        except Exception as error:  # noqa: BLE001  the library lets through whatever its arithmetic raises
            message = str(error) if isinstance(error, JException) else f"{type(error).__name__}: {error}"
            raise ExpressionError(message) from None


class _Bounds:
    """Watches one evaluation. Raises JException, the one exception that the library lets through everywhere."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._deadline = clock.now() + MAX_SECONDS
        self._depth = 0
        self._work = 0
        self._weights: dict[int, tuple[int, object]] = {}  # holds the values, too, so that no id is used twice

    def enter(self, _step: object, _value: object, _environment: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _stop(f"it is nested more than {MAX_DEPTH} steps deep")
        if self._now() > self._deadline:
            _stop(f"it takes more than {MAX_SECONDS:g} s")

    def leave(self, _step: object, _value: object, _environment: object, result: object) -> None:
        self._depth -= 1
        self._work += 1
        if isinstance(result, str):
            self._work += len(result) // 16
        elif isinstance(result, list | dict):
            self._work += len(result)
        if self._work > MAX_WORK:
            _stop(f"it makes more than {MAX_WORK} values on the way")
        self.weigh(result)

    def weigh(self, value: object) -> int:
        """Return how many values it holds, those that it holds twice counted twice."""
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                _stop(f"a text has more than {MAX_TEXT} characters")
            return 1 + len(value) // 16
        if not isinstance(value, list | dict):
            return 1
        known = self._weights.get(id(value))
        if known is not None:
            return known[0]
        weight = len(value)
        if weight <= MAX_ITEMS:  # looked at first: the elements of a range are only made when they are looked at
            weight = 1 + sum(map(self.weigh, value))
            if isinstance(value, dict):
                weight += sum(map(self.weigh, value.values()))
        if weight > MAX_ITEMS:
            _stop(f"a result holds more than {MAX_ITEMS} values")
        self._weights[id(value)] = (weight, value)
        return weight


class _Guarded:
    """Functions of the library that could take very long, or very much memory, in a single step."""

    @staticmethod
    def pad(string: str | None, width: float | None, char: str | None) -> Any:  # noqa: ANN401  as the library has it
        if isinstance(width, int | float) and abs(width) > MAX_TEXT:
            _stop(f"$pad makes more than {MAX_TEXT} characters")
        return Functions.pad(string, width, char)

    @staticmethod
    def join(strings: Any, separator: str | None) -> Any:  # noqa: ANN401  as the library has it
        texts = [text for text in strings or () if isinstance(text, str)]
        if sum(map(len, texts)) + len(texts) * len(separator or "") > MAX_TEXT:
            _stop(f"$join makes more than {MAX_TEXT} characters")
        return Functions.join(strings, separator)

    @staticmethod
    def replace(string: Any, pattern: Any, replacement: Any, limit: Any) -> Any:  # noqa: ANN401  as the library has it
        texts = isinstance(string, str) and isinstance(pattern, str) and isinstance(replacement, str)
        if texts and len(string) + string.count(pattern) * len(replacement) > MAX_TEXT:
            _stop(f"$replace makes more than {MAX_TEXT} characters")
        return Functions.replace(string, pattern, replacement, limit)

    @staticmethod
    def distinct(values: Any) -> Any:  # noqa: ANN401  as the library has it
        if isinstance(values, list) and len(values) > MAX_DISTINCT:
            _stop(f"$distinct takes at most {MAX_DISTINCT} values")
        return Functions.distinct(values)

    @staticmethod
    def to_millis(timestamp: str | None, picture: str | None) -> Any:  # noqa: ANN401  as the library has it
        if len(timestamp or "") > MAX_TIMESTAMP or (picture or "").count("[") > MAX_TIMESTAMP_PARTS:
            _stop(f"$toMillis reads {MAX_TIMESTAMP} characters in {MAX_TIMESTAMP_PARTS} parts at most")
        return Functions.datetime_to_millis(timestamp, picture)

    @staticmethod
    def evaluate(_text: object, _focus: object) -> NoReturn:
        _stop("$eval is not offered: an expression has to be known before the flow runs")


_GUARDED: Final[Mapping[str, tuple[str, str]]] = {
    "distinct": ("<x:x>", "distinct"),
    "eval": ("<sx?:x>", "evaluate"),
    "join": ("<a<s>s?:s>", "join"),
    "pad": ("<s-ns?:s>", "pad"),
    "replace": ("<s-(sf)(sf)n?:s>", "replace"),
    "toMillis": ("<s-s?:n>", "to_millis"),
}
"""By name: the signature that JSONata gives the function, and the method above."""


def _stop(clause: str) -> NoReturn:
    """End the evaluation, with a text that is not one of the library's list."""
    code = "D3137"  # its text is what comes with it
    raise JException(code, -1, clause)


def _refuse_regex(pattern: str, _flags: object) -> NoReturn:
    _stop(f"the pattern /{pattern}/ is not offered: a pattern can take for ever; compare texts, as with $contains")


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Return the result in the types that messages have, sharing nothing with the payload it came from."""
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            message = "its result holds a number that is not finite"
            raise ExpressionError(message)
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    message = "its result is a function; call it"
    raise ExpressionError(message)
