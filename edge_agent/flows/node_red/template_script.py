"""Templates as JavaScript: what Jinja would compile to Python is compiled to calls of ``scripts/templates.js``.

Only what :func:`edge_agent.flows.language.templates.parse_template` lets through is known here; its list and this one
are the same. Nothing of a template becomes code but as a literal: its names are looked up here, its texts are quoted.
"""

import functools
import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Final

from jinja2 import nodes

from edge_agent.flows.language.templates import parse_template
from edge_agent.flows.node_red.scripts import literal

ROOTS: Final = ("payload", "variables", "metadata")
"""What a template finds by name, in the order in which the compiled function takes it."""

_SIGNS: Final[Mapping[type[nodes.BinExpr], str]] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}

Scope = Mapping[str, str]
"""The names that a place in the template sees, and what they are called in JavaScript."""


def compile_template(text: str) -> str:
    """Return a function ``fillIn(payload, variables, metadata)`` that writes what a template makes of them.

    Raises:
        TemplateError: the text is no template.
    """
    body = _Compiler().statements(parse_template(text).body, {name: name for name in ROOTS})
    return f"function fillIn({', '.join(ROOTS)}) {{\n{body}}}\n"


class _Compiler:
    """Compiles one template; each variable of a loop gets a name of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def statements(self, body: Iterable[nodes.Node], scope: Scope) -> str:
        """Return a block's statements, one a line."""
        return "".join(self._statement(node, scope) for node in body)

    def _statement(self, node: nodes.Node, scope: Scope) -> str:
        match node:
            case nodes.Output(nodes=parts):
                return "".join(self._output(part, scope) for part in parts)
            case nodes.If():
                text = f"if (truth({self._value(node.test, scope)})) {{\n{self.statements(node.body, scope)}}}"
                for other in node.elif_:
                    test = self._value(other.test, scope)
                    text += f" else if (truth({test})) {{\n{self.statements(other.body, scope)}}}"
                return f"{text} else {{\n{self.statements(node.else_, scope)}}}\n"
            case nodes.For():
                return self._loop(node, scope)
            case _:
                raise _unknown(node)

    def _output(self, node: nodes.Node, scope: Scope) -> str:
        if isinstance(node, nodes.TemplateData):
            return f"writeText({literal(node.data)});\n"
        return f"write({self._value(node, scope)});\n"

    def _loop(self, node: nodes.For, scope: Scope) -> str:
        number = next(self._numbers)
        value, loop = f"value{number}", f"loop{number}"
        if not isinstance(node.target, nodes.Name) or not isinstance(node.iter, nodes.Filter) or node.iter.node is None:
            raise _unknown(node)
        inner = {**scope, node.target.name: value}
        values = self._value(node.iter.node, scope)  # the filter that counts is one of Jinja's environment
        test = "true" if node.test is None else f"truth({self._value(node.test, inner)})"
        body = self.statements(node.body, {"loop": loop, **inner} | {"loop": loop})
        otherwise = self.statements(node.else_, scope)
        return f"repeat({values}, ({value}) => {test}, ({value}, {loop}) => {{\n{body}}}, () => {{\n{otherwise}}});\n"

    @functools.singledispatchmethod
    def _value(self, node: nodes.Node, scope: Scope) -> str:  # noqa: ARG002  what it is made of may need them
        """Return an expression."""
        raise _unknown(node)

    @_value.register
    def _(self, node: nodes.Const, scope: Scope) -> str:  # noqa: ARG002  as above
        return _constant(node.value)

    @_value.register
    def _(self, node: nodes.Name, scope: Scope) -> str:
        return scope.get(node.name) or f"new Missing({literal(f'{node.name!r} is undefined')})"

    @_value.register
    def _(self, node: nodes.Getattr, scope: Scope) -> str:
        return f"attribute({self._value(node.node, scope)}, {literal(node.attr)}, {literal(repr(node.attr))})"

    @_value.register
    def _(self, node: nodes.Getitem, scope: Scope) -> str:
        shown = f", {literal(repr(node.arg.value))}" if isinstance(node.arg, nodes.Const) else ""
        return f"item({self._value(node.node, scope)}, {self._value(node.arg, scope)}{shown})"

    @_value.register
    def _(self, node: nodes.And, scope: Scope) -> str:
        return f"both({self._value(node.left, scope)}, () => {self._value(node.right, scope)})"

    @_value.register
    def _(self, node: nodes.Or, scope: Scope) -> str:
        return f"either({self._value(node.left, scope)}, () => {self._value(node.right, scope)})"

    @_value.register
    def _(self, node: nodes.Not, scope: Scope) -> str:
        return f"!truth({self._value(node.node, scope)})"

    @_value.register(nodes.Neg)
    @_value.register(nodes.Pos)
    def _(self, node: nodes.UnaryExpr, scope: Scope) -> str:
        return f"signed({literal(node.operator)}, {self._value(node.node, scope)})"

    @_value.register
    def _(self, node: nodes.BinExpr, scope: Scope) -> str:
        sign = literal(_SIGNS[type(node)])
        return f"calculate({sign}, {self._value(node.left, scope)}, {self._value(node.right, scope)})"

    @_value.register
    def _(self, node: nodes.Compare, scope: Scope) -> str:
        rest = ", ".join(f"[{literal(each.op)}, () => {self._value(each.expr, scope)}]" for each in node.ops)
        return f"compare({self._value(node.expr, scope)}, [{rest}])"

    @_value.register
    def _(self, node: nodes.CondExpr, scope: Scope) -> str:
        if node.expr2 is None:
            clause = (
                f"the inline if-expression on line {node.lineno} evaluated to false and no else section was defined"
            )
            other = f"new Blank({literal(clause)})"
        else:
            other = self._value(node.expr2, scope)
        return f"(truth({self._value(node.test, scope)}) ? {self._value(node.expr1, scope)} : {other})"

    @_value.register(nodes.Filter)
    @_value.register(nodes.Test)
    def _(self, node: nodes.Filter | nodes.Test, scope: Scope) -> str:
        if node.node is None:
            raise _unknown(node)
        given = [self._value(each, scope) for each in (node.node, *node.args)]
        kind = "filtered" if isinstance(node, nodes.Filter) else "tested"
        return f"{kind}({', '.join((literal(node.name), *given))})"


def _constant(value: object) -> str:
    if isinstance(value, float) and (value.is_integer() or math.isinf(value)):
        return f"new Real({value!r})" if math.isfinite(value) else "Infinity"
    if value is None or isinstance(value, bool | int | float | str):
        return literal(value)
    message = f"no constant of a template: {value!r}"
    raise TypeError(message)


def _unknown(node: nodes.Node) -> TypeError:
    return TypeError(f"no part of a template: {node!r}")
