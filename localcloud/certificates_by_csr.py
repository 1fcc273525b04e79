"""Lets MiniStack sign a device's certificate signing request over MQTT, which it does for REST alone.

AWS IoT's fleet provisioning has two ways to a certificate: with a key pair made by AWS (``certificates/create``), and
for a key that never leaves the device (``certificates/create-from-csr``). MiniStack 1.5.33 answers the first one and
leaves the second one unanswered. So it is answered here, as the first one is: with a certificate that is not active
yet, and the token that RegisterThing asks for. The rest (template, hook, activation) is MiniStack's own.
tests/integration/test_enrolment.py runs the emulator without this and fails as soon as it can do it by itself: this
module and its call in launcher.py go then.
"""

import asyncio
import json
import secrets
import time
from typing import Any, Final

from ministack.services import iot

TOPIC: Final = "$aws/certificates/create-from-csr/json"
_OPERATION: Final = "create-from-csr"


def install() -> None:
    """Wrap the emulator's way of answering fleet provisioning. Call it once, before the emulator starts."""
    parse = iot._parse_fleet_provisioning_topic  # noqa: SLF001  the emulator has no hook for this
    reply = iot._fleet_provisioning_reply  # noqa: SLF001

    def parse_with_requests(topic: str) -> Any:  # noqa: ANN401  the emulator's own kind of pair
        return (_OPERATION, None) if topic == TOPIC else parse(topic)

    async def reply_with_requests(  # noqa: PLR0917  the emulator's signature
        account_id: str,
        region: str,
        operation: str,
        template: str | None,
        payload: bytes,
        connection: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        if operation == _OPERATION:
            return await _sign(account_id, region, payload)
        return await reply(account_id, region, operation, template, payload, connection)

    iot._parse_fleet_provisioning_topic = parse_with_requests  # noqa: SLF001
    iot._fleet_provisioning_reply = reply_with_requests  # noqa: SLF001


async def _sign(account_id: str, region: str, payload: bytes) -> tuple[str, dict[str, Any]]:
    try:
        request = json.loads(payload)["certificateSigningRequest"]
        authority, key = iot._ensure_ca()  # noqa: SLF001
        pem = await asyncio.to_thread(iot.sign_certificate_request, authority, key, request)
    except (ValueError, KeyError, TypeError):
        refusal: tuple[str, dict[str, Any]] = iot._fleet_rejected("InvalidCSR", "CSR violates constraints")  # noqa: SLF001
        return refusal
    certificate_id = iot.get_certificate_id(pem)
    token = secrets.token_urlsafe(48)
    with iot.request_scope(account_id, region):
        iot._certificates[certificate_id] = iot._certificate_record(certificate_id, pem, "PENDING_ACTIVATION")  # noqa: SLF001
        iot._ownership_tokens[token] = {  # noqa: SLF001
            "certificateId": certificate_id,
            "expiration": time.time() + iot._OWNERSHIP_TOKEN_SECONDS,  # noqa: SLF001
        }
    return "accepted", {"certificateId": certificate_id, "certificatePem": pem, "certificateOwnershipToken": token}
