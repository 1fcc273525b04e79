"""Every state has a way out: what operators do to a deployment, once, twice, and twenty at the same moment."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edgeflow.domain.deployments import ACTIVE, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.devices.ports import Install
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, ME, Cloud, running_world


def _table() -> list[tuple[str, DeploymentStatus, str]]:
    """Return each cell of the table of ways out in docs/api.md: the request, the status, what it does."""
    text = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    head, _, *rows = text[text.index("| request | pending |") :].split("\n\n")[0].splitlines()
    columns = [cell.strip().split(", ") for cell in head.strip("|").split("|")[1:]]
    return [
        (request.strip(" `").removeprefix("POST …/"), DeploymentStatus(status), cell.strip())
        for request, *cells in (row.strip("|").split("|") for row in rows)
        for statuses, cell in zip(columns, cells, strict=True)
        for status in statuses
    ]


def test_the_table_of_ways_out_has_every_status() -> None:
    assert {status for _, status, _ in _table()} == set(DeploymentStatus)


@pytest.mark.parametrize(("request_", "status", "does"), _table())
def test_each_request_does_what_the_table_says(request_: str, status: DeploymentStatus, does: str) -> None:
    world = running_world(1, status=status)
    if request_ == "rollback" and status not in ACTIVE:
        changed = Target(
            device_id="dev_001", wave=1, status=TargetStatus.SUCCESS, version_before=1, reached=True, runs_version=2
        )
        world.put_target(DEPLOYMENT, changed)
        world.installs["dev_001", FLOW] = Install(device_id="dev_001", version=2, deployment_id=DEPLOYMENT)
    if "never started" not in does:
        world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], started_at="2026-02-21T12:00:00.000Z")
    cloud = Cloud(world)
    asked: dict[str, Callable[[], object]] = {
        "start": lambda: cloud.start(DEPLOYMENT, by=ME),
        "pause": lambda: cloud.pause(DEPLOYMENT, by=ME),
        "resume": lambda: cloud.resume(DEPLOYMENT, by=ME),
        "cancel": lambda: cloud.cancel(DEPLOYMENT, by=ME),
        "rollback": lambda: cloud.rollback(DEPLOYMENT, by=ME),
        "DELETE": lambda: cloud.delete(DEPLOYMENT, by=ME),
    }
    if does == "409":
        with pytest.raises(Conflict):
            asked[request_]()
        assert DEPLOYMENT not in world.history, "what is refused leaves no event"
        return
    asked[request_]()
    if does.startswith("is a repeat"):
        assert DEPLOYMENT not in world.history
    else:
        assert world.history[DEPLOYMENT]
