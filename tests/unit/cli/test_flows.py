"""``edgeflow flows``."""

import json
from collections.abc import Callable

import pytest

from tests.support.handler_transport import HandlerTransport
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest
from tests.unit.cli.conftest import CommandLine

FLOW = json.loads(CREATE_FLOW)
FlowFile = Callable[[object], str]


def test_a_flow_is_created_published_listed_and_shown(edgeflow: CommandLine, flow_file: FlowFile) -> None:
    made = edgeflow("flows", "create", flow_file(FLOW), "--publish", "--json")
    assert (made.code, made.err) == (0, "")
    flow = made.document
    assert (flow["status"], flow["latest_version"]) == ("published", 1)
    listed = edgeflow("flows", "list", "--tag", "alerts", "--json").document
    assert [each["id"] for each in listed["flows"]] == [flow["id"]]
    told = edgeflow("flows", "list").out
    assert flow["id"] in told
    assert "Temperature Alert" in told
    assert edgeflow("flows", "list", "--status", "archived").out == "no flows\n"
    born = flow["created_at"]
    several = ("--status", "published,archived", "--sort", "oldest", "--json")
    since = edgeflow("flows", "list", "--created-from", born, *several).document
    assert [each["id"] for each in since["flows"]] == [flow["id"]]
    assert edgeflow("flows", "list", "--created-to", born, *several).document == {"flows": []}
    shown = edgeflow("flows", "show", "Temperature Alert")
    assert f"id              {flow['id']}\n" in shown.out
    assert edgeflow("flows", "show", flow["id"], "--version", "1", "--json").document["definition"]["nodes"]


def test_a_name_that_two_flows_have_is_no_answer(edgeflow: CommandLine, flow_file: FlowFile) -> None:
    made = [edgeflow("flows", "create", flow_file(FLOW), "--json").document["id"] for _ in range(2)]
    said = edgeflow("flows", "publish", "Temperature Alert")
    assert said.code == 2
    assert all(each in said.err for each in made)
    unknown = edgeflow("flows", "show", "nothing")
    assert unknown.code == 2
    assert "`edgeflow flows list` has all" in unknown.err


def test_what_cannot_be_published_stays_and_is_named(edgeflow: CommandLine, flow_file: FlowFile) -> None:
    said = edgeflow("flows", "create", flow_file({"name": "Empty"}), "--publish")
    assert said.code == 1
    assert said.out == ""
    assert "is created, a draft, but not published: /definition/nodes: a flow needs at least one node" in said.err


def test_validating_sends_nothing_and_finds_what_publishing_finds(
    edgeflow: CommandLine, rest: Rest, transport: HandlerTransport, flow_file: FlowFile
) -> None:
    assert edgeflow("flows", "validate", flow_file(FLOW)).out == (
        "Temperature Alert can be published: 3 nodes, 2 connections\n"
    )
    assert edgeflow("flows", "validate", flow_file(FLOW), "--json").document["valid"] is True
    bad = FLOW | {"definition": {"nodes": [{"id": "n1", "type": "dht"}] * 2, "connections": []}}
    said = edgeflow("flows", "validate", flow_file(bad))
    assert said.code == 2
    assert transport.requests == []
    made = rest("POST", "/v1/flows", bad).body["id"]
    faults = rest("POST", f"/v1/flows/{made}/publish").faults
    assert faults
    assert all(f"{pointer}: {detail}" in said.err for pointer, detail in faults.items())


@pytest.mark.slow
def test_two_versions_are_compared(edgeflow: CommandLine, rest: Rest, flow_id: str) -> None:
    rest("POST", f"/v1/flows/{flow_id}/draft")
    nodes = [*FLOW["definition"]["nodes"][:2], {"id": "n4", "type": "debug"}]
    changed = {"definition": {"nodes": nodes, "connections": FLOW["definition"]["connections"][:1], "variables": None}}
    rest("PATCH", f"/v1/flows/{flow_id}", changed)
    told = edgeflow("flows", "diff", flow_id, "1", "draft", "--json").document
    assert told["same"] is False
    assert told["nodes"] == {"added": ["n4"], "removed": ["n3"], "changed": []}
    assert told["variables"] == {"added": [], "removed": ["threshold"], "changed": []}
    assert [each["target"] for each in told["connections"]["removed"]] == ["n3"]
    lines = edgeflow("flows", "diff", flow_id, "1", "draft").out.splitlines()
    assert lines[:2] == [f"--- {flow_id} 1", f"+++ {flow_id} draft"]
    assert '+      "id": "n4",' in lines
    assert edgeflow("flows", "diff", flow_id, "1", "1").out == "no difference\n"
    assert edgeflow("flows", "diff", flow_id, "1", "latest").code == 2


@pytest.mark.slow
def test_a_flow_gets_the_content_of_a_file_and_its_next_version(
    edgeflow: CommandLine, flow_file: FlowFile, flow_id: str
) -> None:
    changed = {"name": "Renamed", "definition": FLOW["definition"] | {"variables": []}}
    said = edgeflow("flows", "update", flow_id, flow_file(changed), "--json")
    assert said.code == 0, said.err
    assert (said.document["name"], said.document["status"], said.document["tags"]) == ("Renamed", "draft", FLOW["tags"])
    assert said.document["definition"]["variables"] == []
    renamed = edgeflow("flows", "update", "Renamed", flow_file(FLOW), "--publish", "--json")
    assert renamed.code == 0, renamed.err
    again = renamed.document
    assert (again["name"], again["status"], again["latest_version"]) == ("Temperature Alert", "published", 2)
    bad = edgeflow("flows", "update", flow_id, flow_file({"name": "Empty", "definition": {}}), "--publish")
    assert (bad.code, "is changed, but not published: /definition/nodes" in bad.err) == (1, True)
