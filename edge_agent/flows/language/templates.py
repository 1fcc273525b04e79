"""Texts with places to fill in, in a small part of Jinja's language.

Imported only where a flow has such a node: the library adds 2 MiB to an agent and takes 30 ms on a fast machine.

Jinja's sandbox keeps a template from reaching Python, not from running for ever or growing without end. So only what
fills in, compares, chooses and repeats is taken of its language: ``_ALLOWED`` lists what may be in a template, rather
than what may not. There are no calls, no assignments and no powers, so nothing grows by itself; what is left to bound
are loops, filters, time and the output.
"""

import contextlib
import json
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import jinja2
from jinja2 import filters, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from edge_agent.flows.language.clock import Clock, SystemClock

MAX_SECONDS: Final = 1.0
"""How long filling in takes at most. The flow's other nodes wait for it."""
MAX_OUTPUT: Final = 128 * 1024
"""Characters of the output and of any text on the way (AWS IoT: the largest MQTT message)."""
MAX_REPEATS: Final = 10_000
"""Times that all loops of a template go round together."""
MAX_FILTERED: Final = 16 * 1024 * 1024
"""Characters and entries that all filters of a template read and write together: the same on every machine."""
MAX_NESTING: Final = 40
"""Levels of the parsed template."""
MAX_LOOPS_NESTED: Final = 4
MAX_DIGITS: Final = 12
MAX_NUMBER_BITS: Final = 1_024
"""A whole number may be as large as the largest float."""

_ALLOWED: Final = (
    nodes.Add, nodes.And, nodes.Compare, nodes.CondExpr, nodes.Const, nodes.Div, nodes.Filter, nodes.FloorDiv,
    nodes.For, nodes.Getattr, nodes.Getitem, nodes.If, nodes.Mod, nodes.Mul, nodes.Name, nodes.Neg, nodes.Not,
    nodes.Operand, nodes.Or, nodes.Output, nodes.Pos, nodes.Sub, nodes.Template, nodes.TemplateData, nodes.Test,
)  # fmt: skip
_TESTS: Final = (
    "boolean",
    "defined",
    "divisibleby",
    "even",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "string",
    "undefined",
)
_LOOP_ATTRIBUTES: Final = frozenset({"first", "index", "index0", "last", "length"})
_NUMBER_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


class TemplateError(Exception):
    """The text is no template, or cannot be filled in; the message is a clause for the operator."""


class Template:
    """One compiled template.

    Raises:
        TemplateError: the text is no template; the message says in which line.
    """

    def __init__(self, text: str, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._bounds = _Bounds(self._clock)
        environment = _Environment(self)
        with _faults_of_the_text():
            self._compiled = environment.from_string(_parse(environment, text))

    @property
    def bounds(self) -> "_Bounds":
        """What the filling in at work has left."""
        return self._bounds

    def fill_in(self, values: Mapping[str, Any]) -> str:
        """Return the text, filled in with the values: texts as they are, everything else as JSON.

        Raises:
            TemplateError: a value is missing or of a kind that cannot be used so, or a bound is exceeded.
        """
        self._bounds = _Bounds(self._clock)
        parts = []
        try:
            for part in self._compiled.generate(values):
                self._bounds.check_output(part)
                parts.append(part)
        except TemplateError:
            raise
        except jinja2.UndefinedError as error:
            message = error.message or "a value is missing"
            raise TemplateError(message) from None
        except Exception as error:  # noqa: BLE001  filters let through whatever their arithmetic raises
            raise TemplateError(str(error) or type(error).__name__) from None
        return "".join(parts)


def parse_template(text: str) -> nodes.Template:
    """Return what a template is made of: parts of :data:`_ALLOWED`, the list of each loop in a filter that counts.

    Raises:
        TemplateError: the text is no template; the message says in which line.
    """
    with _faults_of_the_text():
        return _parse(_Environment(Template("")), text)


def _parse(environment: "_Environment", text: str) -> nodes.Template:
    tree = environment.parse(text)
    _check(tree)
    return tree


@contextlib.contextmanager
def _faults_of_the_text() -> Iterator[None]:
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        message = f"in line {error.lineno}: {error.message}"
        raise TemplateError(message) from None
    except (RecursionError, MemoryError):  # Python's own parser says the latter of too many brackets
        message = "it is nested too deeply"
        raise TemplateError(message) from None


class _Bounds:
    """What one filling in may still take."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._deadline = clock.now() + MAX_SECONDS
        self._repeats = 0
        self._output = 0
        self._filtered = 0

    def check_time(self) -> None:
        if self._now() > self._deadline:
            message = f"it takes more than {MAX_SECONDS:g} s"
            raise TemplateError(message)

    def check_text(self, value: object) -> None:
        if isinstance(value, str) and len(value) > MAX_OUTPUT:
            message = f"a text on the way has more than {MAX_OUTPUT} characters"
            raise TemplateError(message)

    def filtered(self, *values: object) -> None:
        """Count what a filter reads or writes."""
        self._filtered += sum(len(value) for value in values if isinstance(value, str | list | dict))
        if self._filtered > MAX_FILTERED:
            message = f"its filters read and write more than {MAX_FILTERED} characters"
            raise TemplateError(message)

    def check_output(self, part: str) -> None:
        self._output += len(part)
        if self._output > MAX_OUTPUT:
            message = f"it makes more than {MAX_OUTPUT} characters"
            raise TemplateError(message)

    def repeat(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._repeats += 1
            if self._repeats > MAX_REPEATS:
                message = f"its loops go round more than {MAX_REPEATS} times"
                raise TemplateError(message)
            self.check_time()
            yield value


class _Environment(SandboxedEnvironment):
    """Jinja for one template: its bounds, values written as JSON, and nothing of Python to reach."""

    intercepted_binops = frozenset(_NUMBER_OPERATORS)

    def __init__(self, template: Template) -> None:
        # Without the optimizer nothing is worked out while compiling, where no bounds are set.
        super().__init__(
            undefined=jinja2.StrictUndefined, optimized=False, keep_trailing_newline=True, finalize=self._write
        )
        self._template = template
        self.globals.clear()
        self.tests = {
            name: self.tests[name] for name in (*_TESTS, "==", "!=", "<", "<=", ">", ">=") if name in self.tests
        }
        self.filters = {name: self._bounded(function) for name, function in _FILTERS.items()}
        self.filters[_REPEAT] = lambda values: template.bounds.repeat(_elements(values))

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401  any value
        """Return an object's value: a key, never a method of Python's."""
        if isinstance(obj, LoopContext) and attribute in _LOOP_ATTRIBUTES:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401  any value
        """Return an object's value or a list's element; undefined where there is none."""
        if isinstance(obj, jinja2.Undefined):
            return obj[argument]  # raises, naming what is missing
        if isinstance(obj, dict) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        is_index = isinstance(argument, int) and not isinstance(argument, bool)
        if isinstance(obj, list) and is_index and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(hint=f"there is nothing at {argument!r}")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401, ARG002  any value
        """Work with numbers alone: Python would also lengthen texts and lists, and fill in patterns."""
        for value in (left, right):
            if isinstance(value, jinja2.Undefined):
                str(value)  # raises, naming what is missing
            if not isinstance(value, int | float) or isinstance(value, bool):
                message = f"{operator} works with numbers; write texts next to each other"
                raise TemplateError(message)
        result = _NUMBER_OPERATORS[operator](left, right)
        if isinstance(result, int) and result.bit_length() > MAX_NUMBER_BITS:
            message = "a number becomes too large"
            raise TemplateError(message)
        return result

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def bounded(*arguments: Any) -> Any:  # noqa: ANN401  any value
            bounds = self._template.bounds
            bounds.check_time()
            bounds.filtered(*arguments)
            result = function(*arguments)
            bounds.check_text(result)
            bounds.filtered(result)
            return result

        return bounded

    def _write(self, value: object) -> object:
        self._template.bounds.check_time()
        if isinstance(value, str | jinja2.Undefined):
            return value  # the latter raises when it is written, naming what is missing
        return _to_json(value)


def _check(node: nodes.Node, depth: int = 0, loops: int = 0) -> None:
    """Refuse what is not in the list, and let loops count how often they go round."""
    lineno = getattr(node, "lineno", None) or 1
    fault = None
    if not isinstance(node, _ALLOWED):
        fault = f"{type(node).__name__.lower()} is not offered; {_OFFERED}"
    elif isinstance(node, nodes.Filter | nodes.Test) and not _is_offered(node):
        kind, offered = ("filter", _FILTERS) if isinstance(node, nodes.Filter) else ("test", _TESTS)
        fault = f"there is no {kind} {node.name} with such arguments; there are {', '.join(offered)}"
    elif depth > MAX_NESTING or loops > MAX_LOOPS_NESTED:
        fault = f"it is nested too deeply; at most {MAX_LOOPS_NESTED} loops and {MAX_NESTING} levels"
    if fault is not None:
        raise jinja2.TemplateSyntaxError(fault, lineno)
    inner = loops + isinstance(node, nodes.For)
    for child in node.iter_child_nodes():
        _check(child, depth + 1, inner)
    if isinstance(node, nodes.For):
        node.iter = nodes.Filter(node.iter, _REPEAT, [], [], None, None, lineno=lineno)


def _is_offered(node: nodes.Filter | nodes.Test) -> bool:
    names = _FILTERS if isinstance(node, nodes.Filter) else _TESTS
    return node.name in names and not (node.kwargs or node.dyn_args or node.dyn_kwargs)


def _elements(value: Any) -> list[Any]:  # noqa: ANN401  any value
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, naming what is missing
    if isinstance(value, dict):
        return list(value)
    if not isinstance(value, list):
        message = "a loop goes through a list or the keys of an object"
        raise TemplateError(message)
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else _to_json(value)


def _number(value: object) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        message = "the filter works with a number"
        raise TemplateError(message)
    return value


def _to_json(value: object) -> str:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, naming what is missing
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        message = "a value cannot be written as JSON"
        raise TemplateError(message) from None


def _fixed(value: object, digits: object = 2) -> str:
    """Return a number with so many digits after the point."""
    if not isinstance(digits, int) or not 0 <= digits <= MAX_DIGITS or not math.isfinite(_number(value)):
        message = f"fixed takes a finite number and 0 to {MAX_DIGITS} digits"
        raise TemplateError(message)
    return f"{_number(value):.{digits}f}"


def _round(value: object, digits: object = 0) -> int | float:
    if not isinstance(digits, int) or not 0 <= digits <= MAX_DIGITS:
        message = f"round takes 0 to {MAX_DIGITS} digits"
        raise TemplateError(message)
    return round(_number(value), digits) if digits else round(_number(value))


def _join(values: object, separator: object = "") -> str:
    texts = [_text(value) for value in _elements(values)]
    between = _text(separator)
    if sum(map(len, texts)) + len(texts) * len(between) > MAX_OUTPUT:
        message = f"join makes more than {MAX_OUTPUT} characters"
        raise TemplateError(message)
    return between.join(texts)


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | dict) else len(_elements(value))


def _keys(value: object) -> list[str]:
    if not isinstance(value, dict):
        message = "keys works with an object"
        raise TemplateError(message)
    return sorted(value)


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": lambda value: abs(_number(value)),
    "capitalize": lambda value: _text(value).capitalize(),
    "default": filters.do_default,
    "fixed": _fixed,
    "join": _join,
    "keys": _keys,
    "length": _length,
    "lower": lambda value: _text(value).lower(),
    "round": _round,
    "tojson": _to_json,
    "trim": lambda value: _text(value).strip(),
    "upper": lambda value: _text(value).upper(),
}
_REPEAT: Final = "repeat within bounds"  # no template can name a filter with blanks
_OFFERED: Final = "values, if, for, comparisons, and, or, not, + - * / // %, filters and tests are"
