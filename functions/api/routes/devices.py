"""``/v1/devices``: parse, call one use case, answer."""

from http import HTTPStatus
from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import Answer, empty, ok
from api.bodies import read_body
from api.idempotency import once
from api.ids import device_id_in
from api.requests import caller, read_position, read_query
from edgeflow import bootstrap_api
from edgeflow.contract.report import health_topic
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.paging import PageQuery, write_cursor
from edgeflow.contract.rest.unreadable import UnreadableDevice, UnreadableInstall
from edgeflow.domain.clock import timestamp
from edgeflow.domain.devices import Device, RunningFlow
from edgeflow.domain.unreadable import Unreadable

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "devices"


@router.post("/v1/devices")
def register() -> Response[str]:
    """Register a device, or announce one; a private key that we make is in this answer and nowhere else."""
    event = router.current_event
    body = read_body(event, rest.RegisterDevice)

    def announcement() -> Answer:
        made = bootstrap_api.announce_device()(body.device_id, re_enrol=body.re_enrol, caller=caller(event))
        view = rest.AnnouncedDevice(
            device_id=made.device_id,
            state=made.state,
            mqtt_endpoint=made.mqtt_endpoint,
            mqtt_port=made.mqtt_port,
            provisioning_template=made.template_name,
            health_topic=health_topic(made.device_id),
        )
        return Answer(HTTPStatus.CREATED, view.model_dump(mode="json"), _location(made.device_id))

    def registration() -> Answer:
        made = bootstrap_api.register_device()(body.device_id, csr=body.csr, caller=caller(event))
        view = rest.RegisteredDevice(
            device_id=made.device_id,
            certificate_arn=made.certificate.arn,
            certificate_pem=made.certificate.pem,
            mqtt_endpoint=made.mqtt_endpoint,
            mqtt_port=made.mqtt_port,
            health_topic=health_topic(made.device_id),
        )
        key = made.certificate.private_key
        return Answer(
            HTTPStatus.CREATED,
            view.model_dump(mode="json", exclude_none=True),
            _location(made.device_id),
            secret={"private_key": key} if key is not None else {},
        )

    return once(event, router.lambda_context, announcement if body.enrolment == "claim" else registration)


@router.get("/v1/devices")
def find() -> Response[str]:
    """List devices by id."""
    query = read_query(router.current_event, PageQuery)
    found, position = bootstrap_api.read_devices().page(limit=query.limit, after=read_position(_LIST, query.cursor))
    cursor = write_cursor(_LIST, position) if position else None
    return ok(rest.DevicePage(devices=[_listed(device) for device in found], next_cursor=cursor))


@router.get("/v1/devices/<device_id>")
def read(device_id: str) -> Response[str]:
    """Show one device and what it runs."""
    device, flows = bootstrap_api.read_devices().one(device_id_in(device_id))
    view = rest.DeviceView(
        **_summary(device).model_dump(),
        connection_changed_at=device.connection_changed_at,
        vitals=device.report.vitals if device.report else None,
        certificate_arn=device.current_certificate,
        flows=[_running(flow) for flow in flows],
    )
    return ok(view)


@router.delete("/v1/devices/<device_id>")
def remove(device_id: str) -> Response[str]:
    """Remove a device; its certificate is revoked first."""
    bootstrap_api.remove_device()(device_id_in(device_id))
    return empty()


def _location(device_id: str) -> dict[str, str]:
    return {"Location": f"/api/v1/devices/{device_id}"}


def _listed(device: Device | Unreadable) -> rest.DeviceSummary | UnreadableDevice:
    return UnreadableDevice(device_id=device.id) if isinstance(device, Unreadable) else _summary(device)


def _summary(device: Device) -> rest.DeviceSummary:
    return rest.DeviceSummary(
        device_id=device.id,
        state=device.state,
        connected=device.connected,
        last_seen=device.last_seen,
        agent_version=device.report.agent_version if device.report else None,
        registered_at=device.registered_at,
        registered_by=device.registered_by,
    )


def _running(flow: RunningFlow | Unreadable) -> rest.RunningFlowView | UnreadableInstall:
    if isinstance(flow, Unreadable):
        return UnreadableInstall(flow_id=flow.id)
    reported = flow.reported
    return rest.RunningFlowView(
        flow_id=flow.flow_id,
        version=flow.version,
        slot=reported.slot if reported else None,
        live=reported.live if reported else None,
        health=reported.health if reported else None,
        since=timestamp(reported.since) if reported else None,
        nodes=list(reported.nodes) if reported else [],
        messages_per_minute=reported.messages_per_minute if reported else None,
        dropped=reported.dropped if reported else None,
        activity=list(reported.activity) if reported else [],
        deployment_id=flow.deployment_id,
    )
