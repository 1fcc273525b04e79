"""``template``: what it fills in, and that no template runs away or reaches Python."""

import subprocess
import sys
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.templates import (
    MAX_FILTERED,
    MAX_OUTPUT,
    MAX_REPEATS,
    MAX_SECONDS,
    Template,
    TemplateError,
)
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.flows.builtin.bench import ManualClock, artifact, node
from tests.unit.edge_agent.flows.builtin.single import NODE_ID, SingleNode

PAYLOAD = {
    "t": 21.456,
    "ok": True,
    "none": None,
    "name": 'north "hall"',
    "items": [1, 2],
    "halls": [{"id": "a", "loads": [1, 2]}, {"id": "b", "loads": []}],
}
MEBIBYTE = 2**20


def _node(template: str, **settings: Any) -> SingleNode:  # noqa: ANN401  any setting
    return SingleNode("template", {"template": template, **settings}, variables={"limit": 30})


def _text(template: str, payload: Any = PAYLOAD, **settings: Any) -> Any:  # noqa: ANN401  any JSON
    it = _node(template, **settings)
    texts = it.answers(payload)
    assert it.errors == []
    [text] = texts
    return text


def _error(template: str, payload: Any = PAYLOAD, **settings: Any) -> str:  # noqa: ANN401  any JSON
    it = _node(template, **settings)
    assert it.answers(payload) == []
    [error] = it.errors
    return error


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain\n", "plain\n"),
        ("{{ payload.name }}: {{ payload.t }} of {{ variables.limit }}", 'north "hall": 21.456 of 30'),
        ("{{ payload.ok }} {{ payload.none }} {{ payload['items'] }} {{ payload.items[0] }}", "true null [1, 2] 1"),
        ("{{ payload.t | round(1) }} {{ payload.t | round }}", "21.5 21"),
        ("{{ payload.t | fixed }} {{ 2 | fixed(1) }}", "21.46 2.0"),
        ("{{ (payload.t * 2 - 1) // 5 % 4 }}", "0.0"),
        ("{% if payload.t > variables.limit %}hot{% elif payload.ok %}fine{% else %}?{% endif %}", "fine"),
        ("{% for h in payload.halls %}{{ loop.index }}{{ h.id }}{{ '' if loop.last else ', ' }}{% endfor %}", "1a, 2b"),
        ("{% for h in payload.halls %}{% for l in h.loads %}{{ l }}{% else %}-{% endfor %}{% endfor %}", "12-"),
        ("{% for h in payload.halls if h.loads %}{{ h.id }}{% endfor %}", "a"),
        ("{% for key in payload.halls[0] %}{{ key }} {% endfor %}", "id loads "),
        ("{{ payload['items'] | join('+') }} {{ payload.halls[-1] | keys | join }}", "1+2 idloads"),
        ("{{ payload.nope | default('none') }} {{ 'é' | upper }} {{ payload.name | length }}", "none É 12"),
        ("{{ 'yes' if payload.nope is defined else 'no' }} {{ payload.t is number and not payload.ok }}", "no false"),
        ("{{ payload.name | tojson }}", '"north \\"hall\\""'),
    ],
)  # fmt: skip
def test_a_template_is_filled_in(template: str, text: str) -> None:
    assert _text(template) == text


def test_json_is_read_and_goes_to_its_place() -> None:
    it = _node('{"name": {{ payload.name | tojson }}, "hot": {{ payload.t > 30 }}}', format="json", property="alarm")
    it.send({"name": '"', "t": 1}, metadata={"unit": "celsius"})
    assert it.sent[0].payload == {"name": '"', "t": 1, "alarm": {"name": '"', "hot": False}}
    assert (it.sent[0].source, it.sent[0].metadata) == (NODE_ID, {"unit": "celsius"})


def test_metadata_is_at_hand() -> None:
    it = _node("{{ payload }} {{ metadata.unit }}")
    it.send(5, metadata={"unit": "celsius"})
    assert it.take() == ["5 celsius"]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10))
@pytest.mark.slow
def test_any_payload_survives_as_json(payload: Any) -> None:  # noqa: ANN401  any JSON
    assert _text("{{ payload | tojson }}", payload, format="json") == payload


@pytest.mark.parametrize(
    ("template", "settings", "words"),
    [
        ("{{ payload.nope }}", {}, "nothing at 'nope'"),
        ("{{ payload.nope.more }}", {}, "nothing at 'nope'"),
        ("{{ nope }}", {}, "'nope' is undefined"),
        ("{{ payload.name.upper }}", {}, "nothing at 'upper'"),
        ("{{ payload.keys }}", {}, "nothing at 'keys'"),
        ("{{ payload['__class__'] }}", {}, "nothing at '__class__'"),
        ("{{ payload.name + 'x' }}", {}, "+ works with numbers"),
        ("{{ payload.name * 3 }}", {}, "* works with numbers"),
        ("{{ '%9999999999d' % 1 }}", {}, "% works with numbers"),
        ("{{ 1 / 0 }}", {}, "division by zero"),
        ("{{ payload.name | round }}", {}, "works with a number"),
        ("{{ payload.t | fixed(1000000) }}", {}, "0 to 12 digits"),
        ("{% for x in payload.t %}{% endfor %}", {}, "a loop goes through a list"),
        ("{% for x in payload.nope %}{% endfor %}", {}, "nothing at 'nope'"),
        ("{{ payload.name }}", {"format": "json"}, "is no JSON"),
        ("NaN", {"format": "json"}, "NaN is not JSON"),
        ("x", {"property": "t.x"}, "takes nothing at 't.x'"),
    ],
)
def test_what_cannot_be_filled_in_is_said_and_the_next_message_goes_on(
    template: str, settings: dict[str, Any], words: str
) -> None:
    assert words in _error(template, **settings)
    it = _node("{{ payload.a }}")
    assert it.answers({}, {"a": 1}) == ["1"]


LONG = {
    "text": "x" * 100_000,
    "quotes": '"' * 50_000,
    "list": list(range(1000)),
    "lines": ["y"] * 5000,
    "number": 10**300,
}

RUNAWAYS = {
    "loops in loops": "{% for a in payload.list %}{% for b in payload.list %}{% endfor %}{% endfor %}",
    "a loop that writes": "{% for a in payload.list %}{{ payload.text }}{% endfor %}",
    "many texts": "{{ payload.text }}" * 500,
    "JSON of JSON": "{{ payload.quotes" + " | tojson" * 20 + " }}",
    "a long join": "{{ payload.lines | join(payload.text) }}",
    "a number without end": "{{ payload.number" + " * payload.number" * 30 + " }}",
    "costly filters": "{% for a in payload.list %}{% if payload.text" + " | upper" * 30 + " %}{% endif %}{% endfor %}",
}  # fmt: skip


@pytest.mark.parametrize("template", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_ends_soon_and_takes_little_memory(template: str) -> None:
    it = _node(template)
    tracemalloc.start()
    started = time.process_time()  # what is computed, whatever else the machine is busy with
    try:
        assert it.answers(LONG) == []
        took, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert it.errors[0].startswith("The template could not be filled in with a message: ")
    assert took < MAX_SECONDS + 2
    assert most < 32 * MEBIBYTE


@pytest.mark.parametrize("template", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_is_refused_also_where_time_stands_still(template: str) -> None:
    with pytest.raises(TemplateError):
        Template(template, clock=ManualClock()).fill_in({"payload": LONG})


def test_what_is_just_within_the_bounds_is_filled_in() -> None:
    assert len(_text("{% for x in payload %}{% endfor %}" + "{{ payload[0] }}", ["x" * MAX_OUTPUT])) == MAX_OUTPUT
    assert _text("{% for x in payload %}{% endfor %}", [0] * MAX_REPEATS) == ""
    assert "go round more" in _error("{% for x in payload %}{% endfor %}", [0] * (MAX_REPEATS + 1))
    assert "more than" in _error("{{ payload }}!", "x" * MAX_OUTPUT)
    chunk = "x" * (MAX_FILTERED // 256)
    assert _text("{% for x in payload %}{{ '' if x | upper }}{% endfor %}", [chunk] * 128) == ""
    assert "filters" in _error("{% for x in payload %}{{ '' if x | upper }}{% endfor %}", [chunk] * 129)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ payload", "in line 1: unexpected end"),
        ("\n\n{% if %}", "in line 3: "),
        ("{% if payload %}", "in line 1: Unexpected end"),
        ("{{ payload.upper() }}", "call is not offered"),
        ("{{ range(9) }}", "call is not offered"),
        ("{{ 9 ** 9 ** 9 }}", "pow is not offered"),
        ("{{ 'a' ~ 'b' }}", "concat is not offered"),
        ("{% set x = 1 %}", "assign is not offered"),
        ("{% macro m() %}{% endmacro %}", "macro is not offered"),
        ("{% include 'x' %}", "include is not offered"),
        ("{% for x in payload recursive %}{{ loop(x) }}{% endfor %}", "call is not offered"),
        ("{{ payload[1:2] }}", "slice is not offered"),
        ("{{ payload | center(1000000000) }}", "no filter center"),
        ("{{ payload | repeat }}", "no filter repeat"),
        ("{{ payload | join(d='x') }}", "no filter join with such arguments"),
        ("{{ payload is callable }}", "no test callable"),
        ("{{ 4 is divisibleby(*payload) }}", "no test divisibleby with such arguments"),
        ("{{ 4 is divisibleby(**payload) }}", "no test divisibleby with such arguments"),
        ("{% for a in payload %}" * 5 + "{% endfor %}" * 5, "nested too deeply"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply"),
        ("{{ 9" + " * 9" * 500 + " }}", "nested too deeply"),
        ("{{ " + "-" * 3000 + "1 }}", "nested too deeply"),
        ("x" * 16_385, "at most 16384 characters"),
    ],
)
def test_what_is_no_template_fails_the_check(template: str, words: str) -> None:
    with pytest.raises(FlowRejected) as caught:
        check_for_builtin(artifact({"nodes": [node("it", "template", template=template)]}))
    assert caught.value.reason is Reason.INVALID_ARTIFACT
    assert words in caught.value.message


TOKENS = st.sampled_from(
    ["{{", "}}", "{%", "%}", " ", "payload", ".a", "[0]", "|", "tojson", "join", "round", "if", "endif", "for", "x",
     "in", "endfor", "else", "1", "'s'", "+", "*", "is", "defined", "not", "(", ")", "\n", "loop", ".index", "set", "=",
     "-", "~", "{{ payload", " }}", "{% for x in payload.a %}", "{% endfor %}", "default", "length", "divisibleby(0)"]
)  # fmt: skip


@given(st.lists(TOKENS, max_size=14).map("".join))
@pytest.mark.slow
def test_whatever_is_written_is_refused_fails_in_a_sentence_or_gives_text(text: str) -> None:
    try:
        result = Template(text).fill_in({"payload": {"a": [1, "x", None]}})
    except TemplateError:
        return
    assert isinstance(result, str)


def test_the_library_is_loaded_by_the_first_template() -> None:
    program = (
        "import sys; import edge_agent.flows.builtin.flow; assert 'jinja2' not in sys.modules; "
        "import edge_agent.flows.language.templates; assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)  # noqa: S603  this interpreter
