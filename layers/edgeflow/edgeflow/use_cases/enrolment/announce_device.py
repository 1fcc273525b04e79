"""Announcing a device: an operator expects it, and it will get its certificate by claim."""

from dataclasses import dataclass

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.devices import DeviceState
from edgeflow.use_cases.devices.ports import IotRegistry
from edgeflow.use_cases.enrolment.ports import Enrolments


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a device needs to enrol, beside a claim certificate."""

    device_id: str
    state: DeviceState
    mqtt_endpoint: str
    mqtt_port: int
    template_name: str


@dataclass(frozen=True, slots=True)
class AnnounceDevice:
    """Let a device enrol by claim, once."""

    devices: Enrolments
    iot: IotRegistry
    clock: Clock
    template_name: str

    def __call__(self, device_id: str, *, re_enrol: bool, caller: str) -> Announcement:
        """Announce it; repeatable. With ``re_enrol`` a registered one may enrol once more, and stays registered.

        Raises:
            Conflict: it is registered already and ``re_enrol`` is not said, it is being registered or removed, or AWS
                IoT has a thing of this name that EdgeFlow did not make.
        """
        endpoint = self.iot.endpoint()
        found = self.devices.find(device_id)
        if re_enrol and found is not None and found.state is DeviceState.REGISTERED:
            device = self.devices.permit_again(device_id)
        else:
            device = self.devices.announce(device_id, at=timestamp(self.clock()), by=caller)
            done = False
            try:
                # Made here, so that a name that is taken is refused now and not on the device.
                self.iot.create_thing(device_id)
                done = True
            finally:
                if not done:
                    self.devices.withdraw_announcement(device_id)
        return Announcement(
            device_id=device_id,
            state=device.state,
            mqtt_endpoint=endpoint.host,
            mqtt_port=endpoint.port,
            template_name=self.template_name,
        )
