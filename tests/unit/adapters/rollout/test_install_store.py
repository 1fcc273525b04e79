"""What devices run, and claims: of two deployments of a flow to a device, one waits."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.domain.order import Said
from edgeflow.use_cases.devices.ports import Install
from tests.support.readable import all_read, read
from tests.unit.adapters.builders import FLOW

DEVICE = "dev_001"


@pytest.fixture
def store(table: Table) -> InstallStore:
    """The store, without records."""
    return InstallStore(table)


def said(sequence: int) -> Said:
    """Return the place of a device's word; the cloud's clock is that of the device."""
    return Said(epoch="0123456789abcdef", sequence=sequence, received_ms=sequence)


def the(store: InstallStore, device_id: str = DEVICE) -> Install:
    """Return a record that is there."""
    return read(store.many([device_id], FLOW)[device_id])


def test_the_first_to_claim_wins_until_it_gives_up(store: InstallStore) -> None:
    assert store.claim(DEVICE, FLOW, "dep_a") == Install(device_id=DEVICE, claimed_by="dep_a")
    assert read(store.claim(DEVICE, FLOW, "dep_a")).claimed_by == "dep_a"  # planning came again
    assert read(store.claim(DEVICE, FLOW, "dep_b")).claimed_by == "dep_a"
    store.release(DEVICE, FLOW, "dep_b")  # not its own
    assert the(store).claimed_by == "dep_a"
    store.release(DEVICE, FLOW, "dep_a")
    assert read(store.claim(DEVICE, FLOW, "dep_b")).claimed_by == "dep_b"


def test_of_two_claimers_at_once_one_wins_and_both_know(store: InstallStore) -> None:
    devices = [f"dev_{number:02d}" for number in range(10)]
    claims = [(device, deployment) for device in devices for deployment in ("dep_a", "dep_b", "dep_c")]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda claim: store.claim(claim[0], FLOW, claim[1]), claims))
    for device in devices:
        told = {answer.claimed_by for answer in all_read(answers) if answer.device_id == device}
        assert told == {the(store, device).claimed_by}


def test_flows_on_one_device_are_claimed_apart(store: InstallStore) -> None:
    store.claim(DEVICE, FLOW, "dep_a")
    assert read(store.claim(DEVICE, "flow_other", "dep_b")).claimed_by == "dep_b"


def test_a_stale_claim_is_taken_over_by_one(store: InstallStore) -> None:
    store.claim(DEVICE, FLOW, "dep_ended")
    assert read(store.take_over(DEVICE, FLOW, "dep_b", stale="dep_ended")).claimed_by == "dep_b"
    assert read(store.take_over(DEVICE, FLOW, "dep_c", stale="dep_ended")).claimed_by == "dep_b"


def test_a_claim_given_up_meanwhile_is_taken_over(store: InstallStore) -> None:
    store.claim(DEVICE, FLOW, "dep_ended")
    store.release(DEVICE, FLOW, "dep_ended")
    assert read(store.take_over(DEVICE, FLOW, "dep_b", stale="dep_ended")).claimed_by == "dep_b"


def test_releasing_what_was_never_claimed_writes_nothing(store: InstallStore) -> None:
    store.release(DEVICE, FLOW, "dep_a")
    assert store.many([DEVICE], FLOW) == {}


def test_only_news_is_recorded(store: InstallStore) -> None:
    store.record(DEVICE, FLOW, said(20), version=2, deployment_id="dep_a")
    store.record(DEVICE, FLOW, said(10), version=1, deployment_id="dep_z")  # late
    store.record(DEVICE, FLOW, said(20), version=9, deployment_id="dep_y")  # a repeat
    assert the(store) == Install(device_id=DEVICE, version=2, deployment_id="dep_a", said=said(20))
    store.record(DEVICE, FLOW, said(30), version=None, deployment_id="dep_b")
    assert the(store) == Install(device_id=DEVICE, version=None, deployment_id="dep_b", said=said(30))


def test_recording_leaves_claims_alone(store: InstallStore) -> None:
    store.claim(DEVICE, FLOW, "dep_a")
    store.record(DEVICE, FLOW, said(20), version=2, deployment_id="dep_a")
    assert the(store) == Install(device_id=DEVICE, version=2, deployment_id="dep_a", claimed_by="dep_a", said=said(20))
    assert read(store.claim(DEVICE, FLOW, "dep_a")).version == 2


@pytest.mark.slow
def test_many_takes_more_than_one_batch(store: InstallStore) -> None:
    devices = [f"dev_{number:03d}" for number in range(120)]
    for device in devices:
        store.claim(device, FLOW, "dep_a")
    assert sorted(store.many([*devices, "dev_unknown"], FLOW)) == devices
