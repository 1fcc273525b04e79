"""References to variables and secrets: how they are written, and what publishing refuses of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.flow import Definition, Node, Variable, VariableType
from edgeflow.contract.health_checks import CommandCheck, HttpCheck
from edgeflow.contract.references import STRAY, Reference, parse_references, secrets_named
from edgeflow.domain.flows import graph_faults

SECRET = "${secret:TOKEN}"
VARIABLES = (
    Variable(name="host", type=VariableType.STRING, value="plc.local"),
    Variable(name="limits", type=VariableType.JSON, value={"low": 1}),
)


def _faults(*nodes: Node, **more: Any) -> dict[str, str]:  # noqa: ANN401  fields of a definition
    definition = Definition(nodes=nodes or (Node(id="n", type="debug"),), **({"variables": VARIABLES} | more))
    return {fault.pointer: fault.message for fault in graph_faults(definition)}


def _request(**config: Any) -> Node:  # noqa: ANN401  any setting
    return Node(id="ask", type="http_request", config={"url": "https://plc.test/"} | config)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain $ and $$ and {payload}", ("plain $ and $$ and {payload}",)),
        ("a${x}b${secret:K.1-b}", ("a", Reference("x", is_secret=False), "b", Reference("K.1-b", is_secret=True))),
        ("$${x}", ("${x}",)),
        ("$${secret:X}${y}", ("${secret:X}", Reference("y", is_secret=False))),
        ("$$${x}", ("$${x}",)),
    ],
)
def test_a_text_is_read_in_parts(text: str, parts: tuple[object, ...]) -> None:
    assert parse_references(text) == parts


@pytest.mark.parametrize("text", ["${", "a ${x", "${}", "${a b}", "${secret:}", "${secret:a b}", "${1}", "${a:b}"])
def test_what_begins_like_a_reference_and_is_none_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no reference; .*\$\$\{"):
        parse_references(text)


@given(st.text())
def test_any_text_can_be_written_literally(text: str) -> None:
    written = text.replace("${", "$${")
    # A dollar sign right before is the one thing that has to be a variable's.
    if "$${" not in text:
        assert "".join(map(str, parse_references(written))) == text


def test_references_in_their_places_are_no_fault() -> None:
    ask = _request(
        url="https://${host}/${host}?k=${secret:K}", headers={"A": SECRET}, username="u", password="${secret:P}"
    )
    listen, tell = (
        Node(id="in", type="mqtt_in", config={"topic": SECRET}),
        Node(id="out", type="mqtt_out", config={"topic": "halls/${host}"}),
    )
    check = HttpCheck(type="http", name="up", url="http://${host}:8080/?k=${secret:C}")
    assert _faults(ask, listen, tell, health_checks=(check,)) == {}
    definition = Definition(nodes=(ask, listen, tell), variables=VARIABLES, health_checks=(check,))
    assert secrets_named(definition) == ("C", "K", "P", "TOKEN")


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({"template": SECRET}, "/definition/nodes/0/config/template"),
        ({"rules": [{"action": "set", "value": {"a": [SECRET]}}]}, "/definition/nodes/0/config/rules/0/value/a/0"),
        ({"x": {SECRET: 1}}, "/definition/nodes/0/config/x"),
    ],
)
@pytest.mark.parametrize("kind", ["template", "node-red", "acme-of-a-package", "http_request"])
def test_a_secret_that_is_named_anywhere_else_is_refused_with_the_place(
    kind: str, config: dict[str, Any], pointer: str
) -> None:
    assert _faults(Node(id="n", type=kind, config=config)) == {pointer: STRAY}


def test_a_secret_is_not_taken_in_names_variables_and_commands() -> None:
    stray = Variable(name="key", type=VariableType.STRING, value=SECRET)
    command = CommandCheck(type="command", name="c", command=("/bin/x", SECRET))
    faults = _faults(Node(id="n", type="debug", name=SECRET), variables=(*VARIABLES, stray), health_checks=(command,))
    assert faults == dict.fromkeys(
        [
            "/definition/nodes/0/name",
            "/definition/variables/2/value",
            "/definition/health_checks/0/command/1",
        ],
        STRAY,
    )


def test_a_secret_that_is_meant_literally_is_none() -> None:
    assert _faults(Node(id="n", type="template", config={"template": "$${secret:TOKEN} ${name}"})) == {}


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("https://${nobody}/", "no variable 'nobody'"),
        ("https://x/${limits}", "of type json"),
        ("https://x/${", "is no reference"),
        ("${host}/x", "begins with http:// or https://"),
        ("https://${secret:H}/", "cannot be in the host"),
        ("https://u:${secret:P}@x/", "cannot be in the host"),
        ("https://${host}@x/", "no user name and password"),
    ],
)
def test_a_reference_that_no_device_could_fill_in_is_refused(url: str, complaint: str) -> None:
    (fault,) = _faults(_request(url=url)).items()
    assert fault[0] == "/definition/nodes/0/config/url"
    assert complaint in fault[1]
