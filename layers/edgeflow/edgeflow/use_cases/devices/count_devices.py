"""Counting the fleet: once for all who ask within some seconds, and no more devices than one request can bear."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from edgeflow.contract.rest.fleet import MAX_LISTED, AgentVersionCount, FleetSummary, FlowVersionCount
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.fleet import Connection, DeviceHealth, FleetCount
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import Fleet

KEPT: Final = timedelta(seconds=30)
"""How long a count is answered again, before the fleet is counted anew."""
MAX_COUNTED: Final = 100_000
"""Devices of one count: some 25 MB of the index, which take a function with 1 GB about eight seconds."""


@dataclass(frozen=True, slots=True)
class CountDevices:
    """Count devices by connection, health, version of the agent, and version of each flow."""

    fleet: Fleet
    clock: Clock

    def __call__(self) -> FleetSummary:
        """Return a count that is at most ``KEPT`` old."""
        now = self.clock()
        kept = self.fleet.kept_count()
        if kept is not None and abs(now - datetime.fromisoformat(kept.counted_at)) < KEPT:
            return kept
        count = FleetCount()
        devices = iter(self.fleet.glances())
        for device in islice(devices, MAX_COUNTED):
            if isinstance(device, Unreadable):
                count.add_unreadable()
            else:
                count.add(device)
        count.complete = next(devices, None) is None
        counted = _summary(count, at=timestamp(now))
        self.fleet.keep_count(counted)
        return counted


def _summary(count: FleetCount, *, at: str) -> FleetSummary:
    versions: Counter[tuple[str, int]] = Counter()
    for (flow_id, version, _), devices in count.flows.items():
        versions[flow_id, version] += devices
    agents = _most_frequent(count.agent_versions)
    flows = _most_frequent(versions)
    return FleetSummary(
        counted_at=at,
        complete=count.complete,
        total=count.total,
        unreadable=count.unreadable,
        connected={each.value: count.connected[each] for each in Connection},
        health={each.value: count.health[each] for each in DeviceHealth},
        agent_versions=[AgentVersionCount(agent_version=version, devices=devices) for version, devices in agents],
        agent_versions_left_out=len(count.agent_versions) - len(agents),
        flows=[
            FlowVersionCount(
                flow_id=flow_id,
                version=version,
                devices=devices,
                health={
                    each.value: count.flows[flow_id, version, each]
                    for each in DeviceHealth
                    if each is not DeviceHealth.UNKNOWN
                },
            )
            for (flow_id, version), devices in flows
        ],
        flows_left_out=len(versions) - len(flows),
    )


_Counted = TypeVar("_Counted", str, tuple[str, int])


def _most_frequent(counter: Counter[_Counted]) -> list[tuple[_Counted, int]]:
    """Return what is most frequent first; what is equally frequent is in order, so that two counts look the same."""
    return sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))[:MAX_LISTED]
