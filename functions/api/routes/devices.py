"""Changing ``/v1/devices``: parse, call one use case, answer."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import Answer, empty
from api.bodies import read_body
from api.device_lines import register_lines
from api.idempotency import once
from api.ids import device_id_in
from api.media_types import is_said_to_be
from api.requests import caller
from api.views.devices import enrolled
from edgeflow.bootstrap import devices, enrolment
from edgeflow.contract.rest import devices as rest
from edgeflow.contract.rest.lines import JSON_LINES
from edgeflow.use_cases.enrolment.register_devices import Outcome, Wanted

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped


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


@router.delete("/v1/devices/<device_id>")
def remove(device_id: str) -> Response[str]:
    """Remove a device; its certificate is revoked first."""
    devices.remove_device()(device_id_in(device_id))
    return empty()


def _register_all(wanted: list[Wanted]) -> list[Outcome]:
    seconds = router.lambda_context.get_remaining_time_in_millis() / 1_000
    return enrolment.register_devices()(wanted, seconds=seconds, caller=caller(router.current_event))
