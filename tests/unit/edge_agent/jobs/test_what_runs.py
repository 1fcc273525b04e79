"""What a device says it runs is what runs, and success is a version that really runs."""

from pathlib import Path
from typing import Any

import pytest

from edge_agent.jobs.ports import Offline
from tests.unit.edge_agent.device import FLOW, JOB, REMOVE, Device, Power, activate, apply, stage


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that runs version 1."""
    made = Device(tmp_path / "device", Power())
    made.install(1)
    return made


def _told(device: Device) -> tuple[str, str | None, str | None, str]:
    details = device.cloud.details[JOB]
    return (
        device.cloud.status(),
        details.get("runs_version"),
        details.get("holds_version"),
        f"{details.get('reason', '')}: {details.get('message', '')}",
    )


def _without_health_check(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "health_check"}


@pytest.mark.parametrize("window", [0, None])
@pytest.mark.parametrize("document", [apply(2), stage(2)])
def test_a_version_that_does_not_start_fails_with_and_without_a_health_check(
    device: Device, document: dict[str, Any], window: float | None
) -> None:
    device.dead.add(2)
    device.cloud.queue(document if window is not None else _without_health_check(document))
    device.live()
    assert _told(device) == ("FAILED", "1", "1", "unhealthy: node flow: it cannot start")
    assert (device.version, device.standby) == (1, None)
    assert device.flows.running() == {FLOW: 1}


def test_a_version_that_is_not_well_still_succeeds_without_a_health_check(device: Device) -> None:
    device.bad.add(2)
    device.cloud.queue(apply(2, window=None))
    device.live()
    assert _told(device) == ("SUCCEEDED", "2", "2", ": ")


def test_a_switch_to_a_version_that_does_not_run_goes_back(device: Device) -> None:
    device.install(1, standby=2)
    device.dead.add(2)
    device.cloud.queue(_without_health_check(activate(2)))
    device.live()
    assert _told(device)[:2] == ("FAILED", "1")
    assert device.flows.running() == {FLOW: 1}


def test_when_the_version_before_does_not_start_either_none_is_said_to_run(device: Device) -> None:
    device.bad.add(2)
    device.dead.add(1)
    device.cloud.queue(apply(2))
    device.live()
    assert _told(device) == ("FAILED", None, "1", "unhealthy: node n1: it is bad")


def test_a_job_that_changes_nothing_tells_what_runs_not_what_should(device: Device) -> None:
    device.dead.add(1)
    device.cloud.queue(activate(3))
    device.live()
    status, runs, holds, why = _told(device)
    assert (status, runs, holds) == ("FAILED", None, "1")
    assert why.startswith("not_staged")


def test_a_document_that_is_not_understood_tells_what_runs_not_what_should(device: Device) -> None:
    device.dead.add(1)
    device.cloud.queue(apply(2) | {"operation": "dance"})
    device.live()
    assert _told(device)[:3] == ("REJECTED", None, "1")


def test_a_success_that_was_not_told_yet_counts_only_while_the_version_runs(device: Device) -> None:
    device.cloud.queue(apply(2))
    device.cloud.offline_at = 3  # when the end is told
    device.boot()
    with pytest.raises(Offline):
        device.engine.work()
    assert (device.version, device.cloud.status()) == (2, "IN_PROGRESS")
    device.dead.add(2)
    device.cloud.offline_at = None
    device.live()
    status, runs, holds, why = _told(device)
    assert (status, runs, holds) == ("FAILED", "1", "1")
    assert why == "unhealthy: it does not run any more: node flow: it cannot start"
    assert device.flows.running() == {FLOW: 1}


def test_a_flow_that_goes_on_was_not_removed(device: Device) -> None:
    device.cloud.queue(REMOVE)
    device.boot()
    device.flows.stays[FLOW] = 1
    device.engine.work()
    assert _told(device) == ("FAILED", "1", "1", "unhealthy: version 1 still runs")
    assert device.version == 1
