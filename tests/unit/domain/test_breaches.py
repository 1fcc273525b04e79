"""Why a breach was one, as the operator reads it."""

from edgeflow.contract.reasons import Reason
from edgeflow.domain.breaches import describe_breach
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.waves import WaveResult


def deployment(failure_threshold: int) -> Deployment:
    return Deployment(
        id="dep_1",
        flow_id="flow_1",
        artifact=Artifact(version=7, sha256="7" * 64, size=100),
        strategy=Strategy.ROLLING,
        rules=RolloutRules(
            timeout_seconds=60,
            auto_rollback=True,
            health_check=True,
            batch_size=5,
            failure_threshold=failure_threshold,
        ),
        status=DeploymentStatus.RUNNING,
        status_reason="started",
        total_targets=20,
        created_at="2026-02-21T12:00:00.000Z",
        created_by="operator",
        waves=4,
    )


def target(device_id: str, status: TargetStatus, reason: str | None = None) -> Target:
    return Target(device_id=device_id, wave=2, status=status, reason=reason)


def told(targets: list[Target], *, failure_threshold: int = 20, failed: int, total: int = 5) -> str:
    result = WaveResult(wave="00002", total=total, succeeded=0, failed=failed, tolerated=0, settled=False)
    return describe_breach(deployment(failure_threshold), result, targets)


def test_a_breach_is_told_by_wave_reason_and_threshold() -> None:
    targets = [
        target("n1", TargetStatus.SUCCESS),
        target("n4", TargetStatus.FAILED, "timed_out"),
        target("n3", TargetStatus.FAILED, "unhealthy"),
        target("n5", TargetStatus.DEPLOYING),
    ]
    assert told(targets, failed=2) == (
        "wave 2 of 4: 2 of 5 devices failed (timed_out: n4; unhealthy: n3), more than the 20% allowed"
    )


def test_where_no_failure_is_tolerated_it_says_so() -> None:
    targets = [target("n3", TargetStatus.FAILED, "unhealthy")]
    assert told(targets, failed=1, failure_threshold=0).endswith("(unhealthy: n3), and none may")


def test_three_devices_of_a_reason_are_named_and_the_others_counted() -> None:
    targets = [target(f"n{number}", TargetStatus.FAILED, "unhealthy") for number in range(1, 6)]
    assert "(unhealthy: n1, n2, n3 and 2 more)" in told(targets, failed=5)


def test_a_failure_without_a_reason_is_told_too() -> None:
    assert "(unknown: n1)" in told([target("n1", TargetStatus.FAILED)], failed=1)


def test_devices_skipped_as_offline_are_no_part_of_the_share() -> None:
    targets = [
        target("n1", TargetStatus.FAILED, "unhealthy"),
        target("n2", TargetStatus.SKIPPED, Reason.OFFLINE),
        target("n3", TargetStatus.SKIPPED, Reason.OFFLINE),
        target("n4", TargetStatus.SKIPPED, Reason.CANCELLED),
    ]
    assert told(targets, failed=1) == (
        "wave 2 of 4: 1 of 3 devices failed (unhealthy: n1), more than the 20% allowed (skipped as offline: 2)"
    )


def test_a_wave_without_readable_failures_still_gives_the_numbers() -> None:
    assert told([], failed=2) == "wave 2 of 4: 2 of 5 devices failed, more than the 20% allowed"
