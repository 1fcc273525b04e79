"""Reading job documents, of whatever schema the cloud has sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from edgeflow.contract.job import JOB_SCHEMA, JobDocument
from edgeflow.contract.reasons import Reason


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Why a document cannot be followed.

    ``flow_id`` is the flow that it is about, of which the device then reports what it runs; empty when that could not
    be read, or is not signed on a device that takes signed orders alone.
    """

    reason: Reason
    message: str
    flow_id: str


def read_document(document: object) -> JobDocument | NotUnderstood:
    """Return the document, or why this agent cannot follow it."""
    given = document if isinstance(document, dict) else {}
    flow_id = _flow_of(document)
    schema = given.get("schema")
    if schema != JOB_SCHEMA:
        message = f"the document's schema is {schema!r}; this agent reads {JOB_SCHEMA}"
        return NotUnderstood(Reason.UNSUPPORTED_SCHEMA, message, flow_id)
    try:
        read = JobDocument.model_validate(given)
    except ValidationError as error:
        message = f"the document is not understood: {faults_of(error)}"
        return NotUnderstood(Reason.UNSUPPORTED_OPERATION, message, flow_id)
    return read


def _flow_of(document: object) -> str:
    """Return the flow that a document is about, empty when that cannot be read."""
    flow_id = document.get("flow_id") if isinstance(document, Mapping) else None
    return flow_id if isinstance(flow_id, str) else ""


def url_of(document: object) -> str | None:
    """Return the address of a document's artifact, whatever else it says; None when it has none."""
    artifact = document.get("artifact") if isinstance(document, Mapping) else None
    url = artifact.get("url") if isinstance(artifact, Mapping) else None
    return url if isinstance(url, str) else None


def faults_of(error: ValidationError) -> str:
    """Return what is wrong with something that was read, with the place of each fault."""
    return "; ".join(f"{'/'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
