"""Who acted, and how a deployment's end is told."""

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.history.deployments import (
    MAX_NAMED_TARGETS,
    Cancelled,
    Completed,
    Failed,
    NamedTarget,
    RolledBack,
)
from edgeflow.domain.deployments import DeploymentStatus, Target, TargetStatus
from edgeflow.domain.history import Part, caller, ended, status_counts, system

ENDS = (Completed, Failed, Cancelled, RolledBack)


def target(number: int, status: TargetStatus, reason: str | None = None) -> Target:
    return Target(device_id=f"dev_{number}", wave=1, status=status, reason=reason)


def test_a_caller_and_a_part_of_the_system_are_told_apart() -> None:
    person, part = caller("operator", subject="sub-1"), system(Part.RECONCILE)
    assert (person.kind, person.name, person.subject) == ("caller", "operator", "sub-1")
    assert (part.kind, part.name, part.subject) == ("system", "reconcile", None)


@pytest.mark.parametrize("part", Part)
def test_each_part_bears_the_name_of_an_operation(part: Part) -> None:
    subjects = ("deployments", "rollout", "reports")
    assert any(find_spec(f"edgeflow.use_cases.{subject}.{part}") for subject in subjects)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (DeploymentStatus.COMPLETED, Completed),
        (DeploymentStatus.FAILED, Failed),
        (DeploymentStatus.CANCELLED, Cancelled),
        (DeploymentStatus.ROLLED_BACK, RolledBack),
    ],
)
def test_each_end_has_an_event_of_its_own(status: DeploymentStatus, kind: type) -> None:
    assert type(ended(status, [])) is kind


def test_an_end_counts_statuses_and_reasons_and_names_who_failed() -> None:
    event = ended(
        DeploymentStatus.ROLLED_BACK,
        [
            target(1, TargetStatus.ROLLED_BACK, "unhealthy"),
            target(2, TargetStatus.ROLLBACK_FAILED, "timed_out"),
            target(3, TargetStatus.FAILED, "unhealthy"),
            target(4, TargetStatus.SUCCESS),
        ],
        attempt=2,
    )
    assert isinstance(event, RolledBack)
    assert event.attempt == 2
    assert event.target_counts == {"failed": 1, "rollback_failed": 1, "rolled_back": 1, "success": 1}
    assert event.reason_counts == {"timed_out": 1, "unhealthy": 2}
    assert event.failed_targets == [
        NamedTarget(device_id="dev_2", wave=1, status="rollback_failed", reason="timed_out"),
        NamedTarget(device_id="dev_3", wave=1, status="failed", reason="unhealthy"),
    ]


def test_no_more_targets_are_named_than_an_event_has_room_for() -> None:
    event = ended(DeploymentStatus.FAILED, [target(n, TargetStatus.FAILED) for n in range(MAX_NAMED_TARGETS + 1)])
    assert isinstance(event, ENDS)
    assert len(event.failed_targets) == MAX_NAMED_TARGETS
    assert event.target_counts == {"failed": MAX_NAMED_TARGETS + 1}


@given(statuses=st.lists(st.sampled_from(TargetStatus)))
def test_counts_add_up_and_name_no_status_that_none_has(statuses: list[TargetStatus]) -> None:
    counts = status_counts(target(number, status) for number, status in enumerate(statuses))
    assert sum(counts.values()) == len(statuses)
    assert set(counts) == {status.value for status in statuses}
    assert list(counts) == sorted(counts)
