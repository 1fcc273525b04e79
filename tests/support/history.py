"""Histories in tests: something to tell, and a deployment put together again from nothing but what was told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edgeflow.contract.history.deployments import (
    Cancelled,
    Completed,
    DeploymentCreated,
    Failed,
    Retried,
    RollbackStarted,
    RolledBack,
    Started,
    TargetsResolved,
    WaveClosed,
    WaveEnded,
    WavesPlanned,
    WaveStarted,
)
from edgeflow.contract.history.events import DeploymentEvent
from edgeflow.domain.history import Entry, caller

ENTRY = Entry(at="2026-02-21T12:00:00.000Z", actor=caller("tests"), details=Started())
"""Something to tell, where it does not matter what."""

FAILED = frozenset({"failed", "rollback_failed"})


@dataclass(kw_only=True)
class Story:
    """A deployment as its history tells it, or as the API shows it; statuses that no target has are left out."""

    facts: dict[str, Any] = field(default_factory=dict)
    """Keys of ``GET /v1/deployments/{deployment_id}``."""
    target_counts: dict[str, int] = field(default_factory=dict)
    failed_targets: dict[str, tuple[str, str | None]] | None = None
    """Status and reason of each target that failed; None while the deployment goes on."""


def story_of(events: Iterable[DeploymentEvent]) -> Story:
    """Put a deployment together again from its whole history, which is numbered from 1 without a gap."""
    story = Story()
    waves: dict[int, dict[str, int]] = {}
    for place, event in enumerate(events, start=1):
        assert event.sequence == place
        story.facts |= {"status": event.status, "status_reason": event.status_reason, **_facts(event)}
        match event.details:
            case WaveStarted() if story.facts["strategy"] == "blue_green":
                waves.clear()  # the switch is of the targets that were staged
            case WaveEnded(wave=wave, target_counts=counts) | WaveClosed(wave=wave, target_counts=counts):
                waves[wave] = counts
            case Completed() | Failed() | Cancelled() | RolledBack() as end:
                story.target_counts = end.target_counts
                failed = end.failed_targets
                story.failed_targets = {target.device_id: (target.status, target.reason) for target in failed}
            case _:
                pass
    if story.failed_targets is None:
        story.target_counts = dict(sum((Counter(counts) for counts in waves.values()), Counter()))
    return story


def _facts(event: DeploymentEvent) -> dict[str, Any]:
    """Return what an event says of the deployment itself, beside its status."""
    facts: dict[str, Any] = {}
    match event.details:
        case DeploymentCreated() as created:
            facts = created.model_dump() | {"created_at": event.at, "created_by": event.actor.name}
            facts |= dict.fromkeys(("waves", "current_wave", "rollbacks"), 0)
            facts |= dict.fromkeys(("retried_by", "started_at", "finished_at"))
        case TargetsResolved() | WavesPlanned() as known:
            facts = known.model_dump()
        case Started():
            facts = {"started_at": event.at}
        case WaveStarted(wave=wave):
            facts = {"current_wave": wave}
        case Retried(deployment_id=retry):
            facts = {"retried_by": retry}
        case RollbackStarted(attempt=attempt):
            facts = {"rollbacks": attempt, "finished_at": None}
        case Completed() | Failed() | Cancelled() | RolledBack():
            facts = {"finished_at": event.at}
        case _:
            pass
    return facts


def story_as_shown(view: Mapping[str, Any], targets: Mapping[str, Mapping[str, Any]], *, like: Story) -> Story:
    """Return what the API shows of a deployment and its targets, by device, as far as ``like`` tells of it."""
    failed = {
        device: (target["status"], target["reason"]) for device, target in targets.items() if target["status"] in FAILED
    }
    return Story(
        facts={name: view[name] for name in like.facts},
        target_counts={status: n for status, n in view["target_counts"].items() if n and status != "open"},
        failed_targets=failed if like.failed_targets is not None else None,
    )
