"""Telling an earlier delivery's job from one that somebody else has created under its name."""

from datetime import timedelta

import pytest

from edgeflow.adapters.rollout.foreign_jobs import is_same_order
from edgeflow.contract.job import Artifact, HealthCheck, JobDocument, Operation, Watch
from edgeflow.contract.signing import SignedOrder
from tests.unit.adapters.builders import DEP, FLOW
from tests.unit.adapters.rollout.foreign import AT, ordering

JOB = f"{DEP}-w00001-0000"
APPLY = JobDocument(
    operation=Operation.APPLY,
    deployment_id=DEP,
    flow_id=FLOW,
    version=2,
    artifact=Artifact(url="https://artifacts.test/", sha256="ab" * 32, size=512),
    health_check=HealthCheck(window_seconds=30),
    watch=Watch(every_seconds=60, until=AT),
)
OURS = ordering(APPLY, JOB, "dev_001")


def changed(document: JobDocument, **changes: object) -> JobDocument:
    return document.model_copy(update=changes)


def wire(document: JobDocument) -> str:
    return document.model_dump_json(by_alias=True, exclude_none=True)


def test_an_earlier_delivery_has_other_times_and_more_devices() -> None:
    earlier = changed(APPLY, watch=Watch(every_seconds=30, until=AT - timedelta(minutes=1)))
    assert is_same_order(wire(ordering(earlier, JOB, "dev_002", "dev_001", at=AT - timedelta(minutes=1))), OURS)
    assert is_same_order(wire(APPLY), APPLY), "of a stack that signs nothing"


@pytest.mark.parametrize(
    "there",
    [
        "no JSON",
        "{}",
        wire(APPLY),
        wire(changed(OURS, version=3)),
        wire(changed(OURS, artifact=Artifact(url="https://artifacts.test/", sha256="cd" * 32, size=512))),
        wire(ordering(APPLY, JOB, "dev_002")),
        wire(ordering(APPLY, f"{DEP}-w00001-0001", "dev_001")),
        wire(changed(APPLY, order=ordering(changed(APPLY, version=3), JOB, "dev_001").order)),
        wire(changed(APPLY, order=SignedOrder(payload="{}", key="a" * 64, value="AAAA"))),
    ],
    ids=["no JSON", "no document", "no order", "version", "artifact", "device", "job", "signed version", "no payload"],
)
def test_what_says_anything_else_is_not_ours(there: str) -> None:
    assert not is_same_order(there, OURS)
