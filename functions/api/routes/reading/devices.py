"""Reading ``/v1/devices``: parse, call one use case, answer."""

from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import unless_known
from api.ids import device_id_in, flow_asked_for
from api.requests import read_position, read_query
from api.views.devices import listed, view
from edgeflow.bootstrap import reads
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.fleet import ListDevices
from edgeflow.contract.rest.paging import write_cursor
from edgeflow.domain.fleet import Connection, DeviceFilter, DeviceHealth

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "devices"


@router.get("/v1/devices")
def find() -> Response[str]:
    """List devices by id."""
    query = read_query(router.current_event, ListDevices)
    flow_id = flow_asked_for(query.flow_id)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"}) | {"flow_id": flow_id}
    filters["version"] = str(query.version) if query.version else None
    wanted = DeviceFilter(
        connected=Connection(query.connected) if query.connected else None,
        health=DeviceHealth(query.health) if query.health else None,
        flow_id=flow_id,
        version=query.version,
        agent_version=query.agent_version,
        text=query.text,
    )
    after = read_position(_LIST, query.cursor, filters)
    found, position = reads.read_devices().page(limit=query.limit, after=after, wanted=wanted)
    cursor = write_cursor(_LIST, position, filters) if position else None
    page = rest.DevicePage(devices=[listed(device) for device in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/devices/summary")
def summary() -> Response[str]:
    """Count the fleet."""
    return unless_known(router.current_event, reads.count_devices()())


@router.get("/v1/devices/<device_id>")
def read(device_id: str) -> Response[str]:
    """Show one device and what it runs."""
    device, flows = reads.read_devices().one(device_id_in(device_id))
    return unless_known(router.current_event, view(device, flows))
