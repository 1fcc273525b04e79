"""Reading job documents, of whatever schema the cloud has sent."""

from dataclasses import dataclass

from pydantic import ValidationError

from edgeflow.contract.job import JOB_SCHEMA, JobDocument
from edgeflow.contract.reasons import Reason


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Why a document cannot be followed; ``flow_id`` is empty when not even that could be read."""

    reason: Reason
    message: str
    flow_id: str


def read_document(document: object) -> JobDocument | NotUnderstood:
    """Return the document, or why this agent cannot follow it."""
    given = document if isinstance(document, dict) else {}
    flow_id = given.get("flow_id")
    flow_id = flow_id if isinstance(flow_id, str) else ""
    schema = given.get("schema")
    if schema != JOB_SCHEMA:
        message = f"the document's schema is {schema!r}; this agent reads {JOB_SCHEMA}"
        return NotUnderstood(Reason.UNSUPPORTED_SCHEMA, message, flow_id)
    try:
        read = JobDocument.model_validate(given)
    except ValidationError as error:
        faults = [f"{'/'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        message = f"the document is not understood: {'; '.join(faults)}"
        return NotUnderstood(Reason.UNSUPPORTED_OPERATION, message, flow_id)
    return read
