"""A small world over moto with one record of each kind, which can be damaged and set right again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.models import StepFunctionBackend

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout, stores
from edgeflow.contract.history.deployments import WaveStarted
from edgeflow.contract.report import FlowHealth, Health, HealthReport, NodeActivity, Slot, Vitals
from edgeflow.domain.deployments import Return, TargetStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.jobs import ReturnJob, WaveJob
from edgeflow.domain.order import Said
from edgeflow.domain.waves import Awaits
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.support.rest import Rest
from tests.unit.api.damage import Wire

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_s3.client import S3Client

DEVICES = ["dev_001", "dev_002", "dev_003"]
NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
SAID = Said(epoch="0123456789abcdef", sequence=1, received_ms=1)
AT = "2026-02-21T12:00:00.000Z"
KEYED = {"Idempotency-Key": "once"}
FLOW = {"name": "A", "tags": ["t"], "slug": "a", "definition": {"nodes": [{"id": "n1", "type": "debug"}]}}
"""What came with that key."""
WATCH_TOKEN = "token-of-a-delay"
RESUME_TOKEN = "token-of-a-pause"


def know_tokens(patch: pytest.MonkeyPatch) -> None:
    """Let moto refuse, as Step Functions does, each task token that was not given out; by itself it takes any."""

    def send_task_success(_: StepFunctionBackend, task_token: str, outcome: str) -> None:
        if task_token not in {WATCH_TOKEN, RESUME_TOKEN}:
            raise InvalidToken

    patch.setattr(StepFunctionBackend, "send_task_success", send_task_success)


@dataclass
class DamagedWorld:
    """What is stored, by key; ``restore`` brings all of it back."""

    rest: Rest
    table: Table
    bucket: str
    flow: str = ""
    other_flow: str = ""
    running: str = ""
    """A deployment of ``flow`` that is under way: paused while it waited after its first wave."""
    failed: str = ""
    """A deployment of ``other_flow`` that has ended: on one device it failed, the others it never reached."""
    pending: str = ""
    other_pending: str = ""
    """A deployment of ``other_flow``."""
    dynamodb: "DynamoDBClient" = field(default_factory=lambda: boto3.client("dynamodb"))
    s3: "S3Client" = field(default_factory=lambda: boto3.client("s3"))
    items: dict[tuple[str, str], Wire] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)

    def fill(self) -> None:
        """Make one record of each kind, most of them by the operations themselves."""
        for device_id in DEVICES:
            assert self.rest("POST", "/v1/devices", {"device_id": device_id}).status == 201
        self.flow = self._flow(FLOW, KEYED)
        self.other_flow = self._flow({"name": "B", "tags": ["t"], "definition": FLOW["definition"]})
        assert self.rest("POST", f"/v1/flows/{self.flow}/draft").status == 200
        self.running = self._started(self.flow)
        self.failed = self._failed(self.other_flow)
        self.pending = self._deployment(self.flow)
        self.other_pending = self._deployment(self.other_flow)
        targets = TargetStore(self.table)
        outcome = TargetOutcome(status=TargetStatus.SUCCESS, reported=True, runs_version=1)
        targets.mark_deploying(self.running, DEVICES[:2], wave=1, at=AT)
        targets.settle(self.running, DEVICES[0], outcome, wave=1, at=AT)
        targets.plan_return(self.running, 1, Return(device_id=DEVICES[0], group=0, version_before=None))
        stores.deployments().count(self.running, {TargetStatus.SUCCESS: 1}, first="1", last="1")
        waves = WaveStore(self.table)
        waves.open(self.running, "00001", total=3, tolerated=0, task_token="token", awaits=Awaits.VERDICT)
        self._pause_in_a_delay()
        InstallStore(self.table).record(DEVICES[0], self.flow, SAID, version=1, deployment_id=self.running)
        devices = DeviceStore(self.table)
        devices.record_report(DEVICES[0], self._report(), SAID, received_at=AT)
        at_ms = int(NOON.timestamp() * 1_000)
        devices.record_presence(Presence(device_id=DEVICES[0], connected=True, connection=1, at_ms=at_ms), at=AT)
        self._make_jobs()
        self.items = {(item["pk"]["S"], item["sk"]["S"]): item for item in self.stored()}
        self.objects = {name: self._object(name) for name in self._names()}

    def stored(self) -> Iterator[Wire]:
        """Yield every item as it is now."""
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=self.table.name):
            yield from page["Items"]

    def put(self, item: Wire) -> None:
        """Write an item, in DynamoDB's own form, over what is there."""
        self.dynamodb.put_item(TableName=self.table.name, Item=item)

    def restore(self) -> None:
        """Set everything right that was damaged, or changed since."""
        for item in self.stored():
            key = item["pk"]["S"], item["sk"]["S"]
            if key not in self.items:
                self.dynamodb.delete_item(TableName=self.table.name, Key={"pk": item["pk"], "sk": item["sk"]})
        now = {(item["pk"]["S"], item["sk"]["S"]): item for item in self.stored()}
        for key, item in self.items.items():
            if now.get(key) != item:
                self.put(item)
        for name, content in self.objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=name, Body=content)

    def _flow(self, content: dict[str, Any], headers: dict[str, str] | None = None) -> str:
        made = self.rest("POST", "/v1/flows", content, headers=headers)
        assert made.status == 201
        flow_id = str(made.body["id"])
        assert self.rest("POST", f"/v1/flows/{flow_id}/publish").status == 200
        return flow_id

    def _started(self, flow_id: str) -> str:
        deployment_id = self._deployment(flow_id)
        assert self.rest("POST", f"/v1/deployments/{deployment_id}/start").status == 200
        assert rollout.plan_rollout()(deployment_id)["outcome"] == "planned"
        return deployment_id

    def _failed(self, flow_id: str) -> str:
        deployment_id, targets = self._started(flow_id), TargetStore(self.table)
        targets.mark_deploying(deployment_id, DEVICES[:1], wave=1, at=AT)
        outcome = TargetOutcome(status=TargetStatus.FAILED, reported=True)
        targets.settle(deployment_id, DEVICES[0], outcome, wave=1, at=AT)
        assert rollout.conclude_rollout()(deployment_id, RolloutEnd.BROKEN, cause="of a test") == "failed"
        return deployment_id

    def _deployment(self, flow_id: str) -> str:
        body = {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES, "config": {"batch_size": 2}}
        made = self.rest("POST", "/v1/deployments", body)
        assert made.status == 201
        return str(made.body["id"])

    def _pause_in_a_delay(self) -> None:
        started = WaveStarted(wave=1, total=2, tolerated=0, offline=0)
        entry = Entry(at=AT, actor=system(Part.DISPATCH_WAVE), details=started)
        deployments = stores.deployments()
        deployments.reached_wave(self.running, 1, entry=entry)
        deployments.watch(self.running, WATCH_TOKEN, wave=1, since=AT)
        assert self.rest("POST", f"/v1/deployments/{self.running}/pause").status == 200
        rollout.await_resume()(self.running, RESUME_TOKEN, breached=False)

    def _report(self) -> HealthReport:
        activity = NodeActivity(node_id="n1", received_per_minute=1, sent_per_minute=1)
        flow = FlowHealth(
            flow_id=self.flow,
            version=1,
            sha256="ab" * 32,
            slot=Slot.BLUE,
            health=Health.HEALTHY,
            since=NOON,
            activity=(activity,),
        )
        return HealthReport(
            sent_at=NOON, sequence=1, epoch=SAID.epoch, agent_version="0.1", flows=(flow,), vitals=Vitals(load=0.5)
        )

    def _make_jobs(self) -> None:
        """Make the jobs that there may be: moto fails where one is cancelled that never was, which AWS IoT allows."""
        iot = boto3.client("iot")
        things = [iot.describe_thing(thingName=device_id)["thingArn"] for device_id in DEVICES[:2]]
        for job in (
            WaveJob(deployment_id=self.running, wave=1, chunk=0),
            WaveJob(deployment_id=self.running, wave=2, chunk=0),
            ReturnJob(deployment_id=self.running, attempt=1, group=0, chunk=0),
        ):
            iot.create_job(jobId=job.id, targets=things, document="{}")

    def _names(self) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]]

    def _object(self, name: str) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=name)["Body"].read()
