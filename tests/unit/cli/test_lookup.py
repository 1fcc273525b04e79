"""Flows by id, slug or name, in every command that takes one."""

import json

from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest
from tests.unit.cli.conftest import CommandLine

FLOW = json.loads(CREATE_FLOW)


def _made(rest: Rest, **changes: object) -> str:
    made = rest("POST", "/v1/flows", FLOW | changes)
    assert made.status == 201
    return str(made.body["id"])


def test_a_flow_is_found_by_its_slug_with_and_without_the_prefix(edgeflow: CommandLine, rest: Rest) -> None:
    flow = _made(rest, slug="line-3")
    for name in ("line-3", "slug:line-3", FLOW["name"], flow):
        shown = edgeflow("flows", "show", name, "--json").document
        assert (shown["id"], shown["slug"]) == (flow, "line-3")
    assert edgeflow("flows", "publish", "line-3", "--json").document["latest_version"] == 1
    assert edgeflow("flows", "diff", "slug:line-3", "1", "draft").out == "no difference\n"
    assert edgeflow("deployments", "list", "--flow", "line-3", "--json").document["deployments"] == []


def test_a_slug_that_is_another_flow_s_name_is_no_answer(edgeflow: CommandLine, rest: Rest) -> None:
    by_slug, by_name = _made(rest, slug="line-3"), _made(rest, name="line-3")
    said = edgeflow("flows", "publish", "line-3")
    assert said.code == 2
    assert by_slug in said.err
    assert by_name in said.err
    assert edgeflow("flows", "publish", "slug:line-3", "--json").document["id"] == by_slug


def test_a_slug_that_no_flow_has_is_told(edgeflow: CommandLine) -> None:
    assert "there is no flow slug:nothing" in edgeflow("flows", "show", "slug:nothing").err
    assert edgeflow("flows", "show", "nothing").code == 2
