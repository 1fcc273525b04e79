"""The live picture: what it shows of a rollout, and that it fits whatever the rollout's size."""

from io import StringIO
from typing import Any

from rich.console import Console

from edgeflow.cli.picture import line, picture
from edgeflow.contract.rest.deployments import DeploymentView


def _target(number: int, status: str, wave: int | None) -> dict[str, Any]:
    told = dict.fromkeys(("reason", "message", "version_before", "started_at", "finished_at", "waits_for"))
    return {"device_id": f"dev_{number:03d}", "status": status, "wave": wave, **told}


def _view(targets: list[dict[str, Any]], **changed: object) -> DeploymentView:
    document: dict[str, Any] = {
        **dict.fromkeys(("retry_of", "retried_by", "started_at", "finished_at", "targets_cursor", "execution")),
        "id": "dep_1",
        "flow_id": "flow_1",
        "action": "deploy",
        "flow_version": 3,
        "strategy": "rolling",
        "config": {},
        "status": "running",
        "status_reason": "started",
        "target_groups": [],
        "total_targets": 20,
        "completed_targets": 0,
        "failed_targets": 0,
        "target_counts": {"success": 1, "failed": 1, "open": 18},
        "waves": 2,
        "current_wave": 1,
        "rollbacks": 0,
        "created_at": "2026-11-29T12:00:00Z",
        "created_by": "me",
        "rollback_execution": None,
        "targets": targets,
        "waits_for": None,
    }
    return DeploymentView.model_validate(document | changed)


def _drawn(view: DeploymentView) -> str:
    console = Console(file=StringIO(), width=160)
    with console.capture() as captured:
        console.print(picture(view))
    return captured.get()


def test_waves_and_their_devices_are_shown() -> None:
    targets = [_target(1, "success", 1), _target(2, "failed", 1), *(_target(n, "pending", 2) for n in range(3, 21))]
    drawn = _drawn(_view(targets))
    assert "flow_1 · version 3 · rolling · dep_1" in drawn
    assert "2/20" in drawn
    assert "████░" in drawn
    assert "wave 1 dev_001 dev_002" in drawn
    assert "1 failed, 1 success" in drawn
    assert "and 6 more" in drawn
    assert "18 pending" in drawn


def test_what_is_not_known_yet_is_not_made_up() -> None:
    view = _view([_target(1, "pending", None)], total_targets=None, target_counts={}, waves=0, current_wave=0)
    drawn = _drawn(view)
    assert "0/?" in drawn
    assert "not planned yet" in drawn
    assert line(view) == "running       started"


def test_a_page_is_not_taken_for_all() -> None:
    assert "the first 1 of 20 targets are shown" in _drawn(_view([_target(1, "success", 1)], targets_cursor="next"))


def test_a_line_says_what_is_waited_for() -> None:
    waits = {"what": "reports", "wave": 1, "devices": None, "until": None, "then": "", "overdue": False}
    view = _view([], waits_for=waits | {"sentence": "2 of 3 devices\x1b[2J"})
    assert line(view) == "running       wave 1 of 2  1 failed, 18 open, 1 success  waits for 2 of 3 devices�[2J"
    assert "waits for 2 of 3 devices" in _drawn(view)
