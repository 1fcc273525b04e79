"""``/v1/devices``."""

from collections.abc import Iterator

from edgeflow.client.errors import KeyLost
from edgeflow.client.session import Session, checked, path_of
from edgeflow.contract.rest.devices import (
    AnnouncedDevice,
    DevicePage,
    DeviceSummary,
    DeviceView,
    RegisterDevice,
    RegisteredDevice,
)
from edgeflow.contract.rest.fleet import FleetSummary, ListDevices
from edgeflow.contract.rest.unreadable import UnreadableDevice


class Devices:
    """The fleet."""

    def __init__(self, session: Session) -> None:
        """Ask by this session."""
        self._session = session

    def list(self, query: ListDevices | None = None) -> Iterator[DeviceSummary | UnreadableDevice]:
        """Yield every device that the query asks for by id, page after page."""
        for page in self._session.pages("/devices", DevicePage, query):
            yield from page.devices

    def summary(self) -> FleetSummary:
        """Count the devices by connection, health, agent and what they run."""
        return self._session.get("/devices/summary", FleetSummary)

    def get(self, device_id: str) -> DeviceView:
        """Return a device with the flows that it runs."""
        return self._session.get(path_of("devices", device_id), DeviceView)

    def register(self, device_id: str, *, csr: str | None = None) -> RegisteredDevice:
        """Register a device. Without a ``csr`` (PEM, PKCS #10) the answer has its private key, this once.

        Raises:
            KeyLost: it is registered, but the answer with the key was lost, and is not given again.
        """
        body = checked(RegisterDevice, {"device_id": device_id} | ({} if csr is None else {"csr": csr}))
        registered = self._session.post("/devices", RegisteredDevice, body)
        if csr is None and registered.private_key is None:
            message = (
                f"{device_id} is registered, but the answer with its private key was lost on the way: "
                "delete the device and register it anew"
            )
            raise KeyLost(message)
        return registered

    def announce(self, device_id: str, *, re_enrol: bool = False) -> AnnouncedDevice:
        """Announce a device that gets its certificate by fleet provisioning."""
        document = {"device_id": device_id, "enrolment": "claim", "re_enrol": re_enrol}
        return self._session.post("/devices", AnnouncedDevice, checked(RegisterDevice, document))

    def delete(self, device_id: str) -> None:
        """Lock a device out and forget it."""
        self._session.send("DELETE", path_of("devices", device_id))
