"""``expression``: what JSONata makes of messages, and that no expression runs away."""

import copy
import json
import subprocess
import sys
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.language import expressions
from edge_agent.flows.language.expressions import MAX_SECONDS, NOTHING, Expression, ExpressionError
from edge_agent.flows.language.rejected import FlowRejected
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.flows.builtin.bench import ManualClock, artifact, node
from tests.unit.edge_agent.flows.builtin.single import NODE_ID, SingleNode

PAYLOAD: dict[str, Any] = {"t": 20, "loads": [1, 2, 3], "hall": {"name": "north"}, "none": None}
MEBIBYTE = 2**20


def _result(expression: str, payload: Any = PAYLOAD, **variables: Any) -> Any:  # noqa: ANN401  any JSON
    it = SingleNode("expression", {"expression": expression}, variables=variables)
    results = it.answers(payload)
    assert it.errors == []
    [result] = results
    return result


def _error(expression: str, payload: Any = PAYLOAD, **variables: Any) -> str:  # noqa: ANN401  any JSON
    it = SingleNode("expression", {"expression": expression}, variables=variables)
    assert it.answers(payload) == []
    [error] = it.errors
    return error


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("t * 9 / 5 + 32", 68),
        ('{"name": hall.name, "load": $sum(loads)}', {"name": "north", "load": 6}),
        ("loads[$ > 1]", [2, 3]),
        ("loads.($ * 2)", [2, 4, 6]),
        ("none", None),
        ("[1..3]", [1, 2, 3]),
        ("$", PAYLOAD),
        ("[nope]", []),
        ('$join(["a", "b"], "-") & $pad("x", 3) & $replace("aba", "b", "c")', "a-bx  aca"),
        ("$distinct([1, 1, 2])", [1, 2]),
        ('$toMillis("1970-01-01T00:00:01Z")', 1000),
        ("($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(10))", 3628800),
        ("($f := function($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(1000, 0))", 500500),
    ],
)
def test_an_expression_makes_a_payload(expression: str, result: object) -> None:
    assert _result(expression) == result


def test_the_flow_s_variables_are_at_hand() -> None:
    assert _result("t > $limit and $mode = 'day'", limit=10, mode="day") is True
    assert _result("$halls[0].id", halls=[{"id": 7}]) == 7


def test_a_payload_that_is_a_list_is_one_value() -> None:
    assert _result("$count($)", [1, 2, 3]) == 3


def test_a_result_can_go_to_a_place_in_the_payload() -> None:
    it = SingleNode("expression", {"expression": "a + 1", "property": "b.c"})
    it.send({"a": 1}, metadata={"unit": "celsius"})
    assert it.sent[0].payload == {"a": 1, "b": {"c": 2}}
    assert (it.sent[0].source, it.sent[0].metadata) == (NODE_ID, {"unit": "celsius"})
    it.send({"a": 1, "b": 2})
    assert "takes nothing at 'b.c'" in it.errors[0]


@pytest.mark.parametrize(
    "expression",
    [
        "$append(loads, 4)",
        "$reverse(loads)",
        "$sort(loads, function($a, $b) { $a < $b })",
        "$merge([hall, {'name': 1}])",
        "$ ~> | hall | {'name': 1}, ['t'] |",
        "loads^(>$)",
        "$v ~> | $ | {'a': 2} |",
        "[$v.a, $v.a]",
    ],
)
def test_neither_payload_nor_variables_are_changed(expression: str) -> None:
    payload, variables = copy.deepcopy(PAYLOAD), {"v": {"a": [1]}}
    result = _result(expression, payload, **variables)
    json.dumps(result)
    assert (payload, variables) == (PAYLOAD, {"v": {"a": [1]}})


def test_a_result_shares_nothing_with_the_payload() -> None:
    payload = copy.deepcopy(PAYLOAD)
    assert _result("hall", payload) == payload["hall"]
    assert _result("hall", payload) is not payload["hall"]


def test_an_expression_that_finds_nothing_sends_nothing() -> None:
    it = SingleNode("expression", {"expression": "load[$ > 5]"})
    assert it.answers({"load": 3}, {}, {"load": 7}) == [7]
    assert it.errors == []


def test_two_nodes_on_one_thread_do_not_mix() -> None:
    first = SingleNode("expression", {"expression": "$x & $string($now() != '')"}, variables={"x": "first "})
    second = SingleNode("expression", {"expression": "$x"}, variables={"x": "second"})
    assert first.answers(1) + second.answers(1) + first.answers(1) == ["first true", "second", "first true"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("t / 0", "ZeroDivisionError"),
        ("hall + 1", "must evaluate to a number"),
        ("$error('too hot')", "too hot"),
        ("$nope(1)", "non-function"),
        ("function($x) { $x }", "function"),
        ("$uppercase", "is a function"),
        ('$eval("1")', "$eval is not offered"),
        ("$power(10, 400)", "OverflowError"),
    ],
)
def test_an_expression_that_fails_is_said_and_the_next_message_goes_on(expression: str, words: str) -> None:
    assert words in _error(expression)
    it = SingleNode("expression", {"expression": f"bad ? ({expression}) : 1"})
    assert it.answers({"bad": True, **PAYLOAD}, {"bad": False}) == [1]


RUNAWAYS = {
    "endless tail calls": "($f := function($n) { $f($n + 1) }; $f(0))",
    "endless recursion": "($f := function($n) { 1 + $f($n + 1) }; $f(0))",
    "mutual recursion": "($a := function() { $b() }; $b := function() { $a() }; $a())",
    "a text that doubles": "($f := function($s) { $f($s & $s) }; $f('x'))",
    "a text that is joined": "($f := function($s) { $f($join([$s, $s])) }; $f('x'))",
    "a list that doubles": "($f := function($s) { $f($append($s, $s)) }; $f([1]))",
    "lists in lists": "($f := function($s) { $f([[$s], [$s]]) }; $f(1))",
    "objects in objects": "($f := function($s) { $f({'a': $s, 'b': $s}) }; $f(1))",
    "lists in lists, as text": "$string($reduce([1..200], function($s, $n) { [[$s], [$s]] }, 1))",
    "one text in many lists": "($s := $pad('x', 1000); $string($reduce([1..12], function($l) { [[$l], [$l]] }, $s)))",
    "a long range": "$sum([1..10000000])",
    "ranges in ranges": "[1..10000].([1..10000])",
    "loops in loops": "$map([1..9000], function($a) { $map([1..9000], function($b) { $a * $b }) })",
    "a sort without end": "$sort([1..9000], function($a, $b) { $sum([1..9000]) > 0 })",
    "many long texts": "[1..9000].($pad('x', 100000))",
    "a wide pad": "$pad('x', 1000000000)",
    "a join by long texts": "$join($map([1..9000], function($x) { 'x' }), $pad('y', 10000))",
    "a replace by long texts": "$replace($pad('x', 100000, 'x'), 'x', $pad('y', 10000))",
    "each compared with each": "$distinct([1..19000])",
    "a date that backtracks": "$toMillis($pad('1', 300, '1') & 'x', '[Y][M][D][H][m][s]')",
    "many parts of a date": "$toMillis('11111111111111111111111111111111x', '[Y][M][D][H][m][s][Y][M][D][H]')",
}


@pytest.mark.parametrize("expression", RUNAWAYS.values(), ids=RUNAWAYS.keys())
@pytest.mark.slow
def test_a_runaway_ends_soon_and_takes_little_memory(expression: str) -> None:
    tracemalloc.start()
    started = time.process_time()  # what is computed, whatever else the machine is busy with
    try:
        error = _error(expression)
        took, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.startswith("The expression failed with a message: ")
    assert took < MAX_SECONDS + 3
    assert most < 64 * MEBIBYTE


ENDED_BY_WORK = {"endless tail calls", "mutual recursion", "loops in loops", "a sort without end"}
"""Where time stands still, nothing but what they have made on the way ends these."""
LITTLE_WORK = 200_000
"""So much of it that they end soon; the others end by other bounds, with the work that the agent allows."""


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_ends_also_where_time_stands_still(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_work = name in ENDED_BY_WORK
    if by_work:
        monkeypatch.setattr(expressions, "MAX_WORK", LITTLE_WORK)
    with pytest.raises(ExpressionError) as ended:
        Expression(RUNAWAYS[name], clock=ManualClock()).evaluate(PAYLOAD, {})
    if by_work:
        assert f"it makes more than {LITTLE_WORK} values on the way" in str(ended.value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a +", "at character 3: Unexpected end"),
        ("1 +* 2", "at character 6"),
        ("$match(a, /(x+)+y/)", "pattern /(x+)+y/ is not offered"),
        ("a /", "ends or goes on where it should not"),
        ("($__evaluate_entry := 1; 2)", "reserved"),
        ("(" * 2000 + "1" + ")" * 2000, "nested too deeply"),
        ("", "at least 1 character"),
        ("1" + " " * 8_192, "at most 8192 characters"),
    ],
)
def test_what_is_no_expression_fails_the_check(expression: str, words: str) -> None:
    with pytest.raises(FlowRejected) as caught:
        check_for_builtin(artifact({"nodes": [node("it", "expression", expression=expression)]}))
    assert caught.value.reason is Reason.INVALID_ARTIFACT
    assert words in caught.value.message


TOKENS = st.sampled_from(
    ["$", "a", "b", ".", "[", "]", "(", ")", "{", "}", "1", "2.5", "'x'", "+", "-", "*", "/", "&", "?", ":", ":=", ";",
     "$f", "function", "($x)", "{$x}", "in", "and", "=", "<", "~>", "|", "^", "%", "@", "#", "$sum", "$map", "$string",
     "null", "true", "..", "**", "`a`", ",", " ", "$reduce", "$sort", "$merge", "$toMillis", "$formatNumber"]
)  # fmt: skip


@given(st.lists(TOKENS, max_size=14).map("".join))
def test_whatever_is_written_is_refused_fails_in_a_sentence_or_gives_json(text: str) -> None:
    try:
        result = Expression(text).evaluate({"a": [1, {"b": "x"}], "b": {"a": None}}, {"x": 2})
    except ExpressionError:
        return
    if result is not NOTHING:
        json.dumps(result, allow_nan=False)


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "non-function" in _error("t()")
    assert capsys.readouterr() == ("", "")


def test_a_variable_of_a_reserved_name_does_not_lift_the_bounds() -> None:
    it = SingleNode("expression", {"expression": RUNAWAYS["endless tail calls"]}, variables={"__evaluate_entry": None})
    assert it.start_error is not None
    assert "reserved" in it.start_error


def test_an_expression_is_required() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        SingleNode("expression", {})


def test_the_library_is_loaded_by_the_first_expression_and_leaves_the_recursion_limit() -> None:
    program = (
        "import sys; import edge_agent.flows.builtin.flow; assert 'jsonata' not in sys.modules; "
        "before = sys.getrecursionlimit(); import edge_agent.flows.language.expressions; "
        "assert 'jsonata' in sys.modules; assert sys.getrecursionlimit() == before"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)  # noqa: S603  this interpreter
