"""Flows and their versions as items, and what of them cannot be read."""

import pytest

from edgeflow.adapters.flows.flow_items import read_flow, read_version
from edgeflow.domain.flows import FlowState, Signature

FLOW = {
    "pk": "FLOW#flow_1",
    "sk": "FLOW",
    "name": "Alert",
    "description": "",
    "tags": ["a"],
    "state": "archived",
    "archived_from": "published",
    "definition": "{}",
    "revision": 3,
    "created_at": "2026-02-21T12:00:00.000Z",
    "created_by": "me",
    "updated_at": "2026-02-21T12:00:00.000Z",
    "latest_version": 2,
    "open_deployments": {"dep_2", "dep_1"},
}
VERSION = {
    "pk": "FLOW#flow_1",
    "sk": "VERSION#00000012",
    "sha256": "ab" * 32,
    "size": 10,
    "published_at": "2026-02-21T12:00:00.000Z",
    "published_by": "me",
}


def test_a_flow_is_known_by_its_key_and_has_who_deploys_it() -> None:
    flow = read_flow(FLOW)
    assert (flow.id, flow.state, flow.archived_from, flow.latest_version) == (
        "flow_1",
        FlowState.ARCHIVED,
        FlowState.PUBLISHED,
        2,
    )
    assert flow.open_deployments == {"dep_1", "dep_2"}


@pytest.mark.parametrize(
    "flaw", [{"state": "gone"}, {"latest_version": 0}, {"definition": "[]"}, {"tags": "a"}, {"open_deployments": 5}]
)
def test_a_flow_that_is_damaged_cannot_be_read(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_flow(FLOW | flaw)


def test_versions_of_before_there_were_signatures_have_none() -> None:
    assert (read_version(VERSION).version, read_version(VERSION).signature) == (12, None)
    signed = read_version(VERSION | {"signature": {"key": "k", "value": "v"}})
    assert signed.signature == Signature(key="k", value="v")


@pytest.mark.parametrize("flaw", [{"sk": "VERSION#x"}, {"size": -1}, {"signature": {"key": "k"}}, {"signature": "v"}])
def test_a_version_that_is_damaged_cannot_be_read(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_version(VERSION | flaw)
