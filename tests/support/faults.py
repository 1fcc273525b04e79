"""Faults that a test brings about, each taken back when its block is left; and what must hold nevertheless."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from deployed.fleet import Fleet
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.domain.clock import timestamp, utc_now
from localcloud.edge import Edge
from localcloud.stack import Stack
from tests.support.readable import all_read
from tests.support.rollouts import Operator, eventually, jobs_of, runs

MOST_MESSAGES: Final = 10  # SQS: of one ReceiveMessage
_TOLD_TWICE: Final = 3
"""Version of a job execution when it has ended: queued, told to be in progress, told to have ended."""
_SETTLES_SECONDS: Final = 20


def function_name(stack: Stack, logical_id: str) -> str:
    """Return the name of a function of the template, such as ``TallyWaveFunction``."""
    found = stack.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


@contextmanager
def held_back(stack: Stack, logical_id: str) -> Iterator[None]:
    """Let a function take nothing from its queue or stream meanwhile; what comes stays there."""
    functions = stack.client("lambda")
    name = function_name(stack, logical_id)
    mappings = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def environment(stack: Stack, logical_id: str, **variables: str) -> Iterator[None]:
    """Let a function have these environment variables, too; its processes are started anew, both times."""
    name = function_name(stack, logical_id)
    found = stack.client("lambda").get_function_configuration(FunctionName=name)
    before = found["Environment"]["Variables"]
    _set_environment(stack, logical_id, before | variables)
    try:
        yield
    finally:
        _set_environment(stack, logical_id, before)


def _set_environment(stack: Stack, logical_id: str, variables: Mapping[str, str]) -> None:
    functions = stack.client("lambda")
    name = function_name(stack, logical_id)
    # What is being handled when the processes end would be hidden for minutes; so nothing is.
    with held_back(stack, logical_id):
        try:
            for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
                if ":sqs:" in mapping["EventSourceArn"]:
                    _wait_until_nothing_is_handled(stack, mapping["EventSourceArn"])
        finally:
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": dict(variables)})


def _wait_until_nothing_is_handled(stack: Stack, queue_arn: str) -> None:
    queues = stack.client("sqs")
    queue_url = queues.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
    hidden = "ApproximateNumberOfMessagesNotVisible"

    def idle() -> bool:
        found = queues.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[hidden])["Attributes"]
        return int(found[hidden]) == 0

    eventually(idle, seconds=_SETTLES_SECONDS, what=f"no message of {queue_arn} is being handled")


@contextmanager
def through(edge: Edge, stack: Stack, logical_id: str) -> Iterator[None]:
    """Let a function reach the cloud through the edge only, where its calls bear its logical id."""
    with environment(stack, logical_id, AWS_ENDPOINT_URL=edge.url, AWS_SDK_UA_APP_ID=logical_id):
        yield


@contextmanager
def redelivered_after(stack: Stack, queue_url: str, seconds: int) -> Iterator[None]:
    """Let messages that were not handled come again this soon, rather than after the minutes that the template says."""
    queues = stack.client("sqs")
    attribute = "VisibilityTimeout"
    before = queues.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[attribute])["Attributes"][attribute]
    queues.set_queue_attributes(QueueUrl=queue_url, Attributes={attribute: str(seconds)})
    try:
        yield
    finally:
        queues.set_queue_attributes(QueueUrl=queue_url, Attributes={attribute: before})


@dataclass(frozen=True)
class ReportsQueue:
    """The queue between AWS IoT and ``ingest_reports``."""

    stack: Stack

    @property
    def _url(self) -> str:
        return self.stack.outputs["ReportsQueueUrl"]

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let nobody take messages from it meanwhile; they stay in the queue."""
        with held_back(self.stack, "IngestReportsFunction"):
            yield

    def take(self, deployment_id: str, count: int) -> list[str]:
        """Take every message out of it, until this many reports of a deployment's jobs were among them.

        Return those reports; messages of others go back into the queue.
        """
        queues = self.stack.client("sqs")
        reports: list[str] = []
        others: list[str] = []

        def enough() -> bool:
            received = queues.receive_message(QueueUrl=self._url, MaxNumberOfMessages=MOST_MESSAGES)
            for message in received.get("Messages", []):
                body = message["Body"]
                (reports if f'"{deployment_id}-' in body else others).append(body)
                queues.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return len(reports) >= count

        try:
            eventually(enough, seconds=30, what=f"{count} reports of {deployment_id} are in the queue")
        finally:
            self.send(others)
        assert len(reports) == count, reports
        return reports

    def send(self, bodies: Iterable[str]) -> None:
        """Put messages into it, in this order."""
        for body in bodies:
            self.stack.client("sqs").send_message(QueueUrl=self._url, MessageBody=body)

    def length(self) -> int:
        """Return how many messages it holds, with those that are being handled."""
        return queue_length(self.stack, self._url)

    def drained(self) -> None:
        """Wait until every message was handled."""
        eventually(lambda: self.length() == 0, seconds=30, what="all reports are handled")


def queue_length(stack: Stack, queue_url: str) -> int:
    """Return how many messages a queue holds, with those that are being handled."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stack.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def register_absent(stack: Stack, devices: Iterable[str]) -> None:
    """Register devices that never connect, without the certificates that take most of the time of registering many."""
    iot = stack.client("iot")
    records = DeviceStore(Table(stack.client("dynamodb"), stack.outputs["TableName"]))
    for device in devices:
        iot.create_thing(thingName=device)
        at = timestamp(utc_now())
        records.begin(device, attempt=device, at=at, dead_before=at, by=device)
        records.finish(device, f"arn:aws:iot:{stack.region}:{stack.account_id}:cert/none", attempt=device)


def executions(stack: Stack, jobs: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what AWS IoT has of each device's part of its job; devices that it has nothing of are left out."""
    iot = stack.client("iot")
    found = {}
    for device, job_id in jobs.items():
        with suppress(iot.exceptions.ResourceNotFoundException):
            found[device] = iot.describe_job_execution(jobId=job_id, thingName=device)["execution"]
    return found


def answer_for(stack: Stack, jobs: Mapping[str, str]) -> None:
    """Tell AWS IoT what devices tell that have done their jobs, given by device; for many, which are not there."""
    devices = stack.client("iot-jobs-data")
    for device, job_id in jobs.items():
        for status in ("IN_PROGRESS", "SUCCEEDED"):
            devices.update_job_execution(jobId=job_id, thingName=device, status=status)


def have_done(stack: Stack, job_id: str, devices: Iterable[str]) -> None:
    """Wait until AWS IoT was told by each device that it has done its part."""
    jobs = dict.fromkeys(devices, job_id)

    def done() -> bool:
        found = executions(stack, jobs)
        return found.keys() == jobs.keys() and {each["status"] for each in found.values()} == {"SUCCEEDED"}

    eventually(done, seconds=40, what=f"{', '.join(jobs)} have done {job_id}")


@dataclass(frozen=True)
class Once:
    """What a deployment comes to when nothing is lost and nothing happens twice, whatever went wrong on the way."""

    stack: Stack
    operator: Operator
    fleet: Fleet

    def all_succeeded(self, deployment_id: str, devices: list[str], *, waves: int = 1) -> dict[str, Any]:
        """Wait for the deployment's end, and check everything that is known of it anywhere; returns it."""
        ended = self.operator.ended(deployment_id)
        assert ended["status"] == "completed", ended["status_reason"]
        self.counted(ended, devices, success=len(devices))
        assert ended["waves"] == waves
        assert self.operator.statuses(deployment_id) == dict.fromkeys(devices, "success")
        jobs = self.jobs(deployment_id, devices)
        assert {device: len(found) for device, found in jobs.items()} == dict.fromkeys(devices, 1)
        done = executions(self.stack, {device: job_id for device, (job_id,) in jobs.items()})
        told = {device: (each["status"], each["versionNumber"]) for device, each in done.items()}
        assert told == dict.fromkeys(devices, ("SUCCEEDED", _TOLD_TWICE))
        self.recorded(ended, devices, version=ended["flow_version"])
        self.nothing_given_up()
        return ended

    def counted(self, deployment: dict[str, Any], devices: list[str], **counts: int) -> None:
        """Check the counters; statuses that are not named count nothing."""
        expected = dict.fromkeys(deployment["target_counts"], 0) | counts
        assert deployment["target_counts"] == expected
        assert deployment["total_targets"] == len(devices)

    def jobs(self, deployment_id: str, devices: list[str]) -> dict[str, list[str]]:
        """Return the jobs of a deployment that each device was ever given."""
        return {device: jobs_of(self.stack, deployment_id, device) for device in devices}

    def recorded(self, deployment: dict[str, Any], devices: list[str], *, version: int | None) -> None:
        """Check that the cloud knows what each device runs, and that no claim is left."""
        table = Table(self.stack.client("dynamodb"), self.stack.outputs["TableName"])
        installs = InstallStore(table).many(devices, deployment["flow_id"])
        assert {
            install.device_id: (install.version, install.claimed_by) for install in all_read(installs.values())
        } == (dict.fromkeys(devices, (version, None)))

    def nothing_given_up(self) -> None:
        """Check that nothing is left in a dead-letter queue."""
        names = [name for name in self.stack.outputs if name.endswith("DeadLetterQueueUrl")]
        assert {name: queue_length(self.stack, self.stack.outputs[name]) for name in names} == dict.fromkeys(names, 0)

    def next_one_starts(self, flow_id: str, devices: list[str]) -> None:
        """Check that the same flow can be deployed to the same devices again: no claim stands in the way."""
        ended = self.operator.deploy(flow_id, devices, strategy="all_at_once", health_check=False)
        assert ended["status"] == "completed", ended["status_reason"]

    def all_run(self, flow_id: str, devices: list[str], version: int) -> None:
        """Check by asking the fleet's devices that they run this version."""
        eventually(
            lambda: runs(self.fleet, flow_id, devices, version), seconds=_SETTLES_SECONDS, what="the version runs"
        )
