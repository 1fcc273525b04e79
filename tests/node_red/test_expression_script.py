"""A translated ``expression`` makes of a payload what the built-in one does, by another library."""

import itertools
import json
import re
import time
from typing import Any, Final

import pytest

from edge_agent.flows.language.expressions import MAX_SECONDS
from edge_agent.flows.node_red.nodes.expression import evaluate
from edgeflow.contract.nodes.expression import ExpressionSettings
from tests.support.node_red_scripts import Script, answers, message, run_scripts
from tests.unit.edge_agent.flows.builtin.nodes.test_expression import RUNAWAYS
from tests.unit.edge_agent.flows.builtin.single import SingleNode

VARIABLES: Final[dict[str, Any]] = {
    "limit": 20, "mode": "day", "halls": [{"id": 7}, {"id": 8}], "env": "mine", "clone_of": {"a": None}, "flag": True,
}  # fmt: skip
PAYLOADS: Final[list[Any]] = json.loads("""[
    {"t": 21.5, "hall": {"name": "north", "load": 3}, "loads": [3, 1, 2], "none": null, "on": true, "a.b": "ü😀",
     "orders": [{"id": "a", "price": 10.5, "n": 2, "tags": ["x", "y"]}, {"id": "b", "price": 1, "n": 30, "tags": []},
                {"id": "c", "price": 7.25, "n": 1}]},
    {"t": "21", "loads": 4, "hall": [{"name": "a"}, {"name": "b"}]}, {}, [1, 2, 3], [], 5, -0.5, "text", "", true, null
]""")
CORPUS: Final = """
$
t
hall.name
`a.b`
t * 9 / 5 + 32
t + 1 - 2 * 3 % 2
-t
t > $limit and $mode = 'day'
t >= 21.5 or on
t = 21.5
hall = {"name": "north", "load": 3}
t in [21.5, 3]
on ? "yes" : "no"
nope ? 1
nope.more[0].x
none
[none, nope, t]
{"name": hall.name, "load": $sum(loads), "gone": nope}
loads[0]
loads[-1]
loads[$ > 1]
loads.($ * 2)
loads[[0..1]]
(loads)[1]
loads[]
hall[]
hall.*
**.name
orders.price
orders[price > 5].id
orders[0].tags
orders.tags
orders.tags[0]
orders.(price * n)
orders[n=30]
orders.{"id": id, "total": price * n}
orders{id: price}
orders{id: $sum(n)}
orders@$o.{"id": $o.id}
orders#$i.{"i": $i, "id": id}
orders.%.t
orders^(price).id
orders^(>price, id).id
$sum(orders.(price * n))
$count(orders)
$max(orders.price) & "/" & $min(orders.price) & "/" & $average(orders.n)
$string(t)
$string(loads)
$string(1e21) & " " & $string(1e-7) & " " & $string(0.1 + 0.2) & " " & $string(100000000)
$string(1/3)
$string([1, {"a": null}], true)
$number("12.5") + $number("1e3")
$number("x")
$uppercase(hall.name) & $lowercase("ABC") & $trim("  a   b ")
$length(`a.b`)
$substring("hällo", 1, 3) & $substring("abc", -2)
$substringBefore("a-b", "-") & $substringAfter("a-b", "-")
$pad("x", 5) & "|" & $pad("x", -5, "#")
$contains("abc", "b")
$split("a,b,c", ",")
$split("a,b,c", ",", 2)
$join(["a", "b"], "-")
$replace("aba", "b", "c")
$replace("a.b.a", "a", "x", 1)
$base64encode("abc") & $base64decode("YWJj")
$encodeUrlComponent("a b&c") & $decodeUrlComponent("%20")
$abs(-3.5) + $floor(2.7) + $ceil(2.1) + $sqrt(9) + $power(2, 10)
[$round(2.5), $round(3.5), $round(-2.5), $round(2.345, 2), $round(125, -1)]
$formatNumber(12345.678, "#,##0.00")
$formatNumber(0.14, "01%")
$formatBase(255, 16)
$formatInteger(12, "w")
$formatInteger(1999, "I")
$parseInteger("12", "0")
$boolean([]) or $boolean("x")
$not(on)
$exists(nope)
$append(loads, 4)
$reverse(loads)
$sort(loads)
$sort(orders, function($l, $r) { $l.price > $r.price }).id
$distinct([1, 1.0, "1", 2])
$zip([1, 2], ["a", "b"])
$shuffle([1])
$keys(hall)
$lookup(hall, "name")
$spread(hall)
$merge([hall, {"x": 1}])
$type(t) & $type(none) & $type(loads) & $type(hall)
$each(hall, function($v, $k) { $k & "=" & $v })
$sift(hall, function($v) { $v = 3 })
$map(loads, function($v, $i) { $v * $i })
$filter(loads, function($v) { $v > 1 })
$reduce(loads, function($a, $b) { $a + $b })
$single([1])
$assert(on, "is off")
$error("too hot")
loads ~> $sum
loads ~> $map(function($x) { $x + 1 }) ~> $sum
$ ~> |hall|{"load": 4}, ["name"]|
($x := t; $y := $x + 1; $y)
($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(10))
($f := function($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(1000, 0))
($add := function($a, $b) { $a + $b }; $inc := $add(?, 1); $inc(t))
[1..5]
[1..0]
$sum([1..100])
"a" & 1 & true & null & nope
"a" < "b"
1 < "b"
t + "1"
hall + 1
$sum("x")
t / 0
$power(10, 400)
$sqrt(-1)
$nope(1)
function($x) { $x }
$uppercase
{"f": $sum}
$eval("1")
$env("HOME")
$env
$moment()
$flowContext("a")
$globalContext("a")
$halls[0].id
$clone_of
$clone({"a": 1})
$flag
$undefined_variable
$fromMillis(0)
$fromMillis(1510067557121, "[Y0001]-[M01]-[D01] [H01]:[m01]")
$toMillis("1970-01-01T00:00:01Z")
$toMillis("1970-01-01T00:00:01Z", "nope")
$type($now()) & $type($millis())
{"__proto__": 1}
{"constructor": t, "toString": 1}
$.constructor
$lookup($, "__proto__")
hall.hasOwnProperty
""".strip().splitlines()


def _script(expression: str, **more: Any) -> str:  # noqa: ANN401  a setting
    return evaluate(ExpressionSettings.model_validate({"expression": expression, **more}), VARIABLES)


def _built_in(expression: str, payload: Any) -> list[Any] | str:  # noqa: ANN401  any JSON
    node = SingleNode("expression", {"expression": expression}, variables=VARIABLES)
    sent = node.answers(payload)
    return "fault" if node.errors else sent


def test_every_expression_of_the_corpus_makes_the_same_of_every_payload() -> None:
    pairs = list(itertools.product(CORPUS, PAYLOADS))
    told = answers([_script(each) for each, _ in pairs], [payload for _, payload in pairs])
    different = [
        (expression, payload, sent, errors, there)
        for (expression, payload), (sent, errors) in zip(pairs, told, strict=True)
        if ("fault" if errors else sent) != (there := _built_in(expression, payload))
    ]
    assert different == []


@pytest.mark.parametrize(
    ("expression", "built_in", "translated"),
    [
        ('$replace("aba", "b", "$0")', "aba", "a$0a"),
        ('$string({"a": "ü"})', '{"a":"\\u00fc"}', '{"a":"ü"}'),
    ],
)
def test_where_the_two_libraries_differ(expression: str, built_in: str, translated: str) -> None:
    """Each is told in docs/node-red.md."""
    assert _built_in(expression, {}) == [built_in]
    assert answers([_script(expression)], [{}]) == [([translated], [])]


@pytest.mark.parametrize("place", ["a", "b.c", "[0]"])
def test_a_result_goes_to_its_place(place: str) -> None:
    payloads: list[Any] = [{"t": 1}, {"t": 1, "b": 2}, [1], None]
    script = _script("$string(t) & $mode", property=place)
    for payload, told in zip(payloads, answers([script] * 4, payloads), strict=True):
        node = SingleNode("expression", {"expression": "$string(t) & $mode", "property": place}, variables=VARIABLES)
        assert told == (node.answers(payload), node.errors)


def test_one_node_evaluates_message_after_message() -> None:
    steps = [message(payload, _msgid=str(payload), topic="t") for payload in [*range(5), "x", 6]]
    [told] = run_scripts([Script(_script("$ + 1"), steps)])
    assert [step.payloads for step in told] == [[1], [2], [3], [4], [5], [], [7]]
    assert [step.done for step in told] == [1] * 7
    assert [len(step.errors) for step in told] == [0, 0, 0, 0, 0, 1, 0]
    assert told[0].sent == [(0, {"_msgid": "0", "payload": 1, "topic": "t"})]


def test_a_payload_and_variables_stay_as_they_are() -> None:
    expression = "($reverse(a); $append(a, 4); $halls ~> |$|{'id': 1}|; a[])"
    steps = [message({"a": [1, 2]})] * 2
    [told] = run_scripts([Script(_script(expression, property="b"), steps)])
    assert [step.payloads for step in told] == [[{"a": [1, 2], "b": [1, 2]}]] * 2


@pytest.mark.parametrize("expression", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_ends_as_the_built_in_one_does(expression: str) -> None:
    started = time.monotonic()
    [(sent, [error])] = answers([_script(expression)], [{}])
    assert sent == []
    assert re.match("The expression failed with a message: (it |a |its |\\$|The second)", error)
    assert time.monotonic() - started < MAX_SECONDS + 8
