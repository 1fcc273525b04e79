"""Lets MiniStack name the address that devices can connect to.

AWS IoT's DescribeEndpoint answers the host that devices connect to, by MQTT on port 8883. MiniStack 1.5.33 answers
``{prefix}-ats.iot.{region}.localhost`` with the port of its gateway: a name that only some resolvers know, and a port
where no MQTT is. So it answers the address and the port of its MQTT listener; ``POST /v1/devices`` passes both on.
tests/integration/test_device_endpoint.py runs the emulator without this and fails as soon as it names that port by
itself: this module and its call in launcher.py go then.
"""

import json
import os
from typing import Any, Final

from ministack.services import iot

from localcloud.settings import HOST

ENDPOINT_TYPE: Final = "iot:Data-ATS"


def install() -> None:
    """Wrap the emulator's way of naming its endpoint. Call it once, before the emulator starts."""
    describe = iot._describe_endpoint  # noqa: SLF001  the emulator has no hook for this
    port = int(os.environ["IOT_MTLS_PORT"])

    def describe_with_mqtt(query: dict[str, Any]) -> Any:  # noqa: ANN401  the emulator's own kind of answer
        status, headers, body = describe(query)
        if query.get("endpointType", ENDPOINT_TYPE) == ENDPOINT_TYPE:
            body = json.dumps({"endpointAddress": f"{HOST}:{port}"}).encode()
        return status, headers, body

    iot._describe_endpoint = describe_with_mqtt  # noqa: SLF001
