"""Deployments as REST shows them, made up."""

from typing import Any

from edgeflow.contract.rest.deployments import DeploymentView


def target(number: int, status: str, wave: int | None) -> dict[str, Any]:
    """Return a target, as REST shows it."""
    told = dict.fromkeys(("reason", "message", "version_before", "started_at", "finished_at", "waits_for"))
    return {"device_id": f"dev_{number:03d}", "status": status, "wave": wave, **told}


def view(targets: list[dict[str, Any]], **changed: object) -> DeploymentView:
    """Return a deployment of twenty devices in two waves, with these targets; and other fields as given."""
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
