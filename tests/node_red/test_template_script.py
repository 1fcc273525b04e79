"""A translated ``template`` makes of a message what the built-in one does."""

import itertools
import time
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edge_agent.flows.language.templates import MAX_OUTPUT, MAX_REPEATS, MAX_SECONDS, TemplateError, parse_template
from edge_agent.flows.node_red.nodes.template import fill_in
from edgeflow.contract.nodes.template import TemplateSettings
from tests.support.node_red_scripts import Script, answers, message, run_scripts
from tests.unit.edge_agent.flows.builtin.nodes.test_template import LONG, PAYLOAD, RUNAWAYS, TOKENS
from tests.unit.edge_agent.flows.builtin.single import SingleNode

VARIABLES: Final[dict[str, Any]] = {"limit": 30, "__proto__": {"a": 1}, "deep": {"a": [1, {"b": None}]}, "text": "ü😀"}
VALUES: Final = [
    "none", "true", "false", "0", "1", "-3", "2.5", "4.0", "1e300", "1e-7", "''", "'ab'", "'😀'", "payload", "nope",
    "payload.nope", "payload.list", "payload.halls", "payload.empty", "variables.deep", "('a' if false)",
]  # fmt: skip
OPERANDS: Final = [
    "none", "true", "0", "-3", "2.5", "4.0", "'ab'", "nope", "payload.list", "variables.deep", "('a' if false)",
]  # fmt: skip
PAYLOADS: Final[list[Any]] = [
    PAYLOAD | {"list": [3, "a", None, 1.5], "empty": []},
    {"list": {"b": 1, "a": 2}, "halls": "text", "empty": {}, "__proto__": 1, "constructor": 2},
    5, -2.5, "täxt", [], [1, [2]], None, True,
]  # fmt: skip
OPERATORS: Final = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS: Final = [
    "abs", "capitalize", "default('d')", "default('d', true)", "fixed", "fixed(0)", "fixed(12)", "fixed(13)",
    "fixed('x')", "join", "join(', ')", "join(1)", "keys", "length", "lower", "round", "round(1)", "round(-1)",
    "round(true)", "tojson", "trim", "upper", "abs(1)", "tojson | tojson", "string_is_no_filter",
]  # fmt: skip
TESTS: Final = [
    "boolean", "defined", "divisibleby(2)", "divisibleby(0)", "divisibleby 1.5", "even", "mapping", "none", "number",
    "odd", "sequence", "string", "undefined", "even(1)", "divisibleby",
]  # fmt: skip
TEMPLATES: Final = """
plain "text" \\ with `${quotes}` and </script>\u2028
{{ payload }}|{{ variables }}|{{ metadata }}
{{ payload.name }}: {{ payload.t }} of {{ variables.limit }}
{{ payload['items'] }} {{ payload.items[0] }} {{ payload.items[-1] }}
{{ payload.items[5] }}
{{ payload.list[true] }}
{{ payload[payload.key] }}
{{ payload[0] }}{{ payload[0.0] | default('none') }}
{{ payload['it\\'s'] }}
{{ payload.constructor }}
{{ payload.__proto__ }}
{{ payload.toString }}
{{ variables['__proto__'].a }}
{{ variables.deep.a[1].b }}
{{ variables.deep.a[1].b.c }}
{{ nope }}
{{ nope.more }}
{{ loop.index }}
{{ (payload.t * 2 - 1) // 5 % 4 }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 6 / 3 }} {{ 1 / 3 }}
{{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e15 }} {{ 123456789012345680.0 }} {{ 1e-4 }} {{ 1e-5 }} {{ -0.0 }}
{{ 1e22 }} {{ 5e-324 }}
{{ 2.5 | round }} {{ 3.5 | round }} {{ -2.5 | round }} {{ 2.675 | round(2) }} {{ 0.125 | round(2) }} {{ 1e300 | round }}
{{ 2.5 | fixed(0) }} {{ 0.125 | fixed }} {{ -0.04 | fixed(1) }} {{ 1e22 | fixed(1) }}
{{ 2 | fixed(1) }} {{ 0.5 | fixed(0) }}
{{ 1 / 0 }}
{{ 1.0 // 0 }}
{{ 5 % 0 }}
{{ 1e999 }}
{{ 1e308 * 10 }}
{{ -'x' }}
{{ -true }} {{ +false }} {{ -payload.t }} {{ +4.0 }} {{ -(0) }}
{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 < 2 > nope }}
{{ 3 < 2 < nope }}
{{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ 'b' in 'abc' }} {{ 1 in 'abc' }}
{{ not payload }} {{ not '' }} {{ not 0.0 }} {{ payload and 'yes' }} {{ payload or 'no' }}
{{ 'yes' if payload.nope is defined else 'no' }}
{{ 'yes' if payload.nope is defined }}
{{ ('yes' if false) | default('d') }}
{% if payload.t > variables.limit %}hot{% elif payload.ok %}fine{% else %}?{% endif %}
{% if payload %}yes{% endif %}
{% for h in payload.halls %}{{ loop.index }}{{ h.id }}{{ '' if loop.last else ', ' }}{% endfor %}
{% for h in payload.halls %}{% for l in h.loads %}{{ l }}{{ l }}{% else %}{{ loop.index }}{% endfor %}{% endfor %}
{% for h in payload.halls if h.loads %}{{ h.id }}{{ loop.first }}{{ loop.last }}{% else %}none{% endfor %}
{% for payload in payload %}{{ payload }}{% for payload in payload %}{{ payload }}{% endfor %}{{ payload }}{% endfor %}
{% for x in payload.list %}{% for x in [] %}{% endfor %}{% endfor %}
{% for x in payload.list %}{{ x }}{% else %}empty{% endfor %}{{ x | default('gone') }}
{% for x in payload %}{{ loop }}{% endfor %}
{% for x in payload %}{{ loop.nope }}{% endfor %}
{% for x in payload %}{{ loop['index'] }}{% endfor %}
{% for x in payload if loop.index %}{{ x }}{% endfor %}
{% for x in payload recursive %}{{ loop.index }}{% endfor %}
{% for key in payload | keys %}{{ key }}={{ payload[key] | tojson }} {% endfor %}
{{ ' \t\x1c\u3000\ufeffa b\x85 ' | trim | tojson }}
{{ 'ß' | upper }}{{ 'ßA' | capitalize }}{{ 'ΑΣ' | lower }}{{ '' | capitalize }}
{{ 'ﬀ' < '😀' }} {{ '😀' | length }} {{ 'a' 'b' }} {{ '\x00\x1f"\\\\' | tojson }}
{{ [1] }}
{{- payload -}} {#- comment -#} {% raw %}{{ raw }}{% endraw %}
""".strip().splitlines()


def _script(template: str, **more: Any) -> str:  # noqa: ANN401  settings
    return fill_in(TemplateSettings.model_validate({"template": template, **more}), VARIABLES)


def _is_template(text: str) -> bool:
    try:
        parse_template(text)
    except TemplateError:
        return False
    return True


def _differences(templates: list[str], payloads: list[Any], **more: Any) -> list[Any]:  # noqa: ANN401  settings
    pairs = list(itertools.product(filter(_is_template, templates), payloads))
    assert pairs
    told = answers([_script(text, **more) for text, _ in pairs], [payload for _, payload in pairs])
    found = []
    for (text, payload), (sent, errors) in zip(pairs, told, strict=True):
        node = SingleNode("template", {"template": text, **more}, variables=VARIABLES)
        there = node.answers(payload)
        if sent != there or len(errors) != len(node.errors):
            found.append((text, payload, sent, errors, there, node.errors))
    return found


def test_every_template_of_the_corpus_makes_the_same() -> None:
    assert _differences(TEMPLATES, PAYLOADS) == []


@pytest.mark.parametrize("place", ["a", "b.c", "[0]"])
@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_text_or_json_goes_to_its_place(place: str, kind: str) -> None:
    templates = ["{{ payload.t | tojson }}", '{"a": {{ payload | tojson }}}', "NaN", "", " [1, 2.50, 1e2] ", "[1,]"]
    assert _differences(templates, PAYLOADS, format=kind, property=place) == []


def test_metadata_is_at_hand() -> None:
    [told] = run_scripts([Script(_script("{{ payload }} {{ metadata.unit }}"), [message(5, metadata={"unit": "K"})])])
    assert told[0].sent == [(0, {"_msgid": "m", "payload": "5 K", "metadata": {"unit": "K"}})]


def test_a_sentence_is_that_of_the_built_in_node() -> None:
    templates = [
        "{{ payload.nope }}", "{{ nope }}", "{{ payload.t.x.y }}", "{{ payload.name + 'x' }}",
        "{{ payload.name | round }}",
        "{{ payload.t | fixed(99) }}", "{% for x in payload.t %}{% endfor %}", "{{ payload['it\\'s'] }}", "{{ 1 / 0 }}",
        "{{ 'a' < 1 }}", "{{ -'x' }}", "{{ payload.list | keys }}",
    ]  # fmt: skip
    for template, (sent, errors) in zip(
        templates, answers([_script(each) for each in templates], PAYLOADS[:1] * 12), strict=True
    ):
        node = SingleNode("template", {"template": template}, variables=VARIABLES)
        assert (sent, errors) == (node.answers(PAYLOADS[0]), node.errors)


def test_where_a_number_or_a_key_differs() -> None:
    """Each is told in docs/node-red.md."""
    numbers, keys = "{{ payload }}", "{{ payload | tojson }}"
    payloads: list[Any] = [21.0, 1e20, 2**53 + 1, {"b": 1, "0": 2}]
    told = answers([_script(text) for text in (numbers, numbers, numbers, keys)], payloads)
    assert [sent for sent, _ in told] == [["21"], ["100000000000000000000"], ["9007199254740992"], ['{"0": 2, "b": 1}']]
    assert SingleNode("template", {"template": numbers}).answers(21.0) == ["21.0"]


def test_what_is_just_within_the_bounds_is_filled_in() -> None:
    turns = "{% for x in payload %}{% endfor %}"
    assert _differences([turns + "{{ payload[0] }}"], [["x" * size] for size in (MAX_OUTPUT, MAX_OUTPUT + 1)]) == []
    assert _differences([turns], [[0] * size for size in (MAX_REPEATS, MAX_REPEATS + 1)]) == []
    assert _differences(["{{ payload | upper }}", "{{ payload }}!"], ["😀" * MAX_OUTPUT, "x" * (MAX_OUTPUT + 1)]) == []


@pytest.mark.parametrize("template", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_a_runaway_ends_as_the_built_in_one_does(template: str) -> None:
    started = time.monotonic()
    [(sent, [error])] = answers([_script(template)], [LONG])
    assert sent == []
    assert error.startswith("The template could not be filled in with a message: ")
    assert time.monotonic() - started < MAX_SECONDS + 8


FEW = settings(max_examples=5, deadline=None, phases=[Phase.generate])
"""Each example is many at once: to find a smaller one takes longer than to read it."""
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: 0.5 if value.is_integer() else value)


@FEW
@given(st.lists(FLOATS, min_size=100, max_size=100), st.integers(0, 12))
def test_any_number_is_written_and_rounded_alike(numbers: list[float], digits: int) -> None:
    filters = f"{{{{ x | fixed({digits}) }}}} {{{{ x | round({digits}) }}}}"
    text = f"{{% for x in payload %}}{{{{ x }}}} {filters}\n{{% endfor %}}"
    assert (
        _differences([text, "{% for x in payload %}{{ x // 3 }} {{ x % 3 }} {{ x / 3 }} {% endfor %}"], [numbers]) == []
    )


@FEW
@given(st.lists(st.text(), min_size=50, max_size=50))
def test_any_text_is_written_and_ordered_alike(texts: list[str]) -> None:
    each = (
        "{% for x in payload %}{{ x | tojson }}{{ x | length }}{{ x | trim | tojson }}{{ x < payload[0] }}{% endfor %}"
    )
    assert _differences([each, "{{ payload }}"], [texts]) == []


@FEW
@given(st.lists(st.lists(TOKENS, max_size=9).map("".join), min_size=100, max_size=100))
def test_whatever_is_a_template_does_the_same(templates: list[str]) -> None:
    assert _differences(templates, [{"a": [1, "x", None]}]) == []


def test_every_operator_does_the_same_with_any_two_values() -> None:
    templates = [f"{{{{ {a} {sign} {b} }}}}" for a, sign, b in itertools.product(OPERANDS, OPERATORS, OPERANDS)]
    assert _differences(templates, PAYLOADS[:1]) == []


def test_every_filter_and_test_does_the_same_with_any_value() -> None:
    templates = [f"{{{{ ({value}) | {each} }}}}" for value, each in itertools.product(VALUES, FILTERS)]
    templates += [f"{{{{ ({value}) is {each} }}}}" for value, each in itertools.product(VALUES, TESTS)]
    assert _differences(templates, PAYLOADS[:2]) == []
