"""Thing groups as targets by REST: named when a deployment is created, resolved when it starts."""

from typing import Any

import boto3
import pytest

from edgeflow.bootstrap import rollout
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES, order


@pytest.fixture
def north(flow_id: str) -> str:
    """A thing group of two devices."""
    iot = boto3.client("iot")
    iot.create_thing_group(thingGroupName="north")
    for device_id in ("dev_003", "dev_002"):
        iot.add_thing_to_thing_group(thingGroupName="north", thingName=device_id)
    return "north"


def test_a_group_is_resolved_when_the_deployment_starts(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_devices=["dev_002"], target_groups=[north, north]))
    assert made.status == 201
    assert (made.body["target_groups"], made.body["total_targets"]) == ([north], None)
    assert made.body["target_counts"]["open"] == 0
    assert [(each["device_id"], each["wave"]) for each in made.body["targets"]] == [("dev_002", None)]
    boto3.client("iot").add_thing_to_thing_group(thingGroupName=north, thingName="dev_001")
    path = f"/v1/deployments/{made.body['id']}"
    started = rest("POST", f"{path}/start").body
    assert (started["target_groups"], started["total_targets"], started["target_counts"]["open"]) == ([north], 3, 3)
    assert [(each["device_id"], each["wave"]) for each in started["targets"]] == [(device, 1) for device in DEVICES]
    assert rest("GET", "/v1/deployments").body["deployments"][0]["total_targets"] == 3
    assert rollout.plan_rollout()(made.body["id"])["outcome"] == "planned"


def test_groups_alone_will_do(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    body = {"flow_id": flow_id, "strategy": "canary", "target_groups": [north]}
    made = rest("POST", "/v1/deployments", body).body
    assert made["targets"] == []
    started = rest("POST", f"/v1/deployments/{made['id']}/start").body
    assert [(each["device_id"], each["wave"]) for each in started["targets"]] == [("dev_002", 1), ("dev_003", 2)]


def test_unknown_groups_and_devices_are_all_named(rest: Rest, flow_id: str, north: str) -> None:
    body = order(flow_id, target_devices=["ghost_1"], target_groups=["west", north, "east"])
    faults = rest("POST", "/v1/deployments", body).faults
    assert set(faults) == {"/target_devices/0", "/target_groups/0", "/target_groups/2"}
    assert faults["/target_groups/2"] == "there is no thing group east in AWS IoT"


def test_a_group_deleted_before_the_start_is_409(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_groups=[north])).body
    boto3.client("iot").delete_thing_group(thingGroupName=north)
    refused = rest("POST", f"/v1/deployments/{made['id']}/start")
    assert (refused.status, "no thing group north" in refused.body["detail"]) == (409, True)


def test_a_member_that_edgeflow_does_not_know_is_named(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_groups=[north])).body
    iot = boto3.client("iot")
    iot.create_thing(thingName="camera_1")
    iot.add_thing_to_thing_group(thingGroupName=north, thingName="camera_1")
    refused = rest("POST", f"/v1/deployments/{made['id']}/start")
    assert (refused.status, "camera_1" in refused.body["detail"]) == (409, True)


@pytest.mark.parametrize("targets", [{}, {"target_devices": []}, {"target_groups": []}])
def test_nothing_to_deploy_to_is_refused(rest: Rest, flow_id: str, targets: dict[str, Any]) -> None:
    refused = rest("POST", "/v1/deployments", {"flow_id": flow_id, "strategy": "rolling"} | targets)
    assert (refused.status, set(refused.faults)) == (422, {"/target_devices"})
    assert "target_groups" in refused.faults["/target_devices"]


def test_names_of_groups_are_checked_and_counted(rest: Rest, flow_id: str) -> None:
    def faults(names: list[str]) -> set[str]:
        body = {"flow_id": flow_id, "strategy": "rolling", "target_groups": names}
        return set(rest("POST", "/v1/deployments", body).faults)

    assert faults(["no spaces"]) == {"/target_groups/0"}
    assert faults([f"group_{number}" for number in range(21)]) == {"/target_groups"}
    assert faults([f"group_{number}" for number in range(20)]) == {f"/target_groups/{place}" for place in range(20)}
