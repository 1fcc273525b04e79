"""Faults of the admin API that a real Node-RED cannot be made to show: each is one sentence."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edge_agent.flows.node_red.client import MAX_CONFLICTS, Item, NodeRedClient, NodeRedFault, NodeRedUnreachable
from tests.support.ports import free_ports
from tests.unit.edge_agent.flows.node_red.stand_in import TAB, StandIn, stand_in_for_node_red


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Something that listens where a Node-RED should be."""
    with stand_in_for_node_red() as made:
        yield made


def _empty(_: list[Item]) -> list[Item]:
    return []


@pytest.mark.parametrize(
    ("ask", "request_", "status", "body", "sentence"),
    [
        (NodeRedClient.flows, "GET /flows", 401, b"Unauthorized", "refuses GET /flows with 401 (Unauthorized); give a"),
        (NodeRedClient.flows, "GET /flows", 404, b"", "404 (Not Found); url of [node_red] must be that of its admin"),
        (NodeRedClient.flows, "GET /flows", 500, b'{"message": "no disk"}', "refuses GET /flows with 500 (no disk)"),
        (NodeRedClient.flows, "GET /flows", 200, b"<html>", "/flows is not the admin API of a Node-RED"),
        (NodeRedClient.flows, "GET /flows", 200, b"\xff\xfe", "/flows is not the admin API of a Node-RED"),
        (NodeRedClient.flows, "GET /flows", 200, b"[]", "/flows is not the admin API of a Node-RED"),
        (NodeRedClient.flows, "GET /flows", 200, b'{"flows": [{}], "rev": ""}', "is not the admin API of a Node-RED"),
        (NodeRedClient.node_types, "GET /nodes", 200, b"{}", "/nodes is not the admin API of a Node-RED"),
        (NodeRedClient.node_types, "GET /nodes", 403, b"", "must have the permissions flows.read, flows.write"),
        (lambda one: one.change(_empty), "POST /flows", 413, b"", "413 (Content Too Large); raise apiMaxLength"),
        (lambda one: one.flow_context("t", "k"), "GET /context/flow/t/k", 200, b"7", "is not the admin API"),
        (
            lambda one: one.flow_context("t", "k"),
            "GET /context/flow/t/k",
            200,
            b'{"format": "Object", "msg": "{"}',
            "is not the admin API",
        ),
    ],
)
def test_a_refusal_is_a_sentence_with_a_remedy(  # noqa: PLR0917  a case has so many parts
    stand_in: StandIn, ask: Callable[[NodeRedClient], Any], request_: str, status: int, body: bytes, sentence: str
) -> None:
    stand_in.answer(request_, status, body)
    with pytest.raises(NodeRedFault) as fault:
        ask(NodeRedClient(stand_in.url))
    told = str(fault.value).replace("Request Entity Too Large", "Content Too Large")  # as Python 3.13 has it
    assert stand_in.url in told
    assert sentence in told
    assert not isinstance(fault.value, NodeRedUnreachable)


def test_nobody_at_the_address_is_told_so() -> None:
    (port,) = free_ports(1)
    with pytest.raises(NodeRedUnreachable, match=f"Node-RED at http://127.0.0.1:{port} cannot be reached: Conn"):
        NodeRedClient(f"http://127.0.0.1:{port}").flows()


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(stand_in: StandIn) -> None:
    stand_in.hangs = threading.Event()
    with pytest.raises(NodeRedUnreachable, match=r"did not answer GET /flows within 0\.2 s"):
        NodeRedClient(stand_in.url, timeout=0.2).flows()


def test_an_answer_that_breaks_off_is_told_as_out_of_reach(stand_in: StandIn) -> None:
    stand_in.answer("GET /flows", 100, b"")  # a status that is followed by nothing
    with pytest.raises(NodeRedUnreachable, match="cannot be reached"):
        NodeRedClient(stand_in.url, timeout=0.5).flows()


def test_others_who_deploy_again_and_again_are_not_waited_for_for_ever(stand_in: StandIn) -> None:
    stand_in.answer("POST /flows", 409, b'{"code": "version_mismatch"}')
    with pytest.raises(NodeRedFault, match=f"others changed the flows .* {MAX_CONFLICTS} times"):
        NodeRedClient(stand_in.url).change(_empty)
    assert [asked for asked, _, _ in stand_in.asked] == ["GET /flows", "POST /flows"] * MAX_CONFLICTS


def test_a_change_goes_with_the_revision_that_was_read_and_the_token(stand_in: StandIn) -> None:
    assert NodeRedClient(stand_in.url, "s3cret").change(lambda items: [*items, TAB | {"id": "t2"}])
    asked, headers, body = stand_in.asked[-1]
    assert asked == "POST /flows"
    assert json.loads(body) == {"flows": [TAB, TAB | {"id": "t2"}], "rev": "r1"}
    assert headers["Authorization"] == "Bearer s3cret"
    assert {key.lower(): value for key, value in headers.items()}["node-red-api-version"] == "v2"


def test_nothing_to_change_sends_nothing(stand_in: StandIn) -> None:
    assert not NodeRedClient(stand_in.url).change(lambda _: None)
    assert [asked for asked, _, _ in stand_in.asked] == ["GET /flows"]
    assert "Authorization" not in stand_in.asked[0][1]


def test_types_that_are_disabled_or_broken_are_none(stand_in: StandIn) -> None:
    sets = [
        {"types": ["a", "b"], "enabled": True},
        {"types": ["c"], "enabled": False},
        {"types": ["d"], "enabled": True, "err": "Cannot find module"},
    ]
    stand_in.answer("GET /nodes", 200, json.dumps(sets).encode())
    assert NodeRedClient(stand_in.url).node_types() == {"a", "b"}
