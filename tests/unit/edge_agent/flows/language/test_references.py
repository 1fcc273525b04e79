"""Values in the place of references: they stay where they are put, and a device that lacks some refuses the flow."""

import urllib.parse
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.language.references import CannotFillIn, Values, fill_in
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edgeflow.contract.reasons import Reason
from edgeflow.contract.references import TextKind
from tests.unit.edge_agent.flows.builtin.bench import artifact, node, variable

TEXTS = st.text(st.characters(codec="utf-8"))


def _values(value: Any, *, secret: str = "") -> Values:  # noqa: ANN401  any type of variable
    return Values(variables={"v": value}, secrets={"S": secret})


def _filled(kind: TextKind, text: str, value: str) -> str | None:
    try:
        return fill_in(kind, text, _values(value))
    except CannotFillIn:
        return None


@given(TEXTS, TEXTS)
@example("@evil.test", "/../../x")
@example("//evil.test\\", "?a=b&c=d#e")
@example("%2F%40evil.test", "\r\nHost: evil.test")
def test_no_value_changes_the_host_or_adds_to_the_path_or_the_query(value: str, secret: str) -> None:
    filled = fill_in(TextKind.URL, "https://plc.test:81/a/${v}/b?k=${secret:S}&l=1", _values(value, secret=secret))
    parts = urllib.parse.urlsplit(filled)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "plc.test:81", "")
    _, first, within, last = parts.path.split("/")
    assert (first, urllib.parse.unquote(within), last) == ("a", value, "b")
    assert urllib.parse.parse_qs(parts.query, keep_blank_values=True, strict_parsing=True) == {
        "k": [secret],
        "l": ["1"],
    }


@given(st.one_of(TEXTS, st.from_regex(r"[a-z0-9.:@/?#\\-]{1,20}", fullmatch=True)))
def test_a_variable_in_the_host_is_a_host_or_is_refused(value: str) -> None:
    filled = _filled(TextKind.URL, "http://${v}.test/x", value)
    if filled is None:
        return
    parts = urllib.parse.urlsplit(filled)
    assert parts.hostname == f"{value}.test".lower()
    assert (parts.path, parts.query, parts.username, parts.port) == ("/x", "", None, None)


@pytest.mark.parametrize(
    ("url", "value", "filled"),
    [
        ("http://${v}/", "10.0.0.5:8080", "http://10.0.0.5:8080/"),
        ("http://${v}/", "[fe80::1]:80", "http://[fe80::1]:80/"),
        ("http://plc:${v}/x", 8080, "http://plc:8080/x"),
        ("http://plc/${v}", True, "http://plc/true"),
        ("http://plc/${v}/{payload}", "{payload}", "http://plc/%7Bpayload%7D/{payload}"),
        ("http://plc/$${v}", "x", "http://plc/${v}"),
        ("http://plc/${v}", "${secret:S}", "http://plc/%24%7Bsecret%3AS%7D"),
    ],
)
def test_what_stands_in_a_url(url: str, value: Any, filled: str) -> None:  # noqa: ANN401  as above
    assert fill_in(TextKind.URL, url, _values(value)) == filled


@given(TEXTS)
@example("a\r\nX-Admin: 1")
@example("ü")
def test_a_header_takes_printable_ascii_alone(value: str) -> None:
    can_be_sent = value.isascii() and (value.isprintable() or not value)
    assert _filled(TextKind.HEADER, "Bearer ${v}", value) == (f"Bearer {value}" if can_be_sent else None)


REQUEST = {"url": "https://plc.test/${v}?k=${secret:K}", "headers": {"Authorization": "Bearer ${secret:TOKEN}"}}
SECRETS = Secrets(values={"K": "some key", "TOKEN": "some token"})


def _refusal(definition: dict[str, Any], secrets: Secrets = NO_SECRETS, **overrides: Any) -> FlowRejected:  # noqa: ANN401  any value
    with pytest.raises(FlowRejected) as caught:
        check_for_builtin(artifact(definition), overrides, secrets)
    return caught.value


def test_a_flow_whose_secrets_are_missing_is_refused_by_their_names() -> None:
    definition = {
        "nodes": [node("ask", "http_request", **REQUEST)],
        "variables": [variable("v", "string", "x")],
        "health_checks": [{"type": "http", "name": "up", "url": "http://x/${secret:CHECK}"}],
    }
    refused = _refusal(definition, Secrets(values={"K": "some key"}))
    assert refused.reason is Reason.MISSING_SECRET
    assert refused.faults == tuple(
        f"secret {name} is not set on this device; set it there with: edgeflow-agent secret set {name}"
        for name in ("CHECK", "TOKEN")
    )
    unreadable = _refusal(definition, Secrets(trouble="/x/secrets.json can be read by others"))
    assert "secret K is not to be had: /x/secrets.json can be read by others" in unreadable.faults
    everything = Secrets(values={**SECRETS.values, "CHECK": "1234"})
    check_for_builtin(artifact(definition), {}, everything)


def test_with_another_fault_every_fault_is_told() -> None:
    definition = {
        "nodes": [
            node("ask", "http_request", colour="red", url="http://x/"),
            node("out", "mqtt_out", topic="${secret:T}"),
        ]
    }
    refused = _refusal(definition)
    assert refused.reason is Reason.INVALID_ARTIFACT
    assert [fault.partition(":")[0] for fault in refused.faults] == [
        "node ask (http_request)",
        "secret T is not set on this device; set it there with",
    ]


@pytest.mark.parametrize(
    ("config", "value", "complaint"),
    [
        ({"url": "http://${v}/"}, "a/b", "url: v is no name or address of a host, with or without a port"),
        ({"url": "http://x/", "headers": {"A": "${v}"}}, "a\nb", "headers.A: filled in, it has a line break"),
        ({"url": "http://x/", "username": "${v}", "password": "p"}, "a:b", "username: String should match"),
        ({"url": "http://x/${w}"}, "a", "url: there is no variable 'w'"),
    ],
)
def test_a_device_s_own_value_that_cannot_stand_there_is_refused_before_anything_runs(
    config: dict[str, Any], value: str, complaint: str
) -> None:
    definition = {"nodes": [node("ask", "http_request", **config)], "variables": [variable("v", "string", "fine")]}
    (fault,) = _refusal(definition, v=value).faults
    assert fault.startswith(f"node ask (http_request): {complaint}")


@pytest.mark.parametrize("topic", ["a/${v}/b", "${v}", "${secret:S}"])
@pytest.mark.parametrize("value", ["../../x/y", "a//b", "+", "#", "a/b/c/d/e", "edgeflow/x", "$aws/x"])
def test_no_value_takes_a_topic_away_from_the_device_s_own(topic: str, value: str) -> None:
    definition = {"nodes": [node("out", "mqtt_out", topic=topic)], "variables": [variable("v", "string", "fine")]}
    if topic == "a/${v}/b" and value in {"edgeflow/x", "$aws/x"}:
        check_for_builtin(artifact(definition), {"v": value}, Secrets(values={"S": value}))
        return
    (fault,) = _refusal(definition, Secrets(values={"S": value}), v=value).faults
    assert fault.startswith("node out (mqtt_out): topic: ")


def test_a_reference_that_is_none_is_refused_on_the_device_too() -> None:
    definition = {
        "nodes": [node("t", "template", template="${secret:T}"), node("out", "mqtt_out", topic="${")],
        "health_checks": [{"type": "http", "name": "up", "url": "http://${secret:H}/"}],
    }
    faults = _refusal(definition, Secrets(values={"H": "some host"})).faults
    assert [fault.partition(": a secret")[0].partition(": '${'")[0] for fault in faults] == [
        "node out (mqtt_out): topic",
        "health check up: url",
        "node t (template): template",
    ]
