"""How devices look in answers."""

from http import HTTPStatus

from api.answers import Answer
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.unreadable import UnreadableDevice, UnreadableInstall
from edgeflow.domain.clock import timestamp
from edgeflow.domain.devices import Device, RunningFlow
from edgeflow.domain.fleet import DeviceHealth, health_of
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.enrolment.announce_device import Announcement
from edgeflow.use_cases.enrolment.register_device import Registration


def enrolled(made: Registration | Announcement, *, topic_rules: str) -> Answer:
    """Return what a device that was registered or announced needs; a key that we made is the answer's secret."""
    location = {"Location": f"/api/v1/devices/{made.device_id}"}
    if isinstance(made, Announcement):
        announced = rest.AnnouncedDevice(
            device_id=made.device_id,
            state=made.state,
            mqtt_endpoint=made.mqtt_endpoint,
            mqtt_port=made.mqtt_port,
            provisioning_template=made.template_name,
            topic_rules=topic_rules,
        )
        return Answer(HTTPStatus.CREATED, announced.model_dump(mode="json"), location)
    registered = rest.RegisteredDevice(
        device_id=made.device_id,
        certificate_arn=made.certificate.arn,
        certificate_pem=made.certificate.pem,
        mqtt_endpoint=made.mqtt_endpoint,
        mqtt_port=made.mqtt_port,
        topic_rules=topic_rules,
    )
    key = made.certificate.private_key
    secret = {"private_key": key} if key is not None else {}
    return Answer(HTTPStatus.CREATED, registered.model_dump(mode="json", exclude_none=True), location, secret=secret)


def listed(device: Device | Unreadable) -> rest.DeviceSummary | UnreadableDevice:
    """Return a device in a list."""
    return UnreadableDevice(device_id=device.id) if isinstance(device, Unreadable) else _summary(device)


def view(device: Device, flows: list[RunningFlow | Unreadable]) -> rest.DeviceView:
    """Return a device with the flows it runs."""
    return rest.DeviceView(
        **_summary(device).model_dump(),
        connection_changed_at=device.connection_changed_at,
        vitals=device.report.vitals if device.report else None,
        certificate_arn=device.current_certificate,
        flows=[_running(flow) for flow in flows],
    )


def _summary(device: Device) -> rest.DeviceSummary:
    health = health_of(device.report)
    return rest.DeviceSummary(
        device_id=device.id,
        state=device.state,
        connected=device.connected,
        last_seen=device.last_seen,
        health=None if health is DeviceHealth.UNKNOWN else health.value,
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
        running=reported.running if reported else None,
        health=reported.health if reported else None,
        reason=reported.reason if reported else None,
        since=timestamp(reported.since) if reported else None,
        nodes=list(reported.nodes) if reported else [],
        messages_per_minute=reported.messages_per_minute if reported else None,
        dropped=reported.dropped if reported else None,
        activity=list(reported.activity) if reported else [],
        deployment_id=flow.deployment_id,
    )
