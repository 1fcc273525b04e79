"""The composition root: adapters and operations, made once per Lambda environment from its settings.

Everything is made when it is first asked for, so a function needs only the settings that it uses.
"""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.dispatch_queue import SqsDispatchQueue
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.deployments.thing_groups import AwsThingGroups
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.reports.reports_queue import SqsReportsQueue
from edgeflow.adapters.rollout.dead_letters import DeadLetterQueue
from edgeflow.adapters.rollout.event_bus import EventBridge
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.iot_jobs import IotJobs
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.rollout.workflows import StepFunctions
from edgeflow.adapters.table import Table
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.deployments.cancel_deployment import CancelDeployment
from edgeflow.use_cases.deployments.create_deployment import CreateDeployment
from edgeflow.use_cases.deployments.delete_deployment import DeleteDeployment
from edgeflow.use_cases.deployments.give_up_target import GiveUpTarget
from edgeflow.use_cases.deployments.pause_deployment import PauseDeployment
from edgeflow.use_cases.deployments.promote_deployment import PromoteDeployment
from edgeflow.use_cases.deployments.read_deployments import ReadDeployments
from edgeflow.use_cases.deployments.reconcile import Reconcile
from edgeflow.use_cases.deployments.resolve_targets import ResolveTargets
from edgeflow.use_cases.deployments.resume_deployment import ResumeDeployment
from edgeflow.use_cases.deployments.retry_deployment import RetryDeployment
from edgeflow.use_cases.deployments.start_deployment import StartDeployment
from edgeflow.use_cases.enrolment.allow_provisioning import AllowProvisioning
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from edgeflow.use_cases.history.read_history import ReadHistory
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ingest_health import IngestHealth
from edgeflow.use_cases.reports.ingest_presence import IngestPresence
from edgeflow.use_cases.reports.ingest_report import IngestReport
from edgeflow.use_cases.reports.watch_absence import WatchAbsence
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.await_resume import AwaitResume
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.close_wave import CloseWave
from edgeflow.use_cases.rollout.conclude_rollout import ConcludeRollout
from edgeflow.use_cases.rollout.create_jobs import CreateJobs
from edgeflow.use_cases.rollout.dispatch_wave import DispatchWave
from edgeflow.use_cases.rollout.fail_silent import FailSilent
from edgeflow.use_cases.rollout.notify_status import NotifyStatus
from edgeflow.use_cases.rollout.plan_rollback import PlanRollback
from edgeflow.use_cases.rollout.plan_rollout import PlanRollout
from edgeflow.use_cases.rollout.return_devices import ReturnDevices
from edgeflow.use_cases.rollout.return_late import ReturnLate
from edgeflow.use_cases.rollout.rollback_deployment import RollbackDeployment
from edgeflow.use_cases.rollout.skip_offline import SkipOffline
from edgeflow.use_cases.rollout.skip_targets import SkipTargets
from edgeflow.use_cases.rollout.tally_wave import TallyWave
from edgeflow.use_cases.rollout.watch_waves import WatchWaves
from edgeflow.use_cases.rollout.wind_down import WindDown

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_events.client import EventBridgeClient
    from types_boto3_iot.client import IoTClient
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient
    from types_boto3_stepfunctions.client import SFNClient

CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20, max_pool_connections=32
)


@cache
def table() -> Table:
    """Return the table that ``TABLE_NAME`` names."""
    client: DynamoDBClient = boto3.client("dynamodb", config=CONFIG)
    return Table(client, setting("TABLE_NAME"))


@cache
def deployments() -> DeploymentStore:
    """Return the store of deployments."""
    return DeploymentStore(table())


@cache
def _targets() -> TargetStore:
    return TargetStore(table())


@cache
def _waves() -> WaveStore:
    return WaveStore(table())


@cache
def _installs() -> InstallStore:
    return InstallStore(table())


@cache
def _jobs() -> IotJobs:
    client: IoTClient = boto3.client("iot", config=CONFIG)
    role = setting("JOB_ROLE_ARN")
    return IotJobs(
        client,
        region=client.meta.region_name,
        account_id=role.split(":")[4],  # arn:aws:iam::ACCOUNT:role/NAME
        bucket=setting("ARTIFACT_BUCKET"),
        job_role_arn=role,
    )


@cache
def _workflows() -> StepFunctions:
    client: SFNClient = boto3.client("stepfunctions", config=CONFIG)
    return StepFunctions(client, state_machine_arn_prefix=setting("STATE_MACHINE_ARN_PREFIX"))


@cache
def _confirm_certificate() -> ConfirmCertificate:
    client: IoTClient = boto3.client("iot", config=CONFIG)
    return ConfirmCertificate(EnrolmentStore(table()), AwsIotRegistry(client, setting("DEVICE_POLICY_NAME")))


@cache
def _manifests() -> ManifestStore:
    client: S3Client = boto3.client("s3", config=CONFIG)
    return ManifestStore(client, setting("ARTIFACT_BUCKET"))


@cache
def _thing_groups() -> AwsThingGroups:
    client: IoTClient = boto3.client("iot", config=CONFIG)
    return AwsThingGroups(client)


def _claims() -> Claims:
    return Claims(deployments(), _installs())


def _skip_targets() -> SkipTargets:
    return SkipTargets(_targets(), utc_now)


def _answer_wave() -> AnswerWave:
    return AnswerWave(_waves(), _workflows(), utc_now)


def _create_jobs() -> CreateJobs:
    return CreateJobs(_jobs(), _health_window().total_seconds(), _watch_every(), utc_now)


def _health_window() -> timedelta:
    return timedelta(seconds=float(setting("HEALTH_WINDOW_SECONDS")))


def _watch_every() -> timedelta:
    return timedelta(seconds=float(setting("WATCH_SECONDS")))


def create_deployment() -> CreateDeployment:
    """Return the operation behind ``POST /v1/deployments``."""
    flows, devices = FlowStore(table()), DeviceStore(table())
    window = _health_window()
    return CreateDeployment(deployments(), flows, devices, devices, _thing_groups(), _manifests(), utc_now, window)


def read_deployments() -> ReadDeployments:
    """Return the reads behind ``GET /v1/deployments…``."""
    return ReadDeployments(deployments(), _targets(), _manifests())


def read_history() -> ReadHistory:
    """Return the reads behind ``GET …/events``."""
    return ReadHistory(HistoryStore(table()), deployments(), FlowStore(table()))


def start_deployment() -> StartDeployment:
    """Return the operation behind ``…/start``."""
    return StartDeployment(
        deployments=deployments(),
        manifests=_manifests(),
        resolve_targets=ResolveTargets(_manifests(), _thing_groups(), DeviceStore(table())),
        flows=FlowStore(table()),
        claims=_claims(),
        workflows=_workflows(),
        clock=utc_now,
    )


def resume_deployment() -> ResumeDeployment:
    """Return the operation behind ``…/resume``."""
    return ResumeDeployment(deployments(), _waves(), _workflows(), utc_now)


@cache
def dispatch_queue() -> SqsDispatchQueue:
    """Return the queue of orders that ``DISPATCH_QUEUE_URL`` names."""
    client: SQSClient = boto3.client("sqs", config=CONFIG)
    return SqsDispatchQueue(client, queue_url=setting("DISPATCH_QUEUE_URL"))


def cancel_deployment() -> CancelDeployment:
    """Return the operation behind ``…/cancel``."""
    return CancelDeployment(deployments(), dispatch_queue(), utc_now)


def promote_deployment() -> PromoteDeployment:
    """Return the operation behind ``…/promote``."""
    return PromoteDeployment(deployments(), _waves(), _workflows(), watch_waves(), utc_now)


def give_up_target() -> GiveUpTarget:
    """Return the operation behind ``…/targets/{device_id}/skip``."""
    return GiveUpTarget(deployments(), _targets(), _jobs(), dispatch_queue(), utc_now)


def wind_down() -> WindDown:
    """Return the operation behind the command ``wind_down``."""
    return WindDown(deployments(), _workflows(), conclude_rollout())


def retry_deployment() -> RetryDeployment:
    """Return the operation behind ``…/retry``."""
    return RetryDeployment(deployments(), _targets(), _manifests(), start_deployment(), utc_now)


def delete_deployment() -> DeleteDeployment:
    """Return the operation behind ``DELETE /v1/deployments/{deployment_id}``."""
    return DeleteDeployment(
        deployments=deployments(),
        manifests=_manifests(),
        installs=_installs(),
        devices=DeviceStore(table()),
        jobs=_jobs(),
        workflows=_workflows(),
        clock=utc_now,
    )


def pause_deployment() -> PauseDeployment:
    """Return the operation behind ``…/pause``."""
    return PauseDeployment(deployments(), utc_now)


def rollback_deployment() -> RollbackDeployment:
    """Return the operation behind ``…/rollback``."""
    return RollbackDeployment(deployments(), _targets(), _installs(), _claims(), _workflows(), utc_now)


def plan_rollout() -> PlanRollout:
    """Return the operation of functions/plan_rollout."""
    devices = DeviceStore(table())
    return PlanRollout(deployments(), _targets(), _claims(), _manifests(), devices, devices, _skip_targets(), utc_now)


def plan_rollback() -> PlanRollback:
    """Return the operation of functions/plan_rollback."""
    return PlanRollback(
        deployments=deployments(),
        targets=_targets(),
        waves=_waves(),
        installs=_installs(),
        claims=_claims(),
        workflows=_workflows(),
        close_wave=close_wave(),
        skip_targets=_skip_targets(),
        clock=utc_now,
    )


def conclude_rollout() -> ConcludeRollout:
    """Return the operation of functions/conclude_rollout."""
    return ConcludeRollout(
        deployments=deployments(),
        targets=_targets(),
        manifests=_manifests(),
        claims=_claims(),
        close_wave=close_wave(),
        skip_targets=_skip_targets(),
        return_late=return_late(),
        clock=utc_now,
    )


def return_late() -> ReturnLate:
    """Return the operation that returns devices which a rollback has passed by."""
    return ReturnLate(deployments(), _targets(), _installs(), _claims(), rollback_deployment())


def dispatch_wave() -> DispatchWave:
    """Return the operation behind the command ``deploy_wave``."""
    return DispatchWave(
        deployments=deployments(),
        targets=_targets(),
        waves=_waves(),
        workflows=_workflows(),
        create_jobs=_create_jobs(),
        close_wave=close_wave(),
        watch_waves=watch_waves(),
        fail_silent=FailSilent(_targets(), _waves(), DeviceStore(table()), utc_now, _watch_every()),
        skip_offline=SkipOffline(deployments(), _targets(), DeviceStore(table()), utc_now),
        answer_wave=_answer_wave(),
        clock=utc_now,
    )


def close_wave() -> CloseWave:
    """Return the operation behind the commands ``close_wave`` and ``close_return``."""
    return CloseWave(
        deployments=deployments(),
        targets=_targets(),
        waves=_waves(),
        jobs=_jobs(),
        ingest=ingest_report(),
        answer_wave=_answer_wave(),
        clock=utc_now,
    )


def await_resume() -> AwaitResume:
    """Return the operation behind the command ``await_resume``."""
    return AwaitResume(deployments(), _workflows(), utc_now)


def watch_waves() -> WatchWaves:
    """Return the operation behind the command ``watch_waves``."""
    return WatchWaves(deployments(), _waves(), _workflows(), utc_now)


def return_devices() -> ReturnDevices:
    """Return the operation behind the command ``return_devices``."""
    return ReturnDevices(
        deployments=deployments(),
        targets=_targets(),
        waves=_waves(),
        flows=FlowStore(table()),
        create_jobs=_create_jobs(),
        answer_wave=_answer_wave(),
        clock=utc_now,
    )


def ingest_report() -> IngestReport:
    """Return the operation that takes in the end of a device's job."""
    return IngestReport(deployments(), _targets(), _installs(), FlowStore(table()), utc_now)


def ingest_job_event() -> IngestReport:
    """Return the operation that takes in AWS IoT's event of the end of a device's job."""
    flows = FlowStore(table())
    return IngestReport(deployments(), _targets(), _installs(), flows, utc_now, watch_absence(), return_late())


def _fail_late() -> FailLate:
    return FailLate(deployments(), _targets(), _installs(), utc_now)


def ingest_health() -> IngestHealth:
    """Return the operation that takes in a health report."""
    return IngestHealth(DeviceStore(table()), _fail_late())


def ingest_presence() -> IngestPresence:
    """Return the operation that takes in who is connected."""
    return IngestPresence(DeviceStore(table()), watch_absence(), _confirm_certificate())


def allow_provisioning() -> AllowProvisioning:
    """Return the operation that decides who gets a certificate."""
    return AllowProvisioning(EnrolmentStore(table()), utc_now)


@cache
def watch_absence() -> WatchAbsence:
    """Return the operation that looks again at a device that is gone."""
    client: SQSClient = boto3.client("sqs", config=CONFIG)
    queue = SqsReportsQueue(client, queue_url=setting("REPORTS_QUEUE_URL"))
    allowed = timedelta(seconds=float(setting("DROP_OFF_SECONDS")))
    return WatchAbsence(DeviceStore(table()), queue, _fail_late(), utc_now, allowed)


@cache
def _dead_letters() -> DeadLetterQueue:
    client: SQSClient = boto3.client("sqs", config=CONFIG)
    return DeadLetterQueue(client, queue_url=setting("DEAD_LETTER_QUEUE_URL"))


@cache
def notify_status() -> NotifyStatus:
    """Return the operation of functions/notify_status."""
    events: EventBridgeClient = boto3.client("events", config=CONFIG)
    return NotifyStatus(EventBridge(events, bus_name=setting("EVENT_BUS_NAME")), _dead_letters())


def reconcile() -> Reconcile:
    """Return the operation of functions/reconcile."""
    return Reconcile(
        deployments=deployments(),
        targets=_targets(),
        waves=_waves(),
        workflows=_workflows(),
        start=start_deployment(),
        resume=resume_deployment(),
        rollback=rollback_deployment(),
        wind_down=wind_down(),
        close_wave=close_wave(),
        conclude=conclude_rollout(),
        answer_wave=_answer_wave(),
        clock=utc_now,
        grace=timedelta(seconds=float(setting("RECONCILE_GRACE_SECONDS"))),
    )


def tally_wave() -> TallyWave:
    """Return the operation of functions/tally_wave."""
    return TallyWave(deployments(), _waves(), watch_waves(), _answer_wave(), _dead_letters())
