"""Which devices a rollback returns, and how."""

import pytest

from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.returns import Running, Way, plan_returns, way_back

THIS = "dep_this"
OTHER = "dep_other"


def target(status: TargetStatus, **facts: object) -> Target:
    known: dict[str, object] = {"device_id": "dev_1", "wave": 1, "status": status, "version_before": 1}
    return Target(**(known | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "running", "way"),
    [
        pytest.param(target(TargetStatus.SKIPPED), Running(version=1), Way.UNTOUCHED, id="never_reached"),
        pytest.param(
            target(TargetStatus.SUCCESS, version_before=None, reason="not_installed"),
            Running(),
            Way.UNTOUCHED,
            id="had_nothing_to_remove",
        ),
        pytest.param(
            target(TargetStatus.SUCCESS, reached=True), Running(version=None, deployment_id=THIS), Way.JOB, id="removed"
        ),
        pytest.param(
            target(TargetStatus.SUCCESS, reached=True), Running(version=2, deployment_id=THIS), Way.JOB, id="succeeded"
        ),
        pytest.param(
            target(TargetStatus.FAILED, reached=True, reported=True, runs_version=1),
            Running(version=1, deployment_id=THIS),
            Way.DIRECT,
            id="went_back_by_itself",
        ),
        pytest.param(
            target(TargetStatus.FAILED, reached=True, reported=True, runs_version=2),
            Running(version=2, deployment_id=THIS),
            Way.JOB,
            id="failed_but_kept_the_new_version",
        ),
        pytest.param(
            target(TargetStatus.FAILED, reached=True), Running(version=1), Way.JOB, id="timed_out_while_at_work"
        ),
        pytest.param(target(TargetStatus.FAILED), Running(version=1), Way.UNTOUCHED, id="timed_out_asleep"),
        pytest.param(
            target(TargetStatus.FAILED),
            Running(version=2, deployment_id=THIS),
            Way.JOB,
            id="timed_out_but_its_late_report_says_that_it_changed",
        ),
        pytest.param(
            target(TargetStatus.SUCCESS, reached=True),
            Running(version=5, deployment_id=OTHER),
            Way.MOVED_ON,
            id="another_deployment_changed_it_since",
        ),
        pytest.param(
            target(TargetStatus.ROLLBACK_FAILED, reached=True, rollback_attempt=1),
            Running(version=2, deployment_id=THIS),
            Way.JOB,
            id="did_not_return_in_the_attempt_before",
        ),
        pytest.param(
            target(TargetStatus.ROLLED_BACK, reached=True, rollback_attempt=1),
            Running(version=1, deployment_id=THIS),
            Way.UNTOUCHED,
            id="returned_in_the_attempt_before",
        ),
        pytest.param(
            target(TargetStatus.ROLLED_BACK, reached=True, rollback_attempt=2),
            Running(version=1, deployment_id=THIS),
            Way.DIRECT,
            id="returned_when_this_attempt_was_planned_before",
        ),
    ],
)
def test_way_back(given: Target, running: Running, way: Way) -> None:
    assert way_back(given, running, deployment_id=THIS, attempt=2) is way


def test_groups_are_numbered_alike_when_fewer_devices_are_left_to_return() -> None:
    targets = [
        target(TargetStatus.SUCCESS, device_id="a", version_before=None, reached=True),
        target(TargetStatus.SUCCESS, device_id="b", version_before=3, reached=True),
        target(TargetStatus.SUCCESS, device_id="c", version_before=7, reached=True),
    ]
    running = {device: Running(version=9, deployment_id=THIS) for device in "abc"}
    whole = plan_returns(targets, running, deployment_id=THIS, attempt=1)
    assert [(entry.device_id, entry.group, entry.version_before) for entry in whole.jobs] == [
        ("a", 0, None),
        ("b", 1, 3),
        ("c", 2, 7),
    ]
    moved = running | {"b": Running(version=4, deployment_id=OTHER)}
    again = plan_returns(targets, moved, deployment_id=THIS, attempt=1)
    assert [(entry.device_id, entry.group) for entry in again.jobs] == [("a", 0), ("c", 2)]
    assert again.moved_on == ["b"]
