"""Every kind of job, how it ends when nothing disturbs it, and what must hold when something does."""

from dataclasses import dataclass
from typing import Any

from edge_agent.disk.orders import TakenUp
from edge_agent.jobs.download import DownloadFailed
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.device import FLOW, JOB, REMOVE, Device, Flows, activate, apply, stage


@dataclass(frozen=True)
class Scenario:
    """A job, and how it ends when nothing disturbs it: the status, the version then live, the one that stands by."""

    document: dict[str, Any]
    before: int | None
    end: str
    runs: int | None
    bad: frozenset[int] = frozenset()
    download: Reason | None = None
    standby: int | None = None
    """Stands by before the job."""
    leaves: int | None = None
    """Stands by after the job's success."""
    cuts_off: bool = False
    """What the job brings about cuts the device off from the cloud for as long as it runs."""

    def prepare(self, device: Device) -> None:
        """Let a device be as it is before the job, and the job be queued."""
        device.install(self.before, standby=self.standby)
        self.afflict(device)
        device.cloud.queue(self.document)

    def afflict(self, device: Device) -> None:
        """Let the device have what ails it in this job: versions that are bad or cut it off, downloads that fail."""
        device.bad = set(self.bad)
        if self.download is not None:
            device.fetch_fails = DownloadFailed(self.download, "no such luck")
        if self.cuts_off:
            device.cut_off = lambda flows: self._in_question(flows).get(FLOW) == self.document["version"]

    def _in_question(self, flows: Flows) -> dict[str, int]:
        return flows.standing_by if self.document["operation"] == "stage" else flows.now


SCENARIOS = {
    "first_version": Scenario(apply(2), None, "SUCCEEDED", 2),
    "upgrade": Scenario(apply(2), 1, "SUCCEEDED", 2),
    "upgrade_without_health_check": Scenario(apply(2, window=None), 1, "SUCCEEDED", 2, frozenset({2})),
    "unhealthy_upgrade": Scenario(apply(2), 1, "FAILED", 1, frozenset({2})),
    "unhealthy_first_version": Scenario(apply(2), None, "FAILED", None, frozenset({2})),
    "same_version_again": Scenario(apply(1), 1, "SUCCEEDED", 1),
    "download_fails": Scenario(apply(2), 1, "FAILED", 1, download=Reason.DOWNLOAD_FAILED),
    "wrong_bytes": Scenario(apply(2), 1, "FAILED", 1, download=Reason.CHECKSUM_MISMATCH),
    "stage": Scenario(stage(2), 1, "SUCCEEDED", 1, leaves=2),
    "stage_first_version": Scenario(stage(2), None, "SUCCEEDED", None, leaves=2),
    "stage_what_is_live": Scenario(stage(1), 1, "SUCCEEDED", 1, leaves=1),
    "stage_in_place_of_a_warm_one": Scenario(stage(3), 2, "SUCCEEDED", 2, standby=1, leaves=3),
    "stage_again": Scenario(stage(2), 1, "SUCCEEDED", 1, standby=2, leaves=2),
    "unhealthy_stage": Scenario(stage(2), 1, "FAILED", 1, frozenset({2})),
    "unhealthy_stage_in_place_of_a_warm_one": Scenario(stage(3), 2, "FAILED", 2, frozenset({3}), standby=1),
    "stage_whose_download_fails": Scenario(stage(2), 1, "FAILED", 1, download=Reason.DOWNLOAD_FAILED),
    "activate": Scenario(activate(2), 1, "SUCCEEDED", 2, standby=2, leaves=1),
    "activate_first_version": Scenario(activate(2), None, "SUCCEEDED", 2, standby=2),
    "activate_what_is_live": Scenario(activate(1), 1, "SUCCEEDED", 1, standby=2, leaves=2),
    "unhealthy_activate": Scenario(activate(2), 1, "FAILED", 1, frozenset({2}), standby=2),
    "activate_what_is_not_staged": Scenario(activate(2), 1, "FAILED", 1, standby=3),
    "switch_back": Scenario(activate(1, artifact=True, clear_standby=True), 2, "SUCCEEDED", 1, standby=1),
    "switch_back_before_the_switch": Scenario(
        activate(1, artifact=True, clear_standby=True), 1, "SUCCEEDED", 1, standby=2
    ),
    "switch_back_without_the_slot": Scenario(activate(1, artifact=True, clear_standby=True), 2, "SUCCEEDED", 1),
    "upgrade_beside_a_warm_one": Scenario(apply(3), 2, "SUCCEEDED", 3, standby=1),
    "unhealthy_upgrade_beside_a_warm_one": Scenario(apply(3), 2, "FAILED", 2, frozenset({3}), standby=1),
    "upgrade_that_cuts_off": Scenario(apply(2), 1, "FAILED", 1, cuts_off=True),
    "first_version_that_cuts_off": Scenario(apply(2), None, "FAILED", None, cuts_off=True),
    "upgrade_without_health_check_that_cuts_off": Scenario(apply(2, window=None), 1, "FAILED", 1, cuts_off=True),
    "upgrade_beside_a_warm_one_that_cuts_off": Scenario(apply(3), 2, "FAILED", 2, standby=1, cuts_off=True),
    "stage_that_cuts_off": Scenario(stage(2), 1, "FAILED", 1, cuts_off=True),
    "stage_in_place_of_a_warm_one_that_cuts_off": Scenario(stage(3), 2, "FAILED", 2, standby=1, cuts_off=True),
    "activate_that_cuts_off": Scenario(activate(2), 1, "FAILED", 1, standby=2, cuts_off=True),
    "activate_first_version_that_cuts_off": Scenario(activate(2), None, "FAILED", None, standby=2, cuts_off=True),
    "remove_both": Scenario(REMOVE, 1, "SUCCEEDED", None, standby=2),
    "remove": Scenario(REMOVE, 1, "SUCCEEDED", None),
    "remove_what_is_not_there": Scenario(REMOVE, None, "SUCCEEDED", None),
}


def check_end(device: Device, scenario: Scenario, *, ended: str | None = None) -> None:
    """Hold the device to what the cloud was told."""
    status = device.cloud.status()
    runs = device.flows.now.get(FLOW)
    assert device.state.job is None
    if device.cloud.signs:
        unknown = status == "CANCELED" and FLOW not in device.state.orders.flows
        assert unknown or device.state.orders.flows[FLOW] == TakenUp(issued=1, job_id=JOB, ended=True)
    standby = device.flows.standing_by.get(FLOW)
    assert (runs, standby) == (device.version, device.standby), "what runs is what the disk says"
    assert status in {scenario.end, ended, "FAILED"}
    match status:
        case "SUCCEEDED":
            assert (runs, standby) == (scenario.runs, scenario.leaves)
        case "CANCELED":
            # Before the cancel: then it does not stand by again.
            found_ill = scenario.cuts_off or scenario.standby in scenario.bad
            assert runs == scenario.before
            assert standby == scenario.standby or (found_ill and standby is None)
        case _:
            failed = scenario.standby is not None and scenario.standby == scenario.document["version"]
            assert (runs, standby) == (scenario.before, None if failed else scenario.standby)
    assert len(device.cloud.ends) == (0 if status == "CANCELED" else 1), "one end is told"
    assert all(device.has(version) for version in (runs, standby) if version), "what runs can be started again"
    if scenario.before is not None and scenario.document is not REMOVE:
        assert all(device.runs_something_at_boot), "no boot leaves the device without its flow"
