"""A version under which the cloud is not heard any more is given back, and none that has nothing to do with that."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.disk.state import JournalEntry, Outcome
from edge_agent.jobs.lifeline import AFTER_START_SECONDS, Lifeline
from edge_agent.jobs.ports import Offline
from edgeflow.contract.job import JobDocument, StatusDetails, Step
from tests.unit.edge_agent.device import FLOW, JOB, REMOVE, UNHEARD_LIMIT, Device, Power, activate, apply, stage
from tests.unit.edge_agent.job_kinds import SCENARIOS, check_end

CUT_OFF = [name for name, scenario in SCENARIOS.items() if scenario.cuts_off]


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device that runs version 1."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    made = Device(tmp_path, Power())
    made.install(1)
    return made


def unreachable(device: Device, seconds: float) -> None:
    """Let the device try in vain to reach the cloud, and so much time pass after that."""
    with pytest.raises(Offline):
        device.engine.work()
    device.cloud.now += seconds


def ask_and_cut(device: Device, document: dict[str, Any]) -> None:
    """Let the device do a job, at whose end the connection is gone."""
    device.cut_off = lambda flows: flows.now.get(FLOW) != 1 or bool(flows.standing_by)
    device.cloud.queue(document)
    device.boot()
    unreachable(device, 0)
    assert device.state.job is not None
    assert device.state.job.outcome is not None
    device.cut_off = lambda _: True


def heal(device: Device) -> None:
    """Let the connection come back, and the device work."""
    device.cut_off = lambda _: False
    device.engine.work()


@pytest.mark.parametrize("name", CUT_OFF)
def test_the_version_before_comes_back_and_the_cloud_hears_why(device: Device, name: str) -> None:
    scenario = SCENARIOS[name]
    scenario.prepare(device)
    device.live()
    check_end(device, scenario)
    told = device.cloud.details[JOB]
    assert (device.cloud.status(), told["reason"], told["step"]) == ("FAILED", "connection_lost", "revert")
    assert f"for {UNHEARD_LIMIT:.0f} s after that nothing was heard of the cloud" in told["message"]


@pytest.mark.parametrize(
    ("away", "version"),
    [pytest.param(UNHEARD_LIMIT - 1, 2, id="just_within"), pytest.param(UNHEARD_LIMIT, 1, id="exactly_the_limit")],
)
def test_who_is_back_within_the_limit_stays_and_has_succeeded(device: Device, away: float, version: int) -> None:
    ask_and_cut(device, apply(2))
    device.cloud.now += away
    unreachable(device, 0)
    assert device.flows.now == {FLOW: version}
    heal(device)
    assert device.cloud.status() == {1: "FAILED", 2: "SUCCEEDED"}[version]
    assert device.state.job is None


def test_the_last_try_comes_at_the_limit(device: Device) -> None:
    device.boot()
    assert device.engine.patience == math.inf, "without a job nothing is waited for"
    ask_and_cut(device, apply(2))
    assert device.engine.patience == UNHEARD_LIMIT
    device.cloud.now += 30
    assert device.engine.patience == UNHEARD_LIMIT - 30
    device.cloud.now += UNHEARD_LIMIT
    heal(device)
    assert device.cloud.status() == "SUCCEEDED", "once more it is tried to tell it, and only then"
    assert device.engine.patience == math.inf


def test_a_cloud_that_answers_though_it_takes_nothing_is_heard(device: Device) -> None:
    device.cloud.queue(apply(2))
    device.cloud.refusals = 10
    device.boot()
    for _ in range(10):
        unreachable(device, UNHEARD_LIMIT - 1)
    device.engine.work()
    assert (device.cloud.status(), device.flows.now) == ("SUCCEEDED", {FLOW: 2})


@pytest.mark.parametrize("document", [apply(1), activate(1), REMOVE], ids=["apply", "activate", "remove"])
def test_what_brings_no_new_version_is_not_given_back(device: Device, document: dict[str, Any]) -> None:
    device.cut_off = lambda _: device.state.job is not None and device.state.job.outcome is not None
    device.cloud.queue(document)
    device.boot()
    for _ in range(4):
        unreachable(device, UNHEARD_LIMIT)
    heal(device)
    assert device.cloud.status() == "SUCCEEDED"


def test_after_the_success_is_taken_silence_is_the_clouds_matter(device: Device) -> None:
    device.cloud.queue(apply(2))
    device.boot()
    device.engine.work()
    device.cut_off = lambda _: True
    for _ in range(4):
        unreachable(device, UNHEARD_LIMIT)
    assert (device.flows.now, device.version) == ({FLOW: 2}, 2)


@pytest.mark.parametrize(
    ("away", "version"), [pytest.param(UNHEARD_LIMIT / 2, 2, id="soon"), pytest.param(UNHEARD_LIMIT, 1, id="late")]
)
def test_a_success_whose_answer_was_lost(device: Device, away: float, version: int) -> None:
    device.cloud.answers_lost = 1
    device.cloud.queue(apply(2))
    device.boot()
    unreachable(device, 0)
    device.cut_off = lambda _: True
    device.cloud.now += away
    unreachable(device, 0)
    heal(device)
    assert device.cloud.ends == [(JOB, "SUCCEEDED")], "one end a job, and the first counts"
    assert device.state.job is None
    assert (device.flows.now, device.version) == ({FLOW: version}, version), "what the device's reports say"
    assert device.cloud.next() is None


@pytest.mark.parametrize("operation", [apply, stage])
def test_a_job_that_was_cancelled_meanwhile_leaves_the_version_before(
    device: Device, operation: Callable[[int], dict[str, Any]]
) -> None:
    ask_and_cut(device, operation(2))
    device.cloud.cancel()
    device.cloud.now += UNHEARD_LIMIT
    unreachable(device, 0)
    heal(device)
    assert device.cloud.ends == []
    assert (device.flows.now, device.flows.standing_by, device.state.job) == ({FLOW: 1}, {}, None)


def test_restarts_do_not_put_the_way_back_off_for_ever(device: Device) -> None:
    ask_and_cut(device, apply(2))
    starts = 0
    while device.flows.now == {FLOW: 2}:
        starts += 1
        assert starts < 5, "it is never given back"
        device.cloud.now += AFTER_START_SECONDS + 1
        unreachable(device, 0)
        if device.flows.now == {FLOW: 2}:
            device.boot()
    assert (starts, device.flows.now) == (2, {FLOW: 1})


def test_each_start_leaves_time_to_connect(device: Device) -> None:
    ask_and_cut(device, apply(2))
    device.cloud.now += UNHEARD_LIMIT - 1
    unreachable(device, 0)
    device.boot()
    assert device.engine.patience == AFTER_START_SECONDS
    heal(device)
    assert (device.cloud.status(), device.flows.now) == ("SUCCEEDED", {FLOW: 2})


def test_a_disk_that_does_not_take_the_way_back_is_tried_again(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_and_cut(device, apply(2))
    device.cloud.now += UNHEARD_LIMIT

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            device.engine.work()
    assert (device.flows.now, device.version) == ({FLOW: 2}, 2), "what runs is what the disk says"
    unreachable(device, 0)
    assert (device.flows.now, device.version) == ({FLOW: 1}, 1)


def test_nothing_is_due_before_it_has_begun() -> None:
    lifeline = Lifeline(limit=100, heard_at=lambda: -math.inf, monotonic=lambda: 1_000.0)
    assert lifeline.left(succeeded()) == 100
    assert lifeline.left(None) == math.inf


def succeeded() -> JournalEntry:
    """Return a job whose success waits to be told."""
    return JournalEntry(
        job_id=JOB,
        document=JobDocument.model_validate(apply(2)),
        before=None,
        outcome=Outcome(status="SUCCEEDED", details=StatusDetails(step=Step.DONE)),
    )


@given(
    limit=st.floats(60, 4_000),
    before=st.floats(0, 10_000),
    steps=st.lists(st.tuples(st.floats(0, 500), st.booleans()), max_size=20),
)
def test_nothing_is_given_back_before_the_limit_nor_kept_after_it(
    limit: float, before: float, steps: list[tuple[float, bool]]
) -> None:
    now, heard = 1_000.0, -math.inf
    lifeline = Lifeline(limit=limit, heard_at=lambda: heard, monotonic=lambda: now)
    lifeline.begin(before)
    silent = min(before, max(0.0, limit - AFTER_START_SECONDS))
    entry = succeeded()
    for seconds, hears in steps:
        now += seconds
        silent += seconds
        if hears:
            heard, silent = now, 0.0
        assert lifeline.left(entry) == pytest.approx(limit - silent, abs=1e-6)
        assert lifeline.note(entry).unheard == pytest.approx(silent, abs=1)
