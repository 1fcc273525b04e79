"""Deployments as items: read back as written, also those of older releases, and refused where they are damaged."""

from dataclasses import replace

import pytest

from edgeflow.adapters.deployments.deployment_items import read_deployment, write_deployment
from edgeflow.domain.deployments import DeploymentAction, DeploymentStatus
from edgeflow.domain.strategies import Strategy
from tests.unit.adapters.builders import RULES, a_deployment

FULL = a_deployment(
    status=DeploymentStatus.PAUSED,
    waves=2,
    current_wave=1,
    rollbacks=1,
    target_groups=("north",),
    resume_token="token",
    breached_wave="00001",
    execution_started=True,
)


@pytest.mark.parametrize(
    "deployment",
    [a_deployment(), FULL, replace(FULL, artifact=None), *(a_deployment(strategy=each) for each in Strategy)],
    ids=lambda each: f"{each.strategy}-{each.status}-{each.action}",
)
def test_a_deployment_reads_back_as_it_was_written(deployment: object) -> None:
    assert read_deployment(write_deployment(deployment)) == deployment  # type: ignore[arg-type]


def test_what_older_releases_did_not_write_has_the_meaning_that_it_had() -> None:
    item = write_deployment(a_deployment())
    del item["action"]
    item["rules"] = {key: value for key, value in item["rules"].items() if key != "skip_offline"}
    found = read_deployment(item)
    assert (found.action, found.rules) == (DeploymentAction.DEPLOY, RULES)


@pytest.mark.parametrize(
    "flaw",
    [
        {"status": "asleep"},
        {"strategy": "by-mood"},
        {"action": "forget"},
        {"total_targets": -1},
        {"artifact": None},
        {"last_event": "seven"},
        {"rules": {"timeout_seconds": 0}},
        {"execution_started": "yes"},
    ],
)
def test_what_is_damaged_cannot_be_read(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_deployment(write_deployment(a_deployment()) | flaw)


def test_a_batch_of_nobody_is_no_rule_of_a_rolling_deployment() -> None:
    item = write_deployment(a_deployment())
    item["rules"] |= {"batch_size": 0}
    with pytest.raises(ValueError, match="batch_size"):
        read_deployment(item)
    assert read_deployment(item | {"strategy": Strategy.CANARY.value}).rules.batch_size == 0
