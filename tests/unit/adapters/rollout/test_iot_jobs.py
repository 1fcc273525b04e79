"""Jobs of AWS IoT: what is asked for, and how each of AWS's answers is taken.

moto has no errors for jobs, so those come from botocore's stubber, which checks every request against
the service's model.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from edgeflow.adapters.rollout.iot_jobs import IotJobs
from edgeflow.contract.job import Artifact, HealthCheck, JobDocument, Operation
from edgeflow.domain.errors import NotFound, NotOurs, Unavailable
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.support.aws import BUCKET_NAME, REGION
from tests.unit.adapters.builders import DEP, FLOW
from tests.unit.adapters.rollout.foreign import ordering

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/edgeflow-jobs"
JOB = f"{DEP}-w00001-0000"
SHA = "ab" * 32
STARTED = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)

REMOVE = JobDocument(operation=Operation.REMOVE, deployment_id=DEP, flow_id=FLOW)
SIGNED = ordering(REMOVE, JOB, "dev_001")


@pytest.fixture
def client(aws: None) -> "IoTClient":
    """A client of IoT in moto."""
    return boto3.client("iot")


@pytest.fixture
def jobs(client: "IoTClient") -> IotJobs:
    """The adapter under test."""
    return IotJobs(client, region=REGION, account_id=ACCOUNT, bucket=BUCKET_NAME, job_role_arn=ROLE)


@pytest.fixture
def stub(client: "IoTClient") -> Iterator[Stubber]:
    """AWS's answers, in the order a test gives them; all of them are asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def apply(jobs: IotJobs) -> JobDocument:
    return JobDocument(
        operation=Operation.APPLY,
        deployment_id=DEP,
        flow_id=FLOW,
        version=2,
        artifact=Artifact(url=jobs.artifact_url(SHA), sha256=SHA, size=512),
        health_check=HealthCheck(window_seconds=30),
    )


def arn(device_id: str) -> str:
    return f"arn:aws:iot:{REGION}:{ACCOUNT}:thing/{device_id}"


# --- create


def test_a_job_that_applies_is_asked_for_with_a_presigned_url(jobs: IotJobs, client: "IoTClient") -> None:
    jobs.create(JOB, ["dev_001", "dev:002"], apply(jobs))
    job = client.describe_job(jobId=JOB)["job"]
    assert job["targets"] == [arn("dev_001"), arn("dev:002")]
    assert job["targetSelection"] == "SNAPSHOT"
    assert job["presignedUrlConfig"] == {"roleArn": ROLE, "expiresInSec": 3600}
    document = json.loads(client.get_job_document(jobId=JOB)["document"])
    assert document["schema"] == "edgeflow.job/1"
    assert JobDocument.model_validate(document) == apply(jobs)


def test_the_artifacts_address_is_iots_placeholder(jobs: IotJobs) -> None:
    assert jobs.artifact_url(SHA) == (
        f"${{aws:iot:s3-presigned-url:https://s3.{REGION}.amazonaws.com/{BUCKET_NAME}/artifacts/{SHA}.json}}"
    )


def test_a_job_that_removes_needs_no_url_and_says_nothing_absent(jobs: IotJobs, client: "IoTClient") -> None:
    jobs.create(JOB, ["dev_001"], REMOVE)
    assert not client.describe_job(jobId=JOB)["job"].get("presignedUrlConfig")
    document = json.loads(client.get_job_document(jobId=JOB)["document"])
    expected = {"schema": "edgeflow.job/1", "operation": "remove", "deployment_id": DEP, "flow_id": FLOW}
    assert document == expected | {"clear_standby": False}


def another_is_there(stub: Stubber, there: JobDocument | str, *, devices: tuple[str, ...] = ("dev_001",)) -> None:
    """Let there be a job of the name already, with this document."""
    stub.add_client_error("create_job", "ResourceAlreadyExistsException", http_status_code=409)
    stub.add_response("describe_job", {"job": {"targets": [arn(device) for device in devices]}}, {"jobId": JOB})
    text = there if isinstance(there, str) else there.model_dump_json(by_alias=True, exclude_none=True)
    stub.add_response("get_job_document", {"document": text}, {"jobId": JOB})


def test_a_job_that_an_earlier_delivery_created_is_left_alone(jobs: IotJobs, stub: Stubber) -> None:
    another_is_there(stub, SIGNED, devices=("dev_002", "dev_001"))
    jobs.create(JOB, ["dev_001"], SIGNED)


@pytest.mark.parametrize("there", [REMOVE, "no JSON"])
def test_a_job_that_somebody_else_created_under_the_name_is_an_alarm(
    jobs: IotJobs,
    stub: Stubber,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    there: JobDocument | str,
) -> None:
    another_is_there(stub, there)
    with pytest.raises(NotOurs, match=f"a job {JOB} that the stack did not create"):
        jobs.create(JOB, ["dev_001"], SIGNED)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line.get("ForeignJobs") == [1.0] and line["service"] == "jobs" for line in told)
    assert [(record.levelname, record.__dict__["job_id"]) for record in caplog.records] == [("ERROR", JOB)]


def test_a_job_that_is_for_other_things_is_not_ours_whatever_it_says(jobs: IotJobs, stub: Stubber) -> None:
    another_is_there(stub, SIGNED, devices=("dev_002",))
    with pytest.raises(NotOurs):
        jobs.create(JOB, ["dev_001"], SIGNED)


def test_a_job_that_is_gone_when_it_is_looked_at_is_created_by_another_try(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("create_job", "ResourceAlreadyExistsException", http_status_code=409)
    stub.add_client_error("describe_job", "ResourceNotFoundException", http_status_code=404)
    with pytest.raises(Unavailable, match="is gone"):
        jobs.create(JOB, ["dev_001"], SIGNED)


def test_a_thing_that_is_gone_is_not_found(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("create_job", "ResourceNotFoundException", http_status_code=404)
    with pytest.raises(NotFound, match=JOB):
        jobs.create(JOB, ["dev_001"], REMOVE)


@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException", "ServiceUnavailableException"])
def test_throttling_means_try_again(jobs: IotJobs, stub: Stubber, code: str) -> None:
    stub.add_client_error("create_job", code, http_status_code=400)
    with pytest.raises(Unavailable, match="AWS IoT"):
        jobs.create(JOB, ["dev_001"], REMOVE)


def test_a_request_that_is_wrong_is_a_fault_of_ours(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("create_job", "InvalidRequestException", http_status_code=400)
    with pytest.raises(ClientError):
        jobs.create(JOB, ["dev_001"], REMOVE)


@pytest.mark.parametrize("number", [0, 101])
def test_a_job_takes_1_to_100_targets(jobs: IotJobs, number: int) -> None:
    with pytest.raises(ValueError, match="1 to 100 targets"):
        jobs.create(JOB, [f"dev_{position}" for position in range(number)], REMOVE)


def test_exactly_100_targets_go(jobs: IotJobs, client: "IoTClient") -> None:
    jobs.create(JOB, [f"dev_{position}" for position in range(100)], REMOVE)
    assert len(client.describe_job(jobId=JOB)["job"]["targets"]) == 100


def test_a_document_of_more_than_32_kib_is_refused(jobs: IotJobs) -> None:
    # The contract keeps documents far below the limit, so this one goes round its checks.
    document = apply(jobs)
    assert document.artifact is not None
    huge = document.model_copy(update={"artifact": document.artifact.model_copy(update={"url": "x" * 32 * 1_024})})
    with pytest.raises(ValueError, match="32768 bytes"):
        jobs.create(JOB, ["dev_001"], huge)


# --- cancel


def test_cancelling_one_device_s_part_forces(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_response("cancel_job_execution", {}, {"jobId": JOB, "thingName": "dev_001", "force": True})
    jobs.cancel_execution(JOB, "dev_001")


@pytest.mark.parametrize(
    "code", ["ResourceNotFoundException", "InvalidRequestException", "InvalidStateTransitionException"]
)
def test_one_device_s_part_that_is_over_or_never_was_is_left_alone(jobs: IotJobs, stub: Stubber, code: str) -> None:
    stub.add_client_error("cancel_job_execution", code, http_status_code=400)
    jobs.cancel_execution(JOB, "dev_001")


def test_one_device_s_part_of_a_job(jobs: IotJobs, stub: Stubber) -> None:
    told = {"execution": {"jobId": JOB, "status": "CANCELED", "startedAt": STARTED, "lastUpdatedAt": STARTED}}
    stub.add_response("describe_job_execution", told, {"jobId": JOB, "thingName": "dev_001"})
    assert jobs.execution(JOB, "dev_001") == JobExecution(
        device_id="dev_001", status="CANCELED", started=True, updated_at="2026-02-21T12:00:00.000Z"
    )
    stub.add_client_error("describe_job_execution", "ResourceNotFoundException", http_status_code=404)
    assert jobs.execution(JOB, "dev_002") is None


def test_cancelling_forces(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_response("cancel_job", {"jobId": JOB}, {"jobId": JOB, "force": True})
    jobs.cancel(JOB)


@pytest.mark.parametrize(
    "code", ["ResourceNotFoundException", "InvalidRequestException", "InvalidStateTransitionException"]
)
def test_a_job_that_is_over_or_never_was_is_left_alone(jobs: IotJobs, stub: Stubber, code: str) -> None:
    stub.add_client_error("cancel_job", code)
    jobs.cancel(JOB)


def test_a_throttled_cancel_is_tried_again(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("cancel_job", "ThrottlingException")
    with pytest.raises(Unavailable):
        jobs.cancel(JOB)


def test_a_cancel_that_is_not_allowed_is_told(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("cancel_job", "AccessDeniedException")
    with pytest.raises(ClientError):
        jobs.cancel(JOB)


# --- what devices made of it


def test_executions_of_every_page(jobs: IotJobs, stub: Stubber) -> None:
    queued = {"thingArn": arn("dev_1"), "jobExecutionSummary": {"status": "CANCELED", "queuedAt": 1_771_675_200}}
    begun = {
        "thingArn": arn("site:dev_2"),
        "jobExecutionSummary": {"status": "CANCELED", "queuedAt": 1_771_675_200, "startedAt": 1_771_675_260},
    }
    stub.add_response(
        "list_job_executions_for_job",
        {"executionSummaries": [queued], "nextToken": "more"},
        {"jobId": JOB, "maxResults": 250},
    )
    stub.add_response(
        "list_job_executions_for_job",
        {"executionSummaries": [begun]},
        {"jobId": JOB, "maxResults": 250, "nextToken": "more"},
    )
    assert jobs.executions(JOB) == {
        "dev_1": JobExecution(device_id="dev_1", status="CANCELED", started=False),
        "site:dev_2": JobExecution(device_id="site:dev_2", status="CANCELED", started=True),
    }


def test_a_job_that_never_was_has_no_executions(jobs: IotJobs, stub: Stubber) -> None:
    stub.add_client_error("list_job_executions_for_job", "ResourceNotFoundException", http_status_code=404)
    assert jobs.executions(JOB) == {}


def test_details_are_the_devices_own(jobs: IotJobs, stub: Stubber) -> None:
    execution = {"statusDetails": {"detailsMap": {"step": "done", "runs_version": "2"}}}
    stub.add_response("describe_job_execution", {"execution": execution}, {"jobId": JOB, "thingName": "dev_1"})
    stub.add_response("describe_job_execution", {"execution": {}}, {"jobId": JOB, "thingName": "dev_2"})
    stub.add_client_error("describe_job_execution", "ResourceNotFoundException", http_status_code=404)
    assert jobs.details(JOB, "dev_1") == {"step": "done", "runs_version": "2"}
    assert jobs.details(JOB, "dev_2") == {}
    assert jobs.details(JOB, "dev_3") == {}


def test_missing_names_the_devices_without_a_thing(jobs: IotJobs, client: "IoTClient") -> None:
    client.create_thing(thingName="dev_1")
    client.create_thing(thingName="dev_3")
    assert jobs.missing(["dev_4", "dev_3", "dev_2", "dev_1"]) == ["dev_4", "dev_2"]


def test_in_another_partition_things_and_artifacts_have_its_names(client: "IoTClient") -> None:
    role = "arn:aws-cn:iam::123456789012:role/jobs"
    jobs = IotJobs(client, region="cn-north-1", account_id="123456789012", bucket="artifacts", job_role_arn=role)
    assert f"https://s3.cn-north-1.amazonaws.com.cn/artifacts/artifacts/{SHA}.json" in jobs.artifact_url(SHA)
    with Stubber(client) as stubber:
        thing = "arn:aws-cn:iot:cn-north-1:123456789012:thing/dev_001"
        stubber.add_response(
            "create_job", {}, {"jobId": "job", "targets": [thing], "targetSelection": ANY, "document": ANY}
        )
        jobs.create("job", ["dev_001"], REMOVE)
        stubber.assert_no_pending_responses()
