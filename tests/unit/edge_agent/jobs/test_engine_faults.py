"""Doing jobs when the cloud or the disk misbehaves: nothing is forgotten, nothing goes round and round."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.jobs.obtain import MAX_FRESH_ADDRESSES
from edge_agent.jobs.ports import Execution, Offline
from tests.unit.edge_agent.device import FLOW, JOB, Device, Power, apply
from tests.unit.edge_agent.writes import watch_writes

OTHER_FLOW = "flow_2"
NEXT_JOB = "dep_2-w00001-0000"


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Power:
    """Power that counts writes."""
    made = Power()
    watch_writes(made, monkeypatch)
    return made


@pytest.fixture
def device(tmp_path: Path, power: Power) -> Device:
    """A device that runs version 1 and is asked for version 2."""
    made = Device(tmp_path, power)
    made.install(1)
    made.cloud.queue(apply(2))
    made.boot()
    return made


def test_an_end_that_is_refused_of_an_open_job_is_told_again_and_nothing_is_undone(device: Device) -> None:
    device.cloud.refusals = 1
    with pytest.raises(Offline, match="InvalidRequest"):
        device.engine.work()
    assert device.flows.starts == [1, 2]
    device.engine.work()
    assert device.cloud.ends == [(JOB, "SUCCEEDED")]
    assert device.flows.starts == [1, 2], "the flow was not started again"


def test_a_rejection_that_is_refused_of_an_open_job_does_not_block_the_queue(device: Device) -> None:
    device.cloud.queue({"schema": "edgeflow.job/9"})
    device.cloud.queue(apply(3), NEXT_JOB)
    device.cloud.refusals = 1
    with pytest.raises(Offline):
        device.engine.work()
    device.engine.work()
    assert device.cloud.ends == [(JOB, "REJECTED"), (NEXT_JOB, "SUCCEEDED")]


def test_a_job_made_anew_under_its_name_for_another_flow_leaves_the_first_flow_alone(device: Device) -> None:
    device.cloud.offline_at = 2  # the job is on disk, and not accepted yet
    with pytest.raises(Offline):
        device.engine.work()
    device.cloud.queue(apply(2) | {"flow_id": OTHER_FLOW})
    device.bad.add(2)
    device.engine.work()
    assert device.cloud.status() == "FAILED"
    assert device.flows.now == {FLOW: 1}
    assert set(device.state.flows) == {FLOW}


def test_a_document_counts_as_it_is_now(device: Device) -> None:
    device.cloud.offline_at = 2
    with pytest.raises(Offline):
        device.engine.work()
    device.cloud.queue(apply(3))
    device.engine.work()
    assert (device.cloud.status(), device.flows.now) == ("SUCCEEDED", {FLOW: 3})


def test_a_doubt_costs_one_question(device: Device) -> None:
    device.cloud.queue(apply(2, window=0.05))
    questions = device.cloud.calls
    looks = 0

    def doubt_once() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            device.engine.look_again()
        device.watch.wake()  # look on at once

    device.flows.on_look = doubt_once
    device.engine.work()
    assert device.cloud.status() == "SUCCEEDED"
    assert looks > 1
    assert device.cloud.calls - questions == 5, "next, accepted, is it open, done, next"


def test_a_job_that_is_cancelled_during_its_download_starts_nothing(device: Device) -> None:
    def cancel() -> None:
        device.cloud.cancel()
        device.engine.look_again()

    device.on_fetch = cancel
    device.engine.work()
    assert device.flows.starts == [1]
    assert (device.cloud.status(), device.has(2)) == ("CANCELED", False)


def test_a_version_that_runs_already_is_not_started_again(device: Device) -> None:
    device.cloud.queue(apply(1))
    device.engine.work()
    assert (device.cloud.status(), device.flows.starts) == ("SUCCEEDED", [1])


def test_a_cloud_that_still_offers_a_job_that_has_ended_does_not_get_it_done_again(device: Device) -> None:
    device.engine.work()
    device.cloud.executions[JOB][0] = "IN_PROGRESS"  # its list of jobs is a moment behind
    device.engine.work()
    device.engine.work()
    assert device.flows.starts == [1, 2]
    assert device.cloud.ends == [(JOB, "SUCCEEDED")]


@pytest.mark.parametrize("bad", [False, True])
def test_a_full_disk_at_every_write_is_waited_for(
    tmp_path: Path, power: Power, monkeypatch: pytest.MonkeyPatch, *, bad: bool
) -> None:
    whole = Device(tmp_path / "whole", power)
    whole.install(1)
    whole.cloud.queue(apply(2))
    whole.bad = {2} if bad else set()
    writes: list[int] = []
    whole.boot()
    monkeypatch.setattr("os.fsync", lambda _: writes.append(0))
    whole.engine.work()
    count = len(writes)
    assert count > 8
    for full_at in range(1, count + 1):
        device = Device(tmp_path / str(full_at), power)
        device.install(1)
        device.cloud.queue(apply(2))
        device.bad = set(whole.bad)
        device.boot()
        left = [full_at]

        def full(_: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        for _ in range(2):  # the agent's loop waits and calls again
            try:
                device.engine.work()
            except OSError as error:
                assert error.errno == 28  # noqa: PT017  it may also not be raised
        status = device.cloud.status()
        assert device.flows.now == {FLOW: 2 if status == "SUCCEEDED" else 1}
        assert status in ({"FAILED"} if bad else {"SUCCEEDED", "FAILED"})
        assert device.state.job is None
        assert len(device.cloud.ends) == 1
        assert device.version == device.flows.now[FLOW]
        leftovers = [path.name for path in device.directory.rglob("*.new")]
        assert leftovers == [], "a full disk is not filled up further"


def expiring(device: Device, *, fresh: int) -> list[str]:
    """Let every address expire but the one that comes after so many fresh ones; returns those that were offered."""
    offered: list[str] = []
    ask = device.cloud.next

    def sign() -> Execution | None:
        execution = ask()
        if execution is None:
            return None
        offered.append(f"https://artifacts.test/{len(offered)}")
        if len(offered) <= fresh:
            device.expired.add(offered[-1])
        artifact = {**execution.document["artifact"], "url": offered[-1]}
        return replace(execution, document={**execution.document, "artifact": artifact})

    device.cloud.next = sign  # type: ignore[method-assign]
    return offered


@pytest.mark.parametrize("fresh", [1, MAX_FRESH_ADDRESSES])
def test_an_address_that_expired_while_the_job_waited_is_asked_for_anew(device: Device, fresh: int) -> None:
    offered = expiring(device, fresh=fresh)
    device.engine.work()
    assert (device.cloud.status(), device.flows.now) == ("SUCCEEDED", {FLOW: 2})
    assert len(offered) == fresh + 1


def test_addresses_that_are_all_refused_come_to_an_end(device: Device) -> None:
    offered = expiring(device, fresh=100)
    device.engine.work()
    assert (device.cloud.status(), device.flows.now) == ("FAILED", {FLOW: 1})
    assert device.cloud.details[JOB]["reason"] == "download_failed"
    assert len(offered) == MAX_FRESH_ADDRESSES + 1


def test_an_address_that_is_not_made_anew_is_not_tried_again(device: Device) -> None:
    device.expired.add("https://artifacts.test/")
    device.engine.work()
    assert (device.cloud.status(), device.cloud.details[JOB]["reason"]) == ("FAILED", "download_failed")


def test_a_job_that_is_gone_when_a_fresh_address_is_asked_for_changes_nothing(device: Device) -> None:
    device.expired.add("https://artifacts.test/")
    device.on_fetch = device.cloud.cancel
    device.engine.work()
    assert (device.cloud.status(), device.flows.now, device.state.job) == ("CANCELED", {FLOW: 1}, None)
    assert device.cloud.ends == []


def test_offline_when_a_fresh_address_is_asked_for_the_job_starts_over_later(device: Device) -> None:
    device.expired.add("https://artifacts.test/")
    device.cloud.offline_at = device.cloud.calls + 3
    with pytest.raises(Offline):
        device.engine.work()
    device.expired.clear()
    device.engine.work()
    assert (device.cloud.status(), device.flows.now) == ("SUCCEEDED", {FLOW: 2})
