"""Any order and repetition of reports and of stream batches gives the same counters and the same verdict."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.deployments import Artifact, TargetStatus
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, running_world, wave_job

DEVICES = 6


@dataclass(frozen=True)
class Say:
    """A device's report reaches the cloud; devices say how their job ended once and for all."""

    device: int


@dataclass(frozen=True)
class Count:
    """The stream hands over a batch, from ``back`` records before the place it had reached."""

    back: int


EVENTS = st.lists(
    st.one_of(st.builds(Say, st.integers(0, DEVICES - 1)), st.builds(Count, st.integers(0, 4))), max_size=30
)
ENDS = st.lists(st.sampled_from(["SUCCEEDED", "FAILED", "REJECTED", "REMOVED"]), min_size=DEVICES, max_size=DEVICES)


@given(ends=ENDS, events=EVENTS, order=st.permutations(range(DEVICES)), threshold=st.sampled_from([0, 20, 50, 100]))
@pytest.mark.slow
def test_counters_and_verdict_depend_only_on_what_the_devices_said(
    ends: list[str], events: list[Say | Count], order: list[int], threshold: int
) -> None:
    cloud = Cloud(running_world(DEVICES, batch_size=DEVICES, threshold=threshold))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    stream, place = cloud.world.stream, 0
    verdicts: list[object] = []
    for event in [*events, *(Say(device) for device in order), Count(4), Count(0)]:
        match event:
            case Say(device):
                cloud.report(f"dev_{device + 1:03d}", ends[device], job_id=wave_job(1), runs_version="2")
            case Count(back):
                # A shard hands its records over in order; what was not acknowledged comes again.
                cloud.tally(stream[max(0, place - back) :])
                place = len(stream)
        if "token-1" in cloud.world.answers:
            verdicts.append(cloud.world.answers["token-1"]["breached"])
    succeeded = ends.count("SUCCEEDED")
    failed = DEVICES - succeeded
    counts = cloud.world.deployments[DEPLOYMENT].counts
    assert (counts.get(TargetStatus.SUCCESS, 0), counts.get(TargetStatus.FAILED, 0)) == (succeeded, failed)
    wave = cloud.world.waves[DEPLOYMENT, "00001"]
    assert (wave.counts.get(TargetStatus.SUCCESS, 0), wave.counts.get(TargetStatus.FAILED, 0)) == (succeeded, failed)
    assert cloud.world.answers["token-1"]["breached"] is (failed * 100 > threshold * DEVICES)
    assert len(set(verdicts)) == 1


@given(late=st.sampled_from(["SUCCEEDED", "FAILED"]), sequences=st.permutations([3, 7, 9]))
def test_what_a_device_runs_is_what_it_said_last(late: str, sequences: list[int]) -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    for version in sequences:
        cloud.world.versions[FLOW, version] = Artifact(version=version, sha256="9" * 64, size=10)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    for sequence in sequences:
        cloud.report("dev_001", late, job_id=wave_job(1), runs_version=str(sequence), sequence=str(sequence))
    assert cloud.world.installs["dev_001", "flow_1"].version == 9
