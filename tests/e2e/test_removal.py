"""Taking a flow off real devices, and back on, and deleting it after that."""

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError
from tests.support.rollouts import GOOD, Operator, eventually, runs

CONFLICT = 409
_OTHER = GOOD | {"variables": [{"name": "colour", "type": "string", "value": "red"}]}


def why_not(operator: Operator, flow_id: str) -> str:
    """Return why the flow cannot be deleted."""
    with pytest.raises(ProblemError) as refused:
        operator.rest.call("DELETE", f"/flows/{flow_id}")
    assert refused.value.status == CONFLICT
    return str(refused.value.problem["detail"])


def is_told(operator: Operator, flow_id: str, devices: list[str]) -> None:
    """Wait until the cloud has the reports of these devices on the flow."""
    eventually(
        lambda: (
            [each["device_id"] for each in operator.rest.every("devices", f"/devices?flow_id={flow_id}")] == devices
        ),
        seconds=30,
        what=f"{devices} report the flow",
    )


def test_a_flow_is_removed_from_three_devices_by_rolling_then_deleted_and_other_flows_run_on(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    three = devices[1:4]
    flow_id, other = operator.flow(), operator.flow(_OTHER)
    for each in (flow_id, other):
        assert operator.deploy(each, three, strategy="all_at_once")["status"] == "completed"
    is_told(operator, flow_id, three)
    assert why_not(operator, flow_id).startswith("3 devices run flow")
    ended = operator.remove(flow_id, three, batch_size=1, batch_delay="1s")
    assert ended["status"] == "completed", ended["status_reason"]
    assert (ended["action"], ended["flow_version"], ended["waves"]) == ("remove", None, 3)
    assert ended["status_reason"] == "all 3 targets are without the flow"
    assert {target["version_before"] for target in operator.targets(ended["id"]).values()} == {1}
    assert runs(fleet, flow_id, three, None)
    assert runs(fleet, other, three, 1), "what else runs there runs on"
    operator.rest.call("DELETE", f"/flows/{flow_id}")  # at once: the devices' word on their jobs is enough
    with pytest.raises(ProblemError):
        operator.rest.call("GET", f"/flows/{flow_id}")


def test_a_removal_that_is_rolled_back_in_the_middle_puts_the_version_back(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    three = devices[1:4]
    flow_id = operator.flow()
    assert operator.deploy(flow_id, three, strategy="all_at_once")["status"] == "completed"
    is_told(operator, flow_id, three)
    removal = operator.create_removal(flow_id, three, batch_size=1, batch_delay="10m")
    operator.start(removal)
    eventually(
        lambda: operator.statuses(removal)[three[0]] == "success", seconds=60, what="the first device is without it"
    )
    assert runs(fleet, flow_id, three[:1], None)
    assert runs(fleet, flow_id, three[1:], 1)
    operator.rollback(removal)
    ended = operator.ended(removal)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert operator.statuses(removal) == {three[0]: "rolled_back", three[1]: "skipped", three[2]: "skipped"}
    assert runs(fleet, flow_id, three, 1)
    is_told(operator, flow_id, three)
    assert why_not(operator, flow_id).startswith("3 devices run flow")
    operator.rest.call("POST", f"/flows/{flow_id}/archive")
    again = operator.remove(flow_id, three, strategy="blue_green", switch_delay="1s")
    assert again["status"] == "completed", again["status_reason"]
    assert runs(fleet, flow_id, three, None)
    operator.rest.call("DELETE", f"/flows/{flow_id}")
