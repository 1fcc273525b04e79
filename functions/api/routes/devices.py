"""``/v1/devices``: parse, call one use case, answer."""

from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import Answer, empty, unless_known
from api.bodies import read_body
from api.device_lines import register_lines
from api.idempotency import once
from api.ids import device_id_in
from api.media_types import is_said_to_be
from api.requests import caller, read_position, read_query
from api.views.devices import enrolled, listed, view
from edgeflow.bootstrap import devices, enrolment
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.fleet import ListDevices
from edgeflow.contract.rest.lines import JSON_LINES
from edgeflow.contract.rest.paging import write_cursor
from edgeflow.domain.fleet import Connection, DeviceFilter, DeviceHealth
from edgeflow.use_cases.enrolment.register_devices import Outcome, Wanted

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "devices"


@router.post("/v1/devices")
def register() -> Response[str]:
    """Register a device, or announce one, or many; a private key that we make is in this answer and nowhere else."""
    event = router.current_event
    if is_said_to_be(event, JSON_LINES):
        return register_lines(event, _register_all)
    body = read_body(event, rest.RegisterDevice)

    def announcement() -> Answer:
        return enrolled(
            enrolment.announce_device()(body.device_id, re_enrol=body.re_enrol, caller=caller(event)),
            topic_rules=enrolment.topic_rules(),
        )

    def registration() -> Answer:
        return enrolled(
            enrolment.register_device()(body.device_id, csr=body.csr, caller=caller(event)),
            topic_rules=enrolment.topic_rules(),
        )

    return once(event, router.lambda_context, announcement if body.enrolment == "claim" else registration)


@router.get("/v1/devices")
def find() -> Response[str]:
    """List devices by id."""
    query = read_query(router.current_event, ListDevices)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    filters["version"] = str(query.version) if query.version else None
    wanted = DeviceFilter(
        connected=Connection(query.connected) if query.connected else None,
        health=DeviceHealth(query.health) if query.health else None,
        flow_id=query.flow_id,
        version=query.version,
        agent_version=query.agent_version,
        text=query.text,
    )
    after = read_position(_LIST, query.cursor, filters)
    found, position = devices.read_devices().page(limit=query.limit, after=after, wanted=wanted)
    cursor = write_cursor(_LIST, position, filters) if position else None
    page = rest.DevicePage(devices=[listed(device) for device in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/devices/summary")
def summary() -> Response[str]:
    """Count the fleet."""
    return unless_known(router.current_event, devices.count_devices()())


@router.get("/v1/devices/<device_id>")
def read(device_id: str) -> Response[str]:
    """Show one device and what it runs."""
    device, flows = devices.read_devices().one(device_id_in(device_id))
    return unless_known(router.current_event, view(device, flows))


@router.delete("/v1/devices/<device_id>")
def remove(device_id: str) -> Response[str]:
    """Remove a device; its certificate is revoked first."""
    devices.remove_device()(device_id_in(device_id))
    return empty()


def _register_all(wanted: list[Wanted]) -> list[Outcome]:
    seconds = router.lambda_context.get_remaining_time_in_millis() / 1_000
    return enrolment.register_devices()(wanted, seconds=seconds, caller=caller(router.current_event))
