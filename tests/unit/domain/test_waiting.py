"""What a deployment waits for: each status, phase and strategy, and the edges of each deadline."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.rest.waits import TargetWaitCode, WaitCode
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import UNFINISHED, Artifact, Deployment, DeploymentStatus, TargetStatus
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.target_waiting import TargetWaitsFor
from edgeflow.domain.waiting import (
    CLOSING,
    CONCLUDING,
    DECIDED_BY_A_PERSON,
    GATE,
    PLANNING,
    STARTING,
    WaitsFor,
    describe_wait,
    wait_of,
    wave_at_work,
)
from edgeflow.domain.waves import Awaits, Wave, WaveMark

NOW: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
TIMEOUT: Final = timedelta(seconds=600)
DELAY: Final = timedelta(seconds=300)
AGO: Final = timedelta(seconds=10)
DELAYS: Final = {
    Strategy.ROLLING: WaitsFor.BATCH_DELAY,
    Strategy.CANARY: WaitsFor.CANARY_DELAY,
    Strategy.BLUE_GREEN: WaitsFor.SWITCH_DELAY,
}


def a_deployment(status: DeploymentStatus, strategy: Strategy = Strategy.ROLLING, **facts: Any) -> Deployment:  # noqa: ANN401  fields of a deployment
    delay: dict[str, Any] = dict.fromkeys(("batch_delay_seconds", "canary_delay_seconds", "switch_delay_seconds"), 0)
    if strategy in DELAYS:
        delay[f"{DELAYS[strategy]}_seconds"] = int(DELAY.total_seconds())
    rules = RolloutRules(
        timeout_seconds=int(TIMEOUT.total_seconds()), auto_rollback=True, health_check=True, batch_size=2, **delay
    )
    told: dict[str, Any] = {
        "changed_at": timestamp(NOW - AGO),
        "waves": 2,
        "current_wave": 1,
        "rollbacks": 1,
        "cancel_asked_at": timestamp(NOW - AGO),
    }
    return Deployment(
        id="dep_1",
        flow_id="flow_1",
        artifact=Artifact(version=2, sha256="2" * 64, size=10),
        strategy=strategy,
        rules=rules,
        status=status,
        status_reason="",
        total_targets=4,
        created_at="2026-02-21T11:00:00.000Z",
        created_by="tester",
        **(told | facts),
    )


def a_wave(succeeded: int = 0, *, failed: int = 0, total: int = 2, **facts: Any) -> Wave:  # noqa: ANN401  fields of a wave
    counts = {TargetStatus.SUCCESS: succeeded, TargetStatus.FAILED: failed}
    told: dict[str, Any] = {"awaits": Awaits.VERDICT, "task_token": "token", "since": timestamp(NOW - AGO)}
    return Wave(name="00001", total=total, counts=counts, **(told | facts))


def a_return(returned: int = 0, **facts: Any) -> Wave:  # noqa: ANN401  fields of a wave
    wave = a_wave(awaits=Awaits.SETTLEMENT, **facts)
    return replace(wave, name="R001", counts={TargetStatus.ROLLED_BACK: returned})


RUNNING, CLOSED = DeploymentStatus.RUNNING, Awaits.SETTLEMENT
PHASES: Final[Mapping[str, tuple[Deployment, Wave | None, WaitsFor, timedelta | None]]] = {
    "pending": (a_deployment(DeploymentStatus.PENDING, waves=0), None, WaitsFor.START, None),
    "not planned": (a_deployment(RUNNING, waves=0, current_wave=0), None, WaitsFor.PLAN, STARTING + PLANNING),
    "planned": (a_deployment(RUNNING, current_wave=0), None, WaitsFor.DISPATCH, GATE + TIMEOUT),
    "wave not opened": (a_deployment(RUNNING), None, WaitsFor.DISPATCH, GATE + TIMEOUT),
    "counted before it opened": (
        a_deployment(RUNNING),
        a_wave(total=None, awaits=None),  # type: ignore[arg-type]
        WaitsFor.DISPATCH,
        GATE + TIMEOUT,
    ),
    "at work": (a_deployment(RUNNING), a_wave(1), WaitsFor.REPORTS, TIMEOUT),
    "closing": (a_deployment(RUNNING), a_wave(1, awaits=CLOSED), WaitsFor.CANCELLED_JOBS, CLOSING),
    "breach certain": (a_deployment(RUNNING), a_wave(failed=1), WaitsFor.BREACH, CLOSING + PLANNING),
    "breach noted": (a_deployment(RUNNING, breached_wave="00001"), a_wave(1), WaitsFor.BREACH, CLOSING + PLANNING),
    "last wave over": (a_deployment(RUNNING, current_wave=2), a_wave(2), WaitsFor.CONCLUSION, CONCLUDING),
    "breach accepted": (
        a_deployment(RUNNING, watch_token="old", watched_since=timestamp(NOW - AGO)),
        a_wave(1, failed=1, total=2, tolerated=1, marks={WaveMark.BREACHED: 1}),
        WaitsFor.DISPATCH,
        GATE + TIMEOUT,
    ),
    "paused": (a_deployment(DeploymentStatus.PAUSED), a_wave(1), WaitsFor.RESUME, None),
    "paused before it began": (
        a_deployment(DeploymentStatus.PAUSED, waves=0, current_wave=0),
        None,
        WaitsFor.RESUME,
        None,
    ),
    "cancelling": (a_deployment(DeploymentStatus.CANCELLING), a_wave(1), WaitsFor.CANCELLED_JOBS, CLOSING),
    "cancelling before a wave": (
        a_deployment(DeploymentStatus.CANCELLING, current_wave=0),
        None,
        WaitsFor.CANCELLED_JOBS,
        CLOSING,
    ),
    "rollback asked for": (
        a_deployment(DeploymentStatus.ROLLING_BACK),
        None,
        WaitsFor.ROLLBACK_PLAN,
        STARTING + PLANNING,
    ),
    "rollback planned": (
        a_deployment(DeploymentStatus.ROLLING_BACK),
        a_return(task_token=None),
        WaitsFor.ROLLBACK_REPORTS,
        GATE + TIMEOUT,
    ),
    "returning": (a_deployment(DeploymentStatus.ROLLING_BACK), a_return(1), WaitsFor.ROLLBACK_REPORTS, TIMEOUT),
    "all returned": (
        a_deployment(DeploymentStatus.ROLLING_BACK),
        a_return(2),
        WaitsFor.CONCLUSION,
        TIMEOUT + CLOSING + CONCLUDING,
    ),
}
"""What is stored, then what is waited for and how long after it was stored that ends."""


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_says_what_it_waits_for_and_until_when(phase: str, strategy: Strategy) -> None:
    deployment, wave, what, lasts = PHASES[phase]
    deployment = replace(deployment, strategy=strategy)
    wait = wait_of(deployment, wave, now=NOW)
    assert wait is not None
    assert (wait.what, wait.until) == (what, None if lasts is None else NOW - AGO + lasts)
    assert wait.then
    assert describe_wait(wait, now=NOW)


@pytest.mark.parametrize("strategy", DELAYS)
def test_a_delay_ends_when_it_began_and_no_later(strategy: Strategy) -> None:
    deployment = a_deployment(RUNNING, strategy, watch_token="token", watched_since=timestamp(NOW - AGO))
    ends = NOW - AGO + DELAY
    for now, what in ((NOW, DELAYS[strategy]), (ends - AGO / 100, DELAYS[strategy]), (ends, WaitsFor.DISPATCH)):
        wait = wait_of(deployment, a_wave(2), now=now)
        assert wait is not None
        assert (wait.what, wait.until) == (what, ends if what is DELAYS[strategy] else ends + GATE + TIMEOUT)
    promoted = wait_of(replace(deployment, promoted_token="token"), a_wave(2), now=NOW)
    assert promoted is not None
    assert (promoted.what, promoted.wave) == (WaitsFor.DISPATCH, 2)


def test_a_delay_whose_word_is_on_its_way_began_when_its_wave_ended() -> None:
    wait = wait_of(a_deployment(RUNNING), a_wave(2), now=NOW)
    assert wait is not None
    assert (wait.what, wait.until, wait.then) == (WaitsFor.BATCH_DELAY, NOW - AGO + DELAY, "wave 2 of 2 begins")


def test_without_a_delay_the_next_wave_begins() -> None:
    deployment = a_deployment(RUNNING)
    wait = wait_of(replace(deployment, rules=replace(deployment.rules, batch_delay_seconds=0)), a_wave(2), now=NOW)
    assert wait is not None
    assert (wait.what, wait.wave) == (WaitsFor.DISPATCH, 2)


def test_a_wave_whose_time_is_over_is_closed_then_concluded_then_overdue() -> None:
    opened = NOW - AGO
    told = []
    for passed in (TIMEOUT - AGO, TIMEOUT, TIMEOUT + CLOSING, TIMEOUT + CLOSING + CONCLUDING):
        wait = wait_of(a_deployment(RUNNING), a_wave(1), now=opened + passed)
        assert wait is not None
        told.append((wait.what, wait.until, wait.overdue))
    last = opened + TIMEOUT + CLOSING + CONCLUDING
    assert told == [
        (WaitsFor.REPORTS, opened + TIMEOUT, False),
        (WaitsFor.CANCELLED_JOBS, opened + TIMEOUT + CLOSING, False),
        (WaitsFor.CONCLUSION, last, False),
        (WaitsFor.CONCLUSION, last, True),
    ]


def test_the_sentence_counts_and_names_the_instant() -> None:
    def sentence(deployment: Deployment, wave: Wave | None) -> str:
        wait = wait_of(deployment, wave, now=NOW)
        assert wait is not None
        return describe_wait(wait, now=NOW)

    opened = timestamp(NOW - timedelta(minutes=1))
    assert sentence(
        a_deployment(RUNNING, current_wave=3, waves=5), a_wave(7, failed=1, total=20, tolerated=3, since=opened)
    ) == ("12 of 20 devices of wave 3 to report, until 12:09:00Z, then they count as failed")
    assert sentence(a_deployment(DeploymentStatus.PAUSED), a_wave(1)).startswith(
        "somebody to resume it (1 of 2 devices of wave 1, told before, may report still): resume goes on"
    )
    assert sentence(a_deployment(DeploymentStatus.PAUSED, breached_wave="00001"), a_wave(failed=2)).startswith(
        "somebody to resume it: resume with accept_failures goes on"
    )
    assert sentence(
        a_deployment(DeploymentStatus.ROLLING_BACK), a_return(1, since=timestamp(NOW - timedelta(days=2)))
    ).startswith("its end to be written; overdue since 2026-02-19 20:20:00Z")


def test_a_record_of_before_says_what_is_known() -> None:
    wait = wait_of(a_deployment(RUNNING), a_wave(1, since=None), now=NOW)
    assert wait is not None
    assert (wait.what, wait.until, wait.outstanding) == (WaitsFor.REPORTS, None, 1)
    assert describe_wait(wait, now=NOW) == "1 of 2 devices of wave 1 to report: they count as failed"


def test_the_contract_has_a_code_for_each_and_no_other() -> None:
    assert set(get_args(WaitCode)) == {what.value for what in WaitsFor}
    assert set(get_args(TargetWaitCode)) == {what.value for what in TargetWaitsFor}


@pytest.mark.parametrize("damaged", ["yesterday", "2026-02-21T12:00:00", "", "9" * 40])
def test_a_moment_that_cannot_be_read_is_one_that_is_not_known(damaged: str) -> None:
    wait = wait_of(a_deployment(RUNNING), a_wave(1, since=damaged), now=NOW)
    assert wait is not None
    assert (wait.what, wait.until) == (WaitsFor.REPORTS, None)


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59.999Z", "9999-12-31T23:00:00+00:00", "0001-01-01T00:00:00Z"])
def test_a_moment_at_either_end_of_all_years_harms_nobody(far: str) -> None:
    wait = wait_of(a_deployment(RUNNING), a_wave(1, since=far), now=NOW)
    assert wait is not None
    assert wait.until is not None
    assert describe_wait(wait, now=NOW)


MOMENTS: Final = st.timedeltas(timedelta(), timedelta(days=9)).map(lambda ago: timestamp(NOW - ago))
COUNTS: Final = st.dictionaries(st.sampled_from(list(TargetStatus)), st.integers(0, 3))
WAVES: Final = st.builds(
    Wave,
    name=st.just("00001"),
    total=st.none() | st.integers(0, 5),
    tolerated=st.integers(0, 5),
    counts=COUNTS,
    task_token=st.none() | st.just("token"),
    awaits=st.none() | st.sampled_from(Awaits),
    since=MOMENTS,
    marks=st.dictionaries(st.sampled_from(WaveMark), st.just(1)),
)


@given(
    status=st.sampled_from(DeploymentStatus),
    strategy=st.sampled_from(Strategy),
    wave=st.none() | WAVES,
    facts=st.fixed_dictionaries(
        {
            "changed_at": MOMENTS,
            "cancel_asked_at": MOMENTS,
            "watched_since": MOMENTS,
            "waves": st.integers(0, 2),
            "current_wave": st.integers(0, 2),
            "watch_token": st.none() | st.just("a"),
            "promoted_token": st.none() | st.just("a"),
            "breached_wave": st.none() | st.sampled_from(["00001", "R001", "", "damaged"]),
            "execution_started": st.booleans(),
        }
    ),
)
def test_whatever_is_stored_only_a_person_has_no_deadline(
    status: DeploymentStatus, strategy: Strategy, wave: Wave | None, facts: dict[str, Any]
) -> None:
    deployment = a_deployment(status, strategy, **facts)
    wait = wait_of(deployment, wave, now=NOW)
    assert (wait is not None) == (status in UNFINISHED)
    if wait is None:
        assert wave_at_work(deployment) is None
        return
    assert (wait.until is None) == (wait.what in DECIDED_BY_A_PERSON)
    assert wait.until is None or (wait.until > NOW) != wait.overdue
    assert describe_wait(wait, now=NOW)
