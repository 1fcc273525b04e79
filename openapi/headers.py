"""Headers and path parameters, as the document names them."""

from typing import Any, Final

from pydantic import TypeAdapter

from api.headers import IDEMPOTENCY_KEY
from api.idempotency import MAX_KEY_LENGTH, REPLAYED
from edgeflow.contract.ids import MAX_VERSION, DeploymentId, DeviceId, FlowReference

_STRING: Final = {"type": "string"}

ANSWERED: Final[dict[str, dict[str, Any]]] = {
    "ETag": {
        "description": "Names what the answer says; send it back as `If-Match` or `If-None-Match`",
        "schema": _STRING,
        "example": '"3"',
    },
    "Location": {
        "description": "The address of what was made, from the host on",
        "schema": _STRING,
        "example": "/api/v1/flows/flow_abc123",
    },
    "Retry-After": {
        "description": "Seconds after which to try again",
        "schema": {"type": "integer", "minimum": 0},
        "example": 2,
    },
    REPLAYED: {
        "description": "The request came with this key before; this is what was answered then",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
"""Headers of answers, by name."""

SENT: Final[dict[str, dict[str, Any]]] = {
    IDEMPOTENCY_KEY: {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "description": f"1 to {MAX_KEY_LENGTH} characters, made by the caller for each thing that is to happen once; a "
        "request that comes again with it within a day does nothing, and gets the first answer",
        "schema": {"type": "string", "pattern": rf"^[ -~]{{1,{MAX_KEY_LENGTH}}}$"},
        "example": "6f1c1c1e-0b2e-4c55-8f3e-0f6b5a2d9c11",
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that was read: 412 when the flow is another one by now",
        "schema": _STRING,
        "example": '"3"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` that was read: 304, without a body, when the answer would be the same",
        "schema": _STRING,
        "example": '"3"',
    },
}
"""Headers of requests, by name."""

IN_PATHS: Final[dict[str, dict[str, Any]]] = {
    "flow_id": {"schema": TypeAdapter(FlowReference).json_schema(), "example": "flow_abc123"},
    "deployment_id": {"schema": TypeAdapter(DeploymentId).json_schema(), "example": "dep_abc123"},
    "device_id": {"schema": TypeAdapter(DeviceId).json_schema(), "example": "dev_001"},
    "version": {"schema": {"type": "integer", "minimum": 1, "maximum": MAX_VERSION}, "example": 1},
}
"""Parameters in paths, by name."""
