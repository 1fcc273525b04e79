"""Operations of ``/v1/devices``."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from api.operations.operation import JSON, Operation, Scope
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.fleet import FleetSummary, ListDevices
from edgeflow.contract.rest.lines import JSON_LINES

_WATCH: Final = partial(Operation, scope=Scope.READ, conditions=("If-None-Match",), tagged=True)

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/v1/devices": {
        "GET": _WATCH(
            id="listDevices",
            summary="List devices by id, all or those that are asked for",
            query=ListDevices,
            answer=rest.DevicePage,
        ),
        "POST": Operation(
            id="registerDevice",
            summary="Register a device, or announce one that will enrol by claim; or many, one a line",
            scope=Scope.DEPLOY,
            body=rest.RegisterDevice,
            body_types=(JSON, *JSON_LINES),
            once=True,
            status=HTTPStatus.CREATED,
            answer=rest.RegisteredDevice | rest.AnnouncedDevice,
            located=True,
        ),
    },
    "/v1/devices/summary": {
        "GET": _WATCH(
            id="summariseDevices",
            summary="Count devices by connection, health, agent and what they run",
            answer=FleetSummary,
        ),
    },
    "/v1/devices/<device_id>": {
        "DELETE": Operation(
            id="removeDevice",
            summary="Lock a device out and forget it",
            scope=Scope.DEPLOY,
            status=HTTPStatus.NO_CONTENT,
        ),
        "GET": _WATCH(id="readDevice", summary="Show a device with the flows it runs", answer=rest.DeviceView),
    },
}
