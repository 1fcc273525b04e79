"""What a deployment and its targets are, and what each status allows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import (
    ACTIVE,
    CAN_RETRY,
    CAN_ROLL_BACK,
    RETURNED,
    SETTLED,
    UNBEGUN,
    UNFINISHED,
    Artifact,
    Deployment,
    DeploymentAction,
    DeploymentFilter,
    DeploymentStatus,
    Target,
    TargetStatus,
    list_some,
)
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy

DEPLOYMENT = Deployment(
    id="dep_1",
    flow_id="flow_1",
    artifact=Artifact(version=7, sha256="7" * 64, size=100),
    strategy=Strategy.ROLLING,
    rules=RolloutRules(timeout_seconds=60, auto_rollback=True, health_check=True, batch_size=1),
    status=DeploymentStatus.PENDING,
    status_reason="created",
    total_targets=2,
    created_at="2026-02-21T12:00:00.000Z",
    created_by="operator",
)


@pytest.mark.parametrize(
    ("status", "allows"),
    [
        (DeploymentStatus.PENDING, {"unfinished"}),
        (DeploymentStatus.RUNNING, {"unfinished", "active", "roll_back"}),
        (DeploymentStatus.PAUSED, {"unfinished", "active", "roll_back"}),
        (DeploymentStatus.COMPLETED, {"roll_back"}),
        (DeploymentStatus.FAILED, {"roll_back", "retry"}),
        (DeploymentStatus.CANCELLING, {"unfinished"}),
        (DeploymentStatus.CANCELLED, {"roll_back"}),
        (DeploymentStatus.ROLLING_BACK, {"unfinished"}),
        (DeploymentStatus.ROLLED_BACK, {"roll_back", "retry"}),
    ],
)
def test_each_status_allows_what_the_picture_says(status: DeploymentStatus, allows: set[str]) -> None:
    sets = {"unfinished": UNFINISHED, "active": ACTIVE, "roll_back": CAN_ROLL_BACK, "retry": CAN_RETRY}
    assert {name for name, statuses in sets.items() if status in statuses} == allows


def test_there_is_a_way_on_from_each_status() -> None:
    assert set(DeploymentStatus) == UNFINISHED | CAN_ROLL_BACK | CAN_RETRY


@pytest.mark.parametrize(
    ("status", "settled", "unbegun", "returned"),
    [
        (TargetStatus.PENDING, False, True, False),
        (TargetStatus.DEPLOYING, False, False, False),
        (TargetStatus.STAGED, True, True, False),
        (TargetStatus.SUCCESS, True, False, False),
        (TargetStatus.FAILED, True, False, False),
        (TargetStatus.SKIPPED, True, False, False),
        (TargetStatus.ROLLED_BACK, True, False, True),
        (TargetStatus.ROLLBACK_FAILED, True, False, True),
    ],
)
def test_a_target_s_status_says_whether_somebody_waits_for_its_device(
    status: TargetStatus, *, settled: bool, unbegun: bool, returned: bool
) -> None:
    assert (status in SETTLED, status in UNBEGUN, status in RETURNED) == (settled, unbegun, returned)


def test_a_deployment_without_an_artifact_removes_the_flow() -> None:
    assert (DEPLOYMENT.action, DEPLOYMENT.version) == (DeploymentAction.DEPLOY, 7)
    removal = replace(DEPLOYMENT, artifact=None)
    assert (removal.action, removal.version) == (DeploymentAction.REMOVE, None)


@pytest.mark.parametrize(
    ("groups", "total", "resolved"), [((), 2, True), ((), 0, True), (("hall",), 0, False), (("hall",), 3, True)]
)
def test_targets_are_known_once_groups_are_resolved(groups: tuple[str, ...], total: int, *, resolved: bool) -> None:
    assert replace(DEPLOYMENT, target_groups=groups, total_targets=total).resolved is resolved


@pytest.mark.parametrize("status", DeploymentStatus)
@pytest.mark.parametrize("started_at", [None, "2026-02-21T12:00:00.000Z"])
def test_only_what_was_cancelled_before_its_start_never_started(
    status: DeploymentStatus, started_at: str | None
) -> None:
    expected = status is DeploymentStatus.CANCELLED and started_at is None
    assert replace(DEPLOYMENT, status=status, started_at=started_at).never_started is expected


@pytest.mark.parametrize("status", TargetStatus)
@pytest.mark.parametrize("reason", [None, Reason.NOT_INSTALLED, Reason.OFFLINE])
def test_a_device_had_nothing_when_the_removal_succeeded_for_that_reason(
    status: TargetStatus, reason: Reason | None
) -> None:
    expected = status is TargetStatus.SUCCESS and reason is Reason.NOT_INSTALLED
    assert Target(device_id="dev_1", wave=1, status=status, reason=reason).had_nothing is expected


@pytest.mark.parametrize(
    ("names", "told"), [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")]
)
def test_names_in_a_sentence_are_told_up_to_a_limit(names: list[str], told: str) -> None:
    assert list_some(names, 2) == told


@given(names=st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), max_size=40), limit=st.integers(1, 30))
def test_names_told_and_names_left_out_are_all_names(names: list[str], limit: int) -> None:
    told, _, more = list_some(names, limit).partition(" and ")
    shown = told.split(", ") if told else []
    assert shown == names[:limit]
    assert len(shown) + int(more.removesuffix(" more") or 0) == len(names)


@pytest.mark.parametrize(("microseconds", "earlier"), [(0, False), (1, True), (1_000, True)])
def test_times_between_two_milliseconds_are_held_to(microseconds: int, *, earlier: bool) -> None:
    moment = datetime(2026, 2, 21, 12, 0, 0, microseconds, tzinfo=UTC)
    assert DeploymentFilter(created_to=moment).matches(DEPLOYMENT) is earlier
    assert DeploymentFilter(created_from=moment).matches(DEPLOYMENT) is not earlier
