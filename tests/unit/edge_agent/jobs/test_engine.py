"""Doing jobs: what is told, what runs, and that no power cut, lost connection or cancel ever breaks it."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.disk.state import STATE_FILE
from edge_agent.jobs.engine import MAX_STARTS
from edge_agent.jobs.health_window import Stopping
from edgeflow.contract.job import Watch
from tests.unit.edge_agent.device import (
    FLOW,
    JOB,
    NOON,
    Device,
    Power,
    PowerCut,
    activate,
    apply,
    stage,
)
from tests.unit.edge_agent.faulty_disk import IN_MEMORY
from tests.unit.edge_agent.job_kinds import SCENARIOS, Scenario, check_end
from tests.unit.edge_agent.writes import watch_writes

CUT_TWICE = (
    *("upgrade", "unhealthy_upgrade", "first_version", "remove"),
    *("stage", "activate", "unhealthy_activate", "switch_back"),
)

NewDevice = Callable[[Scenario], Device]


@pytest.fixture
def new_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewDevice]:
    """Make devices, each in a folder of its own, with the scenario's job queued."""
    power = Power()
    watch_writes(power, monkeypatch)
    made: list[Device] = []

    def make(scenario: Scenario) -> Device:
        power.at, power.happens = None, None
        device = Device(Path(folder) / str(len(made)), power)
        made.append(device)
        scenario.prepare(device)
        power.moments = 0
        return device

    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield make


@pytest.mark.parametrize("name", SCENARIOS)
def test_without_disturbance(new_device: NewDevice, name: str) -> None:
    scenario = SCENARIOS[name]
    device = new_device(scenario)
    device.live()
    assert device.cloud.status() == scenario.end
    check_end(device, scenario)
    told = device.cloud.details[JOB]
    assert told.get("runs_version") == (str(scenario.runs) if scenario.runs else None)
    assert int(told["sequence"]) > 1


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.slow
def test_power_cut_at_every_moment(new_device: NewDevice, name: str) -> None:
    scenario = SCENARIOS[name]
    whole = new_device(scenario)
    whole.live()
    moments = whole.power.moments
    assert moments > 5
    for moment in range(1, moments + 1):
        device = new_device(scenario)
        device.power.at, device.power.happens = moment, device.power.cut
        device.live()
        assert device.cloud.status() == scenario.end, f"cut at moment {moment} of {moments}"
        check_end(device, scenario)


@pytest.mark.parametrize(
    "name",
    [
        "upgrade",
        "unhealthy_upgrade",
        "first_version",
        "stage",
        "activate",
        "unhealthy_activate",
        "switch_back",
        "remove",
    ],
)
@pytest.mark.slow
def test_two_power_cuts_at_every_pair_of_moments(new_device: NewDevice, name: str) -> None:
    scenario = SCENARIOS[name]
    whole = new_device(scenario)
    whole.live()
    moments = whole.power.moments
    for first in range(1, moments + 1):
        for second in range(first + 1, first + moments, 2):
            device = new_device(scenario)

            def cut_twice(device: Device = device, second: int = second) -> None:
                device.power.at, device.power.happens = second, device.power.cut
                raise PowerCut

            device.power.at, device.power.happens = first, cut_twice
            device.live()
            check_end(device, scenario)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.slow
def test_offline_at_every_call(new_device: NewDevice, name: str) -> None:
    scenario = SCENARIOS[name]
    whole = new_device(scenario)
    whole.live()
    for call in range(1, whole.cloud.calls + 1):
        device = new_device(scenario)
        device.cloud.offline_at = call
        device.live()
        assert device.cloud.status() == scenario.end, f"offline at call {call}"
        check_end(device, scenario)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.slow
def test_cancelled_at_every_moment(new_device: NewDevice, name: str) -> None:
    scenario = SCENARIOS[name]
    whole = new_device(scenario)
    whole.live()
    for moment in range(1, whole.power.moments + 1):
        device = new_device(scenario)

        def cancel(device: Device = device) -> None:
            device.cloud.cancel()
            device.engine.look_again()

        device.power.at, device.power.happens = moment, cancel
        device.boot()
        device.work()
        check_end(device, scenario, ended="CANCELED")


def test_a_version_that_takes_the_agent_down_is_given_up(new_device: NewDevice) -> None:
    scenario = SCENARIOS["upgrade"]
    device = new_device(scenario)
    device.deadly = {2}
    starts = 0
    for _ in range(MAX_STARTS + 2):
        try:
            device.boot()
            device.engine.work()
        except PowerCut:
            starts += device.flows.starts.count(2)
            continue
        break
    assert starts == MAX_STARTS
    assert (device.cloud.status(), device.flows.now[FLOW]) == ("FAILED", 1)
    assert device.cloud.details[JOB]["reason"] == "interrupted"


def test_after_a_power_cut_an_unhealthy_version_is_reverted_without_the_cloud(new_device: NewDevice) -> None:
    scenario = SCENARIOS["unhealthy_upgrade"]
    device = new_device(scenario)
    device.boot()
    device.flows.on_look = device.power.cut
    with pytest.raises(PowerCut):
        device.engine.work()
    assert device.version == 2
    device.cloud.offline_at = device.cloud.calls + 1
    device.boot()
    assert device.flows.now[FLOW] == 2
    device.live()
    assert device.flows.now[FLOW] == 1
    check_end(device, scenario)


def test_an_agent_stopped_in_the_health_window_goes_on_and_counts_no_fault(new_device: NewDevice) -> None:
    scenario = Scenario(apply(2, window=60), 1, "SUCCEEDED", 2)
    device = new_device(scenario)
    for _ in range(MAX_STARTS + 1):
        device.boot()
        device.flows.on_look = device.watch.stop
        with pytest.raises(Stopping):
            device.engine.work()
    entry = device.state.job
    assert entry is not None
    assert (entry.starts < MAX_STARTS, device.version) == (True, 2)


class SlowLife:
    """A device whose versions need time to fail: a second goes by with each look at how its flow is."""

    def __init__(self, device: Device, **proofs: float) -> None:
        self.device = device
        self.seconds = 0.0
        self.at: dict[float, Callable[[], None]] = {}
        device.proofs = {int(version.removeprefix("v")): seconds for version, seconds in proofs.items()}
        device.monotonic = lambda: self.seconds

    def boot_and_work(self) -> float:
        """Do what there is to do; returns how many seconds that took."""
        began = self.seconds
        self.device.boot()
        self.device.flows.on_look = self._look
        self.device.engine.work()
        return self.seconds - began

    def _look(self) -> None:
        self.seconds += 1
        self.device.watch.wake()
        self.at.pop(self.seconds, lambda: None)()


def test_a_version_that_fails_after_its_window_but_as_soon_as_it_can_is_not_deployed(new_device: NewDevice) -> None:
    device = new_device(Scenario(apply(2, window=5), 1, "FAILED", 1))
    life = SlowLife(device, v2=60)
    life.at[50] = lambda: device.bad.add(2)
    life.boot_and_work()
    assert (device.cloud.status(), device.cloud.details[JOB]["reason"]) == ("FAILED", "unhealthy")
    assert device.flows.now == {FLOW: 1}


@pytest.mark.parametrize(("window", "watched"), [(5, 60), (100, 100)])
def test_a_window_is_as_long_as_asked_for_and_as_the_flow_needs(
    new_device: NewDevice, window: float, watched: float
) -> None:
    device = new_device(Scenario(apply(2, window=window), 1, "SUCCEEDED", 2))
    assert SlowLife(device, v1=170, v2=60).boot_and_work() == watched + 1
    assert device.cloud.status() == "SUCCEEDED"


def test_a_power_cut_in_the_longer_window_begins_it_anew_and_shortens_it_never(new_device: NewDevice) -> None:
    device = new_device(Scenario(apply(2, window=5), 1, "FAILED", 1))
    life = SlowLife(device, v2=60)
    life.at[30] = device.power.cut
    with pytest.raises(PowerCut):
        life.boot_and_work()
    assert (device.version, device.cloud.status()) == (2, "IN_PROGRESS")
    life.at[30 + 50] = lambda: device.bad.add(2)
    life.boot_and_work()
    assert (device.cloud.status(), device.flows.now) == ("FAILED", {FLOW: 1})


def test_without_a_health_check_nobody_waits_however_long_the_flow_needs(new_device: NewDevice) -> None:
    device = new_device(Scenario(apply(2, window=None), 1, "SUCCEEDED", 2))
    assert SlowLife(device, v2=60).boot_and_work() == 0
    assert device.cloud.status() == "SUCCEEDED"


@pytest.mark.parametrize(
    ("document", "before", "standby", "ran"),
    [
        (apply(2), 1, None, False),
        (stage(2), 1, None, False),
        (activate(2), 1, 2, True),
        (activate(1), 1, 2, True),
        (apply(1), 1, None, True),
        (stage(2), 1, 2, True),
    ],
)
def test_what_runs_already_is_judged_by_its_next_work(
    new_device: NewDevice, document: dict[str, Any], before: int, standby: int | None, *, ran: bool
) -> None:
    device = new_device(Scenario(document, before, "SUCCEEDED", None, standby=standby))
    device.live()
    assert device.cloud.status() == "SUCCEEDED"
    assert device.flows.proofs_asked == [(document["version"], ran)]


def test_how_often_to_report_is_kept_after_the_job_until_another_one_comes(new_device: NewDevice) -> None:
    scenario = SCENARIOS["upgrade"]
    device = new_device(scenario)
    device.cloud.queue(apply(2) | {"watch": {"every_seconds": 60, "until": "2026-02-21T13:00:00Z"}})
    device.live()
    assert device.state.job is None
    assert device.state.watches == {FLOW: Watch(every_seconds=60, until=NOON + timedelta(hours=1))}
    device.cloud.queue(apply(1, window=None), "dep_1-r001-0000-0000")
    device.live()
    assert device.state.watches == {}, "the way back is the end of what was watched"


def test_an_end_that_was_told_before_is_not_taken_back(new_device: NewDevice) -> None:
    scenario = SCENARIOS["upgrade"]
    device = new_device(scenario)
    original = device.cloud.update

    def answers_get_lost(job_id: str, status: str, details: Any) -> None:  # noqa: ANN401  as the port has it
        original(job_id, status, details)
        if status == "SUCCEEDED":
            device.cloud.update = original  # type: ignore[method-assign]
            raise PowerCut

    device.cloud.update = answers_get_lost  # type: ignore[method-assign]
    device.live()
    check_end(device, scenario)
    assert device.flows.now[FLOW] == 2


def test_going_back_needs_no_download(new_device: NewDevice) -> None:
    device = new_device(SCENARIOS["upgrade"])
    device.live()
    device.fetched.clear()
    device.cloud.queue(apply(1, window=None), "dep_1-r001-0000-0000")
    device.engine.work()
    assert device.flows.now[FLOW] == 1
    assert device.fetched == []


@pytest.mark.parametrize("name", ["activate", "switch_back", "switch_back_before_the_switch"])
def test_a_switch_either_way_downloads_nothing_and_starts_nothing(new_device: NewDevice, name: str) -> None:
    device = new_device(SCENARIOS[name])
    device.boot()
    brought_up = list(device.flows.starts)
    device.engine.work()
    assert (device.cloud.status(), device.flows.starts, device.fetched) == ("SUCCEEDED", brought_up, [])


def test_what_no_slot_holds_is_said_with_what_they_hold(new_device: NewDevice) -> None:
    device = new_device(SCENARIOS["activate_what_is_not_staged"])
    device.live()
    told = device.cloud.details[JOB]
    assert (told["reason"], told["message"]) == (
        "not_staged",
        "no slot holds version 2: version 1 is live, version 3 stands by",
    )


def test_a_staged_version_that_takes_the_agent_down_is_given_up_and_the_live_one_goes_on(
    new_device: NewDevice,
) -> None:
    device = new_device(SCENARIOS["stage"])
    device.deadly = {2}
    device.live()
    assert device.cloud.details[JOB]["reason"] == "interrupted"
    assert (device.flows.now, device.flows.standing_by) == ({FLOW: 1}, {})


def test_state_of_an_agent_without_slots_is_read(new_device: NewDevice) -> None:
    device = new_device(SCENARIOS["stage"])
    path = device.directory / STATE_FILE
    old = json.loads(path.read_text(encoding="utf-8"))
    del old["standby"], old["flows"][FLOW]["slot"]
    path.write_text(json.dumps(old), encoding="utf-8")
    device.live()
    assert (device.version, device.standby) == (1, 2)


def test_two_jobs_are_done_one_after_the_other(new_device: NewDevice) -> None:
    device = new_device(SCENARIOS["upgrade"])
    device.cloud.queue(apply(3), "dep_2-w00001-0000")
    device.live()
    assert [job for job, _ in device.cloud.ends] == [JOB, "dep_2-w00001-0000"]
    assert device.flows.now[FLOW] == 3
    assert (device.has(2), device.has(3), device.has(1)) == (True, True, False)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param({"schema": "edgeflow.job/9", "flow_id": FLOW}, "unsupported_schema", id="unknown_schema"),
        pytest.param({}, "unsupported_schema", id="no_document_of_ours"),
        pytest.param(apply(2) | {"operation": "levitate"}, "unsupported_operation", id="unknown_operation"),
        pytest.param(stage(2) | {"artifact": None}, "unsupported_operation", id="stage_without_artifact"),
        pytest.param(activate(2) | {"version": None}, "unsupported_operation", id="activate_without_version"),
        pytest.param(apply(2) | {"artifact": None}, "unsupported_operation", id="no_artifact"),
        pytest.param(apply(2) | {"flow_id": "../../etc"}, "unsupported_operation", id="path_tricks"),
    ],
)
def test_what_is_not_understood_is_rejected_and_changes_nothing(
    new_device: NewDevice, document: dict[str, Any], reason: str
) -> None:
    device = new_device(SCENARIOS["upgrade"])
    device.cloud.queue(document)
    device.live()
    assert (device.cloud.status(), device.cloud.details[JOB]["reason"]) == ("REJECTED", reason)
    assert device.flows.now[FLOW] == 1
    assert device.fetched == []
