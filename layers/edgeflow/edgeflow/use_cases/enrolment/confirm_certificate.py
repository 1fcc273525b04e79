"""The first connection with a new certificate: it is proven, so the ones before are withdrawn."""

from dataclasses import dataclass

from edgeflow.domain.devices import DeviceState
from edgeflow.domain.errors import CannotBeRead
from edgeflow.use_cases.devices.ports import IotRegistry
from edgeflow.use_cases.enrolment.ports import Enrolments


@dataclass(frozen=True, slots=True)
class ConfirmCertificate:
    """Conclude an enrolment or a rotation."""

    devices: Enrolments
    iot: IotRegistry

    def __call__(self, device_id: str, certificate_id: str) -> bool:
        """Take in that the device connected with this certificate. False: it was the current one already.

        What it replaces is written down together with it, and taken off the record one by one, each after it was
        revoked: a try that died is completed by the next, also by the device's next connection. The word on a
        connection with the certificate of before, however late, withdraws none that is newer.

        Raises:
            Unavailable: AWS IoT throttles, or is still detaching a certificate; try again.
        """
        try:
            device = self.devices.find(device_id)
        except CannotBeRead:
            return False  # nobody can tell what it replaces; removing the device asks AWS IoT
        if device is None or device.state not in {DeviceState.ANNOUNCED, DeviceState.REGISTERED}:
            return False
        connected = next((arn for arn in device.certificate_arns if arn.endswith(f"/{certificate_id}")), None)
        if connected is None or connected in device.replaced_certificates:
            return False
        replaced = device.replaced_certificates
        news = connected != device.current_certificate
        if news:
            replaced = device.certificate_arns - {connected}
            if not self.devices.confirm(device_id, connected, replaces=replaced):
                return False  # another one was confirmed at this moment
        for arn in sorted(replaced):
            self.iot.withdraw(device_id, arn)
            self.devices.drop(device_id, arn)
        return news
