"""Whoever has an answer already and says so is told that nothing changed, and nothing else."""

import pytest

from api.paths import ROUTES
from edgeflow.bootstrap import rollout
from tests.support.rest import Rest

WATCHED = [
    route for route, methods in ROUTES.items() if "GET" in methods and "If-None-Match" in methods["GET"].conditions
]


@pytest.fixture
def deployment_id(rest: Rest, machines: None, flow_id: str) -> str:
    """A deployment to one device, whose target is planned."""
    asked = {"flow_id": flow_id, "strategy": "rolling", "target_devices": ["dev_001"]}
    made = str(rest("POST", "/v1/deployments", asked).body["id"])
    rest("POST", f"/v1/deployments/{made}/start")
    rollout.plan_rollout()(made)
    return made


@pytest.mark.parametrize("route", WATCHED)
@pytest.mark.slow
def test_an_answer_is_sent_again_only_when_it_has_changed(
    rest: Rest, flow_id: str, deployment_id: str, route: str
) -> None:
    ids = {"<flow_id>": flow_id, "<deployment_id>": deployment_id, "<device_id>": "dev_001"}
    path = route
    for name, value in ids.items():
        path = path.replace(name, value)
    first = rest("GET", path)
    assert first.status == 200
    tag = first.headers["ETag"]
    known = rest("GET", path, headers={"If-None-Match": f'"other", {tag}'})
    assert (known.status, known.text, known.headers["ETag"]) == (304, "", tag)
    other = rest("GET", path, headers={"If-None-Match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


def test_a_change_changes_the_tag(rest: Rest, flow_id: str, deployment_id: str) -> None:
    paths = [f"/v1/deployments/{deployment_id}", "/v1/deployments", f"/v1/deployments/{deployment_id}/targets"]
    before = [rest("GET", path).headers["ETag"] for path in paths]
    rest("POST", f"/v1/deployments/{deployment_id}/pause")
    after = [rest("GET", path).headers["ETag"] for path in paths]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, True]


def test_a_new_version_changes_the_tags_of_what_lists_it(rest: Rest, flow_id: str) -> None:
    paths = ["/v1/flows", f"/v1/flows/{flow_id}/versions"]
    before = [rest("GET", path).headers["ETag"] for path in paths]
    rest("POST", f"/v1/flows/{flow_id}/draft")
    rest("POST", f"/v1/flows/{flow_id}/publish")
    after = [rest("GET", path).headers["ETag"] for path in paths]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False]


def test_what_is_asked_again_and_again_is_watched() -> None:
    assert {
        "/v1/deployments/<deployment_id>",
        "/v1/devices",
        "/v1/devices/summary",
        "/v1/flows",
        "/v1/flows/<flow_id>/versions",
    } < set(WATCHED)
