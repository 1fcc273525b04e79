"""Creating: what it will go by is resolved and frozen; what is refused leaves nothing, and all faults are told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edgeflow.contract.rest.deployments import CreateRolling
from edgeflow.domain.deployments import Artifact, DeploymentStatus
from edgeflow.domain.devices import Device, DeviceState
from edgeflow.domain.errors import CannotBeRead, Conflict, InvalidRequest, NotFound
from edgeflow.domain.fleet import ANY_DEVICE, DeviceFilter
from edgeflow.domain.flows import Flow, FlowState
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.deployments.create_deployment import CreateDeployment
from tests.unit.adapters.builders import FLOW
from tests.unit.use_cases.cloud import ME
from tests.unit.use_cases.memory import MOMENT, World, unreadable
from tests.unit.use_cases.memory_aws import MemoryFlows, MemoryGroups, MemoryManifests, MemoryRegistry
from tests.unit.use_cases.memory_stores import MemoryDeployments

DEVICES = ["dev_001", "dev_002"]


class OneFlow(MemoryFlows):
    """One flow with two versions, as a test changes it; None: it was deleted."""

    def __init__(self, world: World, **changes: Any) -> None:  # noqa: ANN401  fields of a flow
        super().__init__(world)
        self.error: Exception | None = None
        self.changes = {"latest_version": 2} | changes

    def get(self, flow_id: str) -> Flow:
        if self.error is not None:
            raise self.error
        return replace(super().get(flow_id), **self.changes)


class Reporting:
    """Devices that report the flow."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,  # noqa: ARG002  part of the port
        wanted: DeviceFilter = ANY_DEVICE,
    ) -> tuple[list[Device | Unreadable], str | None]:
        assert wanted == DeviceFilter(flow_id=FLOW)
        found: list[Device | Unreadable] = [
            Device(id=each, state=DeviceState.REGISTERED, attempt="1") for each in self.ids[:limit]
        ]
        return found, None


class Creating:
    """The operation over a world with two devices and one flow."""

    def __init__(self, *reporting: str, **flow: Any) -> None:  # noqa: ANN401  fields of a flow
        self.world = World(registered=set(DEVICES), groups={"north": ["dev_002"]})
        for version in (1, 2):
            self.world.versions[FLOW, version] = Artifact(version=version, sha256=str(version) * 64, size=10)
        self.flows = OneFlow(self.world, **flow)
        self.create = CreateDeployment(
            MemoryDeployments(self.world),
            self.flows,
            MemoryRegistry(self.world),
            Reporting(*reporting),
            MemoryGroups(self.world),
            MemoryManifests(self.world),
            lambda: MOMENT,
            timedelta(seconds=30),
            "5f3a9c01",
        )

    def faults(self, **changes: object) -> list[str]:
        """Return the places of what is wrong with a request, of which nothing is left."""
        with pytest.raises(InvalidRequest) as refused:
            self.create(order(**changes), by=ME)
        assert (self.world.deployments, self.world.manifests, self.world.asked) == ({}, {}, {})
        return [fault.pointer for fault in refused.value.faults]


def order(**changes: object) -> CreateRolling:
    return CreateRolling.model_validate(
        {"flow_id": FLOW, "strategy": "rolling", "target_devices": DEVICES, "config": {}} | changes
    )


def test_it_waits_to_be_started_with_its_version_and_its_list_frozen() -> None:
    creating = Creating()
    made = creating.create(order(target_devices=[*DEVICES, DEVICES[0]]), by=ME)
    assert (made.status, made.version, made.total_targets) == (DeploymentStatus.PENDING, 2, 2)
    assert made.rules.health_window_seconds == 30
    assert creating.world.manifests == {made.id: DEVICES}
    assert creating.world.deployments[made.id].artifact == creating.world.versions[FLOW, 2]
    (event,) = creating.world.history[made.id]
    assert (event.type, event.actor) == ("created", ME)


def test_groups_are_kept_by_name_until_it_starts() -> None:
    creating = Creating()
    made = creating.create(order(target_groups=["north"]), by=ME)
    assert (made.total_targets, made.target_groups) == (0, ("north",))
    assert creating.world.manifests == {}
    assert creating.world.asked[made.id].groups == ("north",)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert Creating().faults(
        flow_version=9,
        target_devices=["dev_001", "dev_009", "dev_009"],
        target_groups=["south"],
        config={"timeout": "1s"},
    ) == ["/flow_version", "/config/timeout", "/target_groups/0", "/target_devices/1"]


def test_a_flow_that_was_deleted_is_removed_from_devices_that_report_it_where_nothing_is_to_go_back() -> None:
    creating = Creating("dev_001")
    creating.flows.error = NotFound(FLOW)
    assert creating.faults() == ["/flow_id"]
    assert creating.faults(action="remove") == ["/config/auto_rollback"]
    made = creating.create(order(action="remove", config={"auto_rollback": False}), by=ME)
    assert (made.version, made.rules.health_window_seconds) == (None, None)
    nowhere = Creating()
    nowhere.flows.error = NotFound(FLOW)
    assert nowhere.faults(action="remove", config={"auto_rollback": False}) == ["/flow_id"]


def test_a_flow_that_cannot_be_read_is_removed_and_not_deployed() -> None:
    creating = Creating()
    creating.flows.error = CannotBeRead(unreadable(Kind.FLOW, FLOW, FLOW))
    with pytest.raises(CannotBeRead):
        creating.create(order(), by=ME)
    assert creating.create(order(action="remove"), by=ME).artifact is None


@pytest.mark.parametrize(
    ("flow", "why"),
    [({"state": FlowState.ARCHIVED}, "is archived"), ({"latest_version": None}, "has no published version")],
)
def test_what_cannot_be_deployed_is_refused_with_the_reason(flow: dict[str, object], why: str) -> None:
    creating = Creating(**flow)
    with pytest.raises(Conflict, match=why):
        creating.create(order(), by=ME)
    assert creating.world.manifests == {}
