"""Orders that come again, their jobs cancelled, deleted and created anew, as the power goes: nothing of before runs."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.edge_agent.device import FLOW, JOB, REMOVE, Device, Power, PowerCut, activate, apply, stage
from tests.unit.edge_agent.orders import signed
from tests.unit.edge_agent.writes import watch_writes

POWER = Power()


@pytest.fixture(scope="module")
def _writes_are_moments() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        watch_writes(POWER, monkeypatch)
        yield


def new_device(folder: Path) -> Device:
    """Return a device that runs version 1, has version 3 in its other slot, and takes signed orders alone."""
    POWER.at = None
    device = Device(folder, POWER).pin()
    device.install(1, standby=3)
    return device


def cancel_and_notify(device: Device, job_id: str = JOB) -> None:
    """Cancel a job; AWS IoT tells the device that there is something else to do."""
    device.cloud.cancel(job_id)
    device.engine.look_again()


@pytest.mark.parametrize("document", [apply(2), stage(2), activate(3), REMOVE], ids=lambda each: each["operation"])
@pytest.mark.parametrize("power_goes", [False, True])
@pytest.mark.parametrize("another_waits", [False, True])
@pytest.mark.usefixtures("_writes_are_moments")
def test_an_order_that_was_cancelled_at_any_moment_is_refused_when_its_job_is_created_anew(
    tmp_path: Path, document: dict[str, object], *, power_goes: bool, another_waits: bool
) -> None:
    """The only one that counts is one of which the device knows nothing: it was cancelled before it was taken up."""
    captured = signed(document)
    moment, taken_up = 0, 0
    while True:
        moment += 1
        folder = tmp_path / str(moment)
        folder.mkdir()
        device = new_device(folder)
        device.cloud.executions[JOB] = ["QUEUED", captured]

        def cancel(device: Device = device) -> None:
            if another_waits:
                device.cloud.executions["another"] = ["QUEUED", {}]
            cancel_and_notify(device)
            if power_goes:
                raise PowerCut

        device.boot()
        POWER.at, POWER.happens = POWER.moments + moment, cancel
        with suppress(PowerCut):
            device.work()
        POWER.at = None
        device.live()
        if device.cloud.status() != "CANCELED":
            break
        knows = FLOW in device.state.orders.flows
        taken_up += knows
        runs = device.flows.now
        del device.cloud.executions[JOB]
        device.cloud.executions[JOB] = ["QUEUED", captured]
        device.live()
        assert device.cloud.status() == ("REJECTED" if knows else "SUCCEEDED"), f"cancelled at moment {moment}"
        if knows:
            assert device.cloud.details[JOB]["reason"] == "order_replayed"
            assert device.flows.now == runs
    assert taken_up


@pytest.mark.usefixtures("_writes_are_moments")
def test_a_job_that_was_only_overtaken_is_done_when_its_turn_comes(tmp_path: Path) -> None:
    """It is on disk, the power goes before the cloud hears of it, and the cloud then names another as the next."""
    moment, device = 0, new_device(tmp_path)
    while device.state.job is None:
        moment += 1
        folder = tmp_path / str(moment)
        folder.mkdir()
        device = new_device(folder)
        device.boot()
        device.cloud.executions[JOB] = ["QUEUED", signed(apply(2))]
        POWER.at, POWER.happens = POWER.moments + moment, POWER.cut
        with suppress(PowerCut):
            device.work()
    assert device.cloud.status() == "QUEUED"
    device.cloud.executions = {"another": ["QUEUED", {}], **device.cloud.executions}
    device.live()
    assert (device.cloud.status("another"), device.cloud.status()) == ("REJECTED", "SUCCEEDED")
    assert device.version == 2


ORDERS = [apply(1), apply(2), REMOVE, apply(3), apply(1)]
"""What the stack orders one after the other."""
MOMENTS = st.integers(0, 25)


@settings(max_examples=150, deadline=None)
@given(
    comes=st.lists(st.tuples(st.integers(0, len(ORDERS) - 1), st.booleans(), MOMENTS, MOMENTS), min_size=1, max_size=10)
)
@pytest.mark.usefixtures("_writes_are_moments")
@pytest.mark.slow
def test_whatever_comes_again_and_whenever_the_power_goes_nothing_older_or_cancelled_runs(
    comes: list[tuple[int, bool, int, int]],
) -> None:
    """Each is the number of an order, whether it comes under its own name, and when two things happen.

    It is cancelled, and the power goes, after so many moments; 0 for never.
    """
    with tempfile.TemporaryDirectory() as folder:
        POWER.at = None
        device = Device(Path(folder), POWER).pin()
        newest, runs = -1, None
        for number, as_itself, cancelled, cut in comes:
            own = f"job_{number}"
            job_id = own if as_itself else f"{own}x"
            device.cloud.executions[job_id] = ["QUEUED", signed(ORDERS[number], own, issued=number + 1)]
            strike(device, job_id, cancelled=cancelled, cut=cut)
            device.live()
            POWER.at = None
            status = device.cloud.status(job_id)
            counts = as_itself and number > newest
            assert status in {"SUCCEEDED" if counts else "REJECTED", "CANCELED" if cancelled else None}
            held = device.state.orders.flows.get(FLOW)
            if counts and held is not None and held.job_id == own:
                newest = number
            if status == "SUCCEEDED":
                runs = ORDERS[number].get("version")
            device.boot()
            assert (device.version, device.flows.now.get(FLOW)) == (runs, runs)


def strike(device: Device, job_id: str, *, cancelled: int, cut: int) -> None:
    """Let a job be cancelled after so many moments, and the power go so many after that; 0 for never."""

    def cut_later() -> None:
        POWER.at, POWER.happens = POWER.moments + cut if cut else None, POWER.cut

    def cancel() -> None:
        cut_later()
        cancel_and_notify(device, job_id)

    if cancelled:
        POWER.at, POWER.happens = POWER.moments + cancelled, cancel
    else:
        cut_later()
