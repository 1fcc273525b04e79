"""Somebody who may create jobs in the account, and not sign orders: devices refuse what they are sent, and go on."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from deployed.fleet import Fleet
from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.contract.job import JobDocument, Operation
from edgeflow.contract.order import Order
from edgeflow.contract.signing import order_message
from edgeflow.domain.clock import milliseconds, utc_now
from localcloud.stack import Stack
from tests.support.rollouts import GOOD, Operator, eventually

OPEN: Final = {"QUEUED", "IN_PROGRESS"}


@dataclass(frozen=True)
class Attacker:
    """May create and delete jobs of AWS IoT, and has seen the documents of earlier ones."""

    stack: Stack
    device: str

    def captured(self, job_id: str) -> dict[str, Any]:
        """Return the document of a job that the stack has created, with an address of their own: it is not signed."""
        document: dict[str, Any] = json.loads(self.stack.client("iot").get_job_document(jobId=job_id)["document"])
        document["artifact"]["url"] = "https://attacker.test/"
        return document

    def send(self, document: Mapping[str, Any], job_id: str) -> tuple[str, Mapping[str, str]]:
        """Create a job, in place of one of that name; returns how it ends on the device, and what that says of it."""
        iot = self.stack.client("iot")
        with suppress(ClientError):
            iot.delete_job(jobId=job_id, force=True)
        thing = f"arn:aws:iot:{self.stack.region}:{self.stack.account_id}:thing/{self.device}"
        eventually(lambda: self._create(job_id, thing, document), seconds=30, what=f"{job_id} is gone, and there anew")
        eventually(lambda: self._execution(job_id)["status"] not in OPEN, seconds=30, what=f"{job_id} has ended")
        ended = self._execution(job_id)
        return str(ended["status"]), dict(ended.get("statusDetails", {}).get("detailsMap", {}))

    def _create(self, job_id: str, thing: str, document: Mapping[str, Any]) -> bool:
        try:
            self.stack.client("iot").create_job(jobId=job_id, targets=[thing], document=json.dumps(document))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise
            return False
        return True

    def _execution(self, job_id: str) -> Mapping[str, Any]:
        told = self.stack.client("iot").describe_job_execution(jobId=job_id, thingName=self.device)
        execution: Mapping[str, Any] = told["execution"]
        return execution


@pytest.fixture
def fleet(stack: Stack, tmp_path: Path) -> Iterator[Fleet]:
    """The agents of this test."""
    fleet = Fleet(stack, tmp_path)
    yield fleet
    fleet.stop()


def test_what_the_stack_has_not_ordered_now_is_refused_and_what_it_orders_is_done(
    stack: Stack, operator: Operator, fleet: Fleet
) -> None:
    device = f"signed_{uuid4().hex[:8]}"
    fleet.register([device])
    fleet.start([device])
    attacker = Attacker(stack, device)
    flow_id = operator.flow()
    first = operator.deploy(flow_id, [device], strategy="all_at_once")
    assert first["status"] == "completed", first["status_reason"]
    operator.next_version(flow_id, {"nodes": [{"id": "only", "type": "debug"}]})
    second = operator.deploy(flow_id, [device], strategy="all_at_once")
    assert second["status"] == "completed", second["status_reason"]

    remove = JobDocument(operation=Operation.REMOVE, deployment_id=first["id"], flow_id=flow_id)
    unsigned = remove.model_dump(mode="json", by_alias=True, exclude_none=True)
    replayed_job, newest_job = (f"{made['id']}-w00001-0000" for made in (first, second))
    replayed = attacker.captured(replayed_job)
    tampered = replayed | unsigned
    expired, foreign = "dep_expired-w00001-0000", "dep_foreign-w00001-0000"
    surplus = f"{second['id']}-w00001-9999"
    attacks = [
        (unsigned, "forged_remove", "order_untrusted", "has no signed order"),
        (unsigned | {"flow_id": "flow_nobody"}, surplus, "order_untrusted", "has no signed order"),
        (replayed, "forged_replay", "order_untrusted", f"was signed for job {replayed_job}"),
        (replayed, replayed_job, "order_replayed", f"the newer one of job {newest_job}"),
        (attacker.captured(newest_job), newest_job, "order_replayed", "has carried it out already"),
        (tampered, replayed_job, "order_replayed", "the newer one"),
        (signed_by(stack, "OrderSigningKeyArn", remove, device, expired), expired, "order_expired", "expired at"),
        (signed_by(stack, "ArtifactSigningKeyArn", remove, device, foreign), foreign, "order_untrusted", "order_keys"),
    ]
    for document, job_id, reason, said in attacks:
        status, told = attacker.send(document, job_id)
        assert (status, told.get("reason")) == ("REJECTED", reason), told
        assert said in told["message"]
        vouched_for = reason != "order_untrusted"
        assert (told.get("runs_version"), told["sequence"] != "0") == ("2" if vouched_for else None, vouched_for)
        assert fleet.running(flow_id) == {device: 2}

    operator.next_version(flow_id, GOOD)
    third = operator.deploy(flow_id, [device], strategy="all_at_once")
    assert third["status"] == "completed", third["status_reason"]
    assert fleet.running(flow_id) == {device: 3}
    operator.rollback(third["id"])
    assert operator.until(third["id"], {"rolled_back"})["target_counts"]["rolled_back"] == 1
    assert fleet.running(flow_id) == {device: 2}


def test_a_rollback_whose_job_somebody_else_has_created_says_so_at_once_and_goes_well_the_next_time(
    stack: Stack, operator: Operator, fleet: Fleet
) -> None:
    device = f"taken_{uuid4().hex[:8]}"
    fleet.register([device])
    fleet.start([device])
    flow_id = operator.flow()
    assert operator.deploy(flow_id, [device], strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, GOOD)
    second = operator.deploy(flow_id, [device], strategy="all_at_once")
    forged = JobDocument(operation=Operation.REMOVE, deployment_id=second["id"], flow_id=flow_id)
    status, _ = Attacker(stack, device).send(
        forged.model_dump(mode="json", by_alias=True, exclude_none=True), f"{second['id']}-r001-0000-0000"
    )
    assert status == "REJECTED"

    operator.rollback(second["id"])
    failed = operator.until(second["id"], {"failed"})
    (target,) = operator.rest.call("GET", f"/deployments/{second['id']}/targets")["targets"]
    assert (target["status"], target["reason"]) == ("rollback_failed", "order_untrusted"), failed["status_reason"]
    assert "that the stack did not create" in target["message"]
    assert fleet.running(flow_id) == {device: 2}
    operator.rollback(second["id"])
    operator.until(second["id"], {"rolled_back"})
    assert fleet.running(flow_id) == {device: 1}


def signed_by(stack: Stack, key: str, document: JobDocument, device: str, job_id: str) -> dict[str, Any]:
    """Return a document whose order a key of the stack signed, long ago as the order has it."""
    now = utc_now()
    order = Order.of(
        document,
        job_id=job_id,
        devices=(device,),
        issued=milliseconds(now),
        expires=now - timedelta(seconds=1),
    )
    payload = order.payload()
    signature = KmsSigner(stack.client("kms"), stack.outputs[key]).sign(order_message(payload))
    signed = {"payload": payload, "key": signature.key, "value": signature.value}
    return document.model_dump(mode="json", by_alias=True, exclude_none=True) | {"order": signed}
