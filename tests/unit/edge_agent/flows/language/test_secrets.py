"""What is taken out of a text that shows a secret, in whatever form."""

import base64
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.language.secrets import MASK, Redactor, Secrets
from edgeflow.contract.flow import Definition, Node

VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters=MASK), min_size=4)


@pytest.mark.parametrize(
    "written",
    [
        lambda value: value,
        lambda value: urllib.parse.quote(value, safe=""),
        lambda value: urllib.parse.quote(value).lower() if value.islower() else urllib.parse.quote(value),
        urllib.parse.quote_plus,
        lambda value: urllib.parse.urlencode({"k": value}),
        lambda value: repr({"k": value}),
        lambda value: repr(["'\"" + value]),
        lambda value: repr(value.encode()),
        lambda value: json.dumps({"k": value}),
        lambda value: json.dumps({"k": value}, ensure_ascii=False),
        lambda value: str(KeyError(value)),
        lambda value: str(ValueError(f"no port in {value!r}")),
    ],
)
@given(values=st.lists(VALUES, min_size=1, max_size=3), around=st.text(max_size=10))
@pytest.mark.slow
def test_no_form_of_a_value_is_left_in_a_text(written: Any, values: list[str], around: str) -> None:  # noqa: ANN401  a lambda
    redact = Redactor(values)
    for value in values:
        form = written(value)
        told = redact(f"{around}{form}{around}")
        assert MASK in told
        assert all(each not in told for each in values)


@given(value=VALUES, before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_a_value_within_base64_is_taken_out_wherever_it_begins(value: str, before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + value.encode() + after).decode()
        told = Redactor([value])(f"Authorization: Basic {encoded}")
        assert MASK in told
        rest = told.removeprefix("Authorization: Basic ").replace(MASK, "")
        assert len(rest) <= len(encode(before + after)) + 4, "no more than the neighbours, and the edges, is left"


@given(VALUES)
def test_a_tree_shows_no_value_in_texts_names_and_numbers(value: str) -> None:
    told = Redactor([value, "12345"]).tree({"a": [value, 1.5, None, True, {value: 123456}], "b": 12345})
    text = json.dumps(told, ensure_ascii=False)
    assert value not in text
    assert "12345" not in text


def test_without_secrets_nothing_is_changed() -> None:
    assert Redactor()("a b") == "a b"
    assert Redactor().tree({"a": [1]}) == {"a": [1]}


def test_a_flow_gets_the_secrets_that_it_names_and_no_others() -> None:
    secrets = Secrets(values={"A": "value of A", "B": "value of B"})
    names_a = Definition(nodes=(Node(id="n", type="mqtt_out", config={"topic": "x/${secret:A}"}),))
    assert secrets.named_by(names_a) == {"A": "value of A"}
    assert "value of" not in repr(secrets)
