"""Thing groups as targets on the local cloud: with the groups below them, and by the API's own permissions."""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError
from localcloud.clients import root_client
from localcloud.settings import Settings
from localcloud.stack import Stack
from tests.support.rollouts import Operator

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

pytestmark = pytest.mark.timeout(180)

QUICK: Final = {"timeout": "3s", "auto_rollback": False}


@pytest.fixture
def plant(stack: Stack, tmp_path: Path) -> str:
    """A group with a device, and in a group below a group below it two more, one of them in both."""
    name = f"plant_{uuid4().hex[:8]}"
    devices = [f"{name}_{number}" for number in (1, 2, 3)]
    Fleet(stack, tmp_path).register(devices)
    iot: IoTClient = stack.client("iot")
    nest(iot, name)
    for group, device in ((name, devices[2]), (f"{name}_hall_line", devices[1]), (f"{name}_hall_line", devices[2])):
        iot.add_thing_to_thing_group(thingGroupName=group, thingName=device)
    return name


def nest(iot: "IoTClient", name: str) -> None:
    """Make a group, a group in it, and a group in that."""
    iot.create_thing_group(thingGroupName=name)
    iot.create_thing_group(thingGroupName=f"{name}_hall", parentGroupName=name)
    iot.create_thing_group(thingGroupName=f"{name}_hall_line", parentGroupName=f"{name}_hall")


def test_groups_below_count_and_the_list_is_frozen_at_start(stack: Stack, operator: Operator, plant: str) -> None:
    body = {
        "flow_id": operator.flow(),
        "strategy": "all_at_once",
        "target_devices": [f"{plant}_3"],
        "target_groups": [plant],
        "config": QUICK,
    }
    made = operator.rest.call("POST", "/deployments", body)
    assert (made["total_targets"], made["target_groups"]) == (None, [plant])
    started = operator.start(made["id"])
    assert started["total_targets"] == 2
    stack.client("iot").add_thing_to_thing_group(thingGroupName=plant, thingName=f"{plant}_1")
    ended = operator.ended(made["id"])
    assert (ended["status"], ended["total_targets"]) == ("failed", 2), "nobody is connected"
    assert operator.statuses(made["id"]) == {f"{plant}_2": "failed", f"{plant}_3": "failed"}


def test_a_group_that_is_not_there_is_refused_by_name(operator: Operator, plant: str) -> None:
    body = {"flow_id": operator.flow(), "strategy": "rolling", "target_groups": [plant, "nowhere"]}
    with pytest.raises(ProblemError) as refused:
        operator.rest.call("POST", "/deployments", body)
    assert (refused.value.status, [fault["pointer"] for fault in refused.value.problem["errors"]]) == (
        422,
        ["/target_groups/1"],
    )


def test_bare_emulator_still_needs_the_patch(bare: Settings) -> None:
    iot: IoTClient = root_client("iot", bare.endpoint_url)
    nest(iot, "plant")
    iot.create_thing(thingName="dev_1")
    iot.add_thing_to_thing_group(thingGroupName="plant_hall_line", thingName="dev_1")
    assert iot.list_things_in_thing_group(thingGroupName="plant", recursive=True)["things"] == [], (
        "MiniStack lists groups below a group by itself now: "
        "delete localcloud/nested_groups.py, its call in localcloud/launcher.py, and this test."
    )
