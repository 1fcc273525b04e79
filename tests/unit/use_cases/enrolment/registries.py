"""The registry of AWS IoT over moto, with faults around its steps."""

from collections.abc import Callable

import boto3

from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.domain.devices import Certificate
from edgeflow.domain.errors import Unavailable

POLICY_NAME = "edgeflow-device"


class Interrupted(Unavailable):
    """AWS fails at a step."""


class Killed(BaseException):
    """The function dies at a step, so that not even its clean-up runs to the end."""


class FailingRegistry(AwsIotRegistry):
    """The real registry over moto, with a fault before or after one of its steps."""

    def __init__(self, error: BaseException, before: str = "", after: str = "") -> None:
        """Raise ``error`` around the step named."""
        super().__init__(boto3.client("iot"), POLICY_NAME)
        self._error = error
        self._before = before
        self._after = after

    def create_thing(self, device_id: str) -> None:
        """As the registry, or fail."""
        self._step("create_thing", lambda: super(FailingRegistry, self).create_thing(device_id))

    def create_certificate(self, csr: str | None) -> Certificate:
        """As the registry, or fail."""
        made: list[Certificate] = []
        create = super().create_certificate
        self._step("create_certificate", lambda: made.append(create(csr)))
        return made[0]

    def authorise(self, device_id: str, certificate_arn: str) -> None:
        """As the registry, or fail."""
        self._step("authorise", lambda: super(FailingRegistry, self).authorise(device_id, certificate_arn))

    def withdraw(self, device_id: str, certificate_arn: str) -> None:
        """As the registry, or fail; a killed function withdraws nothing."""
        self._step("withdraw", lambda: super(FailingRegistry, self).withdraw(device_id, certificate_arn))

    def delete_thing(self, device_id: str) -> None:
        """As the registry, or fail."""
        self._step("delete_thing", lambda: super(FailingRegistry, self).delete_thing(device_id))

    def _step(self, name: str, call: Callable[[], None]) -> None:
        if isinstance(self._error, Killed) and name in {"withdraw", "delete_thing"}:
            raise self._error
        if name == self._before:
            raise self._error
        call()
        if name == self._after:
            raise self._error


def registry() -> AwsIotRegistry:
    """Return the registry without faults."""
    return AwsIotRegistry(boto3.client("iot"), POLICY_NAME)


def certificates() -> list[str]:
    """Return every certificate that AWS IoT has."""
    return [certificate["certificateArn"] for certificate in boto3.client("iot").list_certificates()["certificates"]]
