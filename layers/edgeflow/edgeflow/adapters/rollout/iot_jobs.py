"""AWS IoT Jobs: orders to devices. The job's id is its idempotency, since CreateJob has no client token."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.adapters.rollout.foreign_jobs import is_same_order, tell_foreign_job
from edgeflow.contract.job import JobDocument
from edgeflow.domain.clock import timestamp
from edgeflow.domain.errors import NotFound, NotOurs, Unavailable
from edgeflow.domain.jobs import MAX_JOB_TARGETS
from edgeflow.domain.partitions import partition_of
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.ports import JobExecution

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

MAX_DOCUMENT_BYTES: Final = 32 * 1_024  # AWS IoT: job document
PRESIGNED_URL_SECONDS: Final = 3_600  # AWS IoT: the longest a presigned URL of a job may live
MAX_EXECUTIONS_A_PAGE: Final = 250  # AWS IoT: ListJobExecutionsForJob

_SERVICE: Final = "AWS IoT"
_OVER_ALREADY: Final = frozenset({"InvalidRequestException", "InvalidStateTransitionException"})


class IotJobs:
    """Jobs of AWS IoT; implements ``NewJobs`` and ``RunningJobs``. Threads may share it, as the client."""

    def __init__(self, client: "IoTClient", *, region: str, account_id: str, bucket: str, job_role_arn: str) -> None:
        """Order the things of this account and region; artifacts are in ``bucket``, which ``job_role_arn`` may read."""
        self._client = client
        partition = partition_of(job_role_arn)
        self._artifacts = f"https://s3.{region}.{partition.services}/{bucket}/artifacts"
        self._things = f"arn:{partition.name}:iot:{region}:{account_id}:thing/"
        self._job_role_arn = job_role_arn

    def create(self, job_id: str, device_ids: Sequence[str], document: JobDocument) -> None:
        """Create a job; one that exists already, because an earlier call created it, is left alone.

        Raises:
            NotFound: one of the things, or the role, is gone.
            NotOurs: there is a job of this name that says something else, or leaves a device out.
            Unavailable: AWS IoT throttles, or the job that was there is gone.
            ValueError: not 1 to 100 devices, or a document of more than 32 KiB.
        """
        if not 1 <= len(device_ids) <= MAX_JOB_TARGETS:
            message = f"a job takes 1 to {MAX_JOB_TARGETS} targets, not {len(device_ids)}"
            raise ValueError(message)
        text = document.model_dump_json(by_alias=True, exclude_none=True)
        size = len(text.encode())
        if size > MAX_DOCUMENT_BYTES:
            message = f"a job document has at most {MAX_DOCUMENT_BYTES} bytes, not {size}"
            raise ValueError(message)
        request: dict[str, Any] = {
            "jobId": job_id,
            "targets": [f"{self._things}{device_id}" for device_id in device_ids],
            "targetSelection": "SNAPSHOT",
            "document": text,
        }
        if document.artifact is not None:
            request["presignedUrlConfig"] = {"roleArn": self._job_role_arn, "expiresInSec": PRESIGNED_URL_SECONDS}
        try:
            with unavailable(_SERVICE):
                self._client.create_job(**request)
        except ClientError as error:
            match error_code(error):
                case "ResourceAlreadyExistsException":
                    self._require_ours(job_id, set(request["targets"]), document)
                case code if code in NOT_FOUND:
                    message = f"job {job_id} names a thing that does not exist"
                    raise NotFound(message) from error
                case _:
                    raise

    def _require_ours(self, job_id: str, targets: set[str], document: JobDocument) -> None:
        """Return when an earlier delivery of the message created the job, as far as it can be told from outside."""
        try:
            with unavailable(_SERVICE):
                there = self._client.describe_job(jobId=job_id)["job"]
                text = self._client.get_job_document(jobId=job_id)["document"]
        except ClientError as error:
            if error_code(error) not in NOT_FOUND:
                raise
            message = f"job {job_id} was there, and is gone"
            raise Unavailable(message) from error
        if targets <= set(there.get("targets", [])) and is_same_order(text, document):
            return
        tell_foreign_job(job_id)
        message = (
            f"AWS IoT has a job {job_id} that the stack did not create; look who else may create jobs in the account"
        )
        raise NotOurs(message)

    def cancel(self, job_id: str) -> None:
        """Cancel a job with all its executions, also those in progress; one that is over or never was is left alone.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        try:
            with unavailable(_SERVICE):
                self._client.cancel_job(jobId=job_id, force=True)
        except ClientError as error:
            # A job that has ended is an invalid request to AWS IoT. Nothing else can be wrong with this
            # one: it holds no more than an id that a job was created with.
            code = error_code(error)
            if code not in NOT_FOUND and code not in _OVER_ALREADY:
                raise

    def cancel_execution(self, job_id: str, device_id: str) -> None:
        """Cancel a device's part of a job, also one in progress; one that is over or never was is left alone.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        try:
            with unavailable(_SERVICE):
                self._client.cancel_job_execution(jobId=job_id, thingName=device_id, force=True)
        except ClientError as error:
            code = error_code(error)
            if code not in NOT_FOUND and code not in _OVER_ALREADY:
                raise

    def execution(self, job_id: str, device_id: str) -> JobExecution | None:
        """Return what one device made of the job; None when it has no part in it.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        try:
            with unavailable(_SERVICE):
                found = self._client.describe_job_execution(jobId=job_id, thingName=device_id)["execution"]
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return None
            raise
        updated_at = found.get("lastUpdatedAt")
        return JobExecution(
            device_id=device_id,
            status=found["status"],
            started="startedAt" in found,
            updated_at=timestamp(updated_at) if updated_at is not None else None,
        )

    def executions(self, job_id: str) -> dict[str, JobExecution]:
        """Return what each device made of the job, by device id; empty when there is no such job.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        pages = self._client.get_paginator("list_job_executions_for_job").paginate(
            jobId=job_id, PaginationConfig={"PageSize": MAX_EXECUTIONS_A_PAGE}
        )
        found: dict[str, JobExecution] = {}
        try:
            with unavailable(_SERVICE):
                for page in pages:
                    for entry in page["executionSummaries"]:
                        device_id = entry["thingArn"].partition(":thing/")[2]
                        summary = entry["jobExecutionSummary"]
                        updated_at = summary.get("lastUpdatedAt")
                        found[device_id] = JobExecution(
                            device_id=device_id,
                            status=summary["status"],
                            started="startedAt" in summary,
                            updated_at=timestamp(updated_at) if updated_at is not None else None,
                        )
        except ClientError as error:
            if error_code(error) not in NOT_FOUND:
                raise
        return found

    def details(self, job_id: str, device_id: str) -> Mapping[str, str]:
        """Return the statusDetails a device left; empty when it left none, or has no such execution.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        try:
            with unavailable(_SERVICE):
                answer = self._client.describe_job_execution(jobId=job_id, thingName=device_id)
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return {}
            raise
        return answer["execution"].get("statusDetails", {}).get("detailsMap", {})

    def missing(self, device_ids: Iterable[str]) -> list[str]:
        """Return those of the devices that AWS IoT has no thing for, in order; a call for each, some at a time.

        Raises:
            Unavailable: AWS IoT throttles.
        """
        wanted = list(device_ids)
        exist = for_each(self._exists, wanted)
        return [device_id for device_id, exists in zip(wanted, exist, strict=True) if not exists]

    def artifact_url(self, sha256: str) -> str:
        """Return the placeholder that IoT turns into a presigned address whenever a device asks for the document."""
        return f"${{aws:iot:s3-presigned-url:{self._artifacts}/{sha256}.json}}"

    def _exists(self, device_id: str) -> bool:
        try:
            with unavailable(_SERVICE):
                self._client.describe_thing(thingName=device_id)
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return False
            raise
        return True
