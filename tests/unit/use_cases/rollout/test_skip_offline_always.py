"""Whatever dies, comes twice or goes offline: nobody skipped has a job, and every count adds up."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.strategies import Strategy
from tests.unit.use_cases.cloud import DEPLOYMENT, wave_job
from tests.unit.use_cases.memory import Died
from tests.unit.use_cases.rollout.offline import SKIPPED, begun, end_of, is_connected, told


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.slow
def test_a_look_that_dies_anywhere_is_made_good_by_the_next_delivery(strategy: Strategy) -> None:
    died_at = 0
    while True:
        cloud = begun(strategy, offline=["dev_002"], batch_size=4)
        died_at += 1
        cloud.world.steps, cloud.world.die_at = 0, died_at
        try:
            cloud.dispatch(DEPLOYMENT, 1, "token-1")
        except Died:
            cloud.world.die_at = None
            cloud.tally_all()
            cloud.dispatch(DEPLOYMENT, 1, "token-1")
        else:
            break
        first = {device for (_, device), wave in cloud.world.planned.items() if wave == 1}
        assert end_of(cloud, "dev_002") == SKIPPED
        assert told(cloud) == first - {"dev_002"}
    assert died_at > 5


@pytest.mark.parametrize("auto_rollback", [True, False])
def test_a_pause_for_want_of_canaries_that_dies_anywhere_is_made_good(*, auto_rollback: bool) -> None:
    died_at = 0
    while True:
        cloud = begun(Strategy.CANARY, offline=["dev_001", "dev_002"], auto_rollback=auto_rollback)
        died_at += 1
        cloud.world.steps, cloud.world.die_at = 0, died_at
        try:
            cloud.dispatch(DEPLOYMENT, 1, "token-1")
        except Died:
            cloud.world.die_at = None
            cloud.dispatch(DEPLOYMENT, 1, "token-1")
        else:
            break
        assert cloud.world.answers["token-1"] == {"look_again": True}
        assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED
        assert told(cloud) == set()
        assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("paused") == 1
    assert died_at > 1


CONNECTED = st.fixed_dictionaries({f"dev_{number:03d}": st.booleans() for number in range(1, 8)})
ENDS = st.fixed_dictionaries({f"dev_{number:03d}": st.sampled_from(["SUCCEEDED", "FAILED"]) for number in range(1, 8)})


@pytest.mark.slow
@given(
    strategy=st.sampled_from(list(Strategy)),
    connected=CONNECTED,
    later=CONNECTED,
    ends=ENDS,
    threshold=st.sampled_from([0, 20, 50, 100]),
    batch_size=st.integers(1, 7),
    twice=st.booleans(),
)
def test_whoever_is_connected_nobody_skipped_has_a_job_and_every_count_adds_up(
    *,
    strategy: Strategy,
    connected: Mapping[str, bool],
    later: Mapping[str, bool],
    ends: Mapping[str, str],
    threshold: int,
    batch_size: int,
    twice: bool,
) -> None:
    rolling = strategy is Strategy.ROLLING
    cloud = begun(
        strategy,
        offline=[device for device, there in connected.items() if not there],
        devices=7,
        batch_size=batch_size if rolling else 7,
        threshold=threshold if rolling else 0,
    )
    world = cloud.world
    for wave in range(1, world.deployments[DEPLOYMENT].waves + 1):
        cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
        for device, there in later.items():
            is_connected(world, device, connected=there)
        if twice:
            cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
        if world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED and not told(cloud):
            assert strategy is Strategy.CANARY
            assert set(world.statuses(DEPLOYMENT).values()) == {"pending"}
            return
        reached = list(world.jobs.get(wave_job(wave), {}))
        for device in reached:
            runs = "2" if ends[device] == "SUCCEEDED" else "1"
            cloud.report(device, ends[device], job_id=wave_job(wave), runs_version=runs)
        cloud.tally_all()
        failed = sum(ends[device] == "FAILED" for device in reached)
        answer = world.answers[f"token-{wave}"]
        assert answer["failed"] == failed
        assert answer["succeeded"] == len(reached) - failed
        assert answer["breached"] is (failed * 100 > threshold * len(reached) if rolling else failed > 0)
        if answer["breached"]:
            break
    cloud.tally_all()
    skipped = {
        target.device_id for (_, _), target in world.targets.items() if (target.status, target.reason) == SKIPPED
    }
    assert not skipped & told(cloud)
    counts = world.deployments[DEPLOYMENT].counts
    assert counts.get(TargetStatus.SKIPPED, 0) == len(skipped)
    for target in world.targets.values():
        if target.status is TargetStatus.SKIPPED:
            assert not target.reached
