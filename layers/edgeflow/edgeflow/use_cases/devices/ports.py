"""What the use cases of devices, and those that look devices up, need of the outside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from edgeflow.contract.rest.fleet import FleetSummary
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.devices import Certificate, Device, Endpoint, InstalledFlow, Presence
from edgeflow.domain.fleet import ANY_DEVICE, DeviceFilter, DeviceGlance
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """What a device runs of one flow (``version`` None: nothing), by which deployment, and who claims it."""

    device_id: str
    version: int | None = None
    deployment_id: str | None = None
    claimed_by: str | None = None
    said: Said | None = None
    """What orders the device's word that it runs this; None when it has said nothing."""


class InstallReports(Protocol):
    """What devices run by their own word on their jobs."""

    def many(self, device_ids: Iterable[str], flow_id: str) -> dict[str, Install | Unreadable]:
        """Return the records that exist, by device id."""


class Registry(Protocol):
    """Devices that exist."""

    def missing(self, device_ids: Iterable[str]) -> list[str]:
        """Return those of the ids that are not registered, each once, in order."""


class Connections(Protocol):
    """Who is connected."""

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, without its report, or None. Raises CannotBeRead."""

    def installs(self, device_id: str) -> list[InstalledFlow | Unreadable]:
        """Return what was deployed to the device, by flow id."""

    def record_presence(self, presence: Presence, *, at: str) -> bool:
        """Keep the newest word on its connection. False: something newer is known, or it is not registered."""


class Reports(Protocol):
    """What devices say of themselves."""

    def many(self, device_ids: Iterable[str]) -> dict[str, Device | Unreadable]:
        """Return those that are registered, by device id, each with its newest report."""


class FindDevices(Protocol):
    """Devices by what they report."""

    def page(
        self, *, limit: int, after: str | None = None, wanted: DeviceFilter = ANY_DEVICE
    ) -> tuple[list[Device | Unreadable], str | None]:
        """Return registered and announced devices that are wanted, by id, and the id to go on from.

        A page may be shorter than ``limit`` although there is more.
        """


class DeviceRecords(Connections, FindDevices, Protocol):
    """Devices at rest."""

    def get(self, device_id: str) -> Device:
        """Return a device that is registered or announced, with its newest report. Raises NotFound, CannotBeRead."""

    def exists(self, device_id: str) -> bool:
        """Tell whether there is a record of it, in any state, readable or not."""

    def begin_removal(self, device_id: str) -> frozenset[str]:
        """Mark it as being removed, hiding it from lists, whatever its record holds; returns the certificates there.

        Repeatable. Raises NotFound.
        """

    def delete(self, device_id: str) -> None:
        """Delete its record and the records of what was deployed to it. Repeatable."""


class ClaimHolders(Protocol):
    """The deployments that claim flows on devices."""

    def get(self, deployment_id: str) -> Deployment:
        """Return it. Raises NotFound, CannotBeRead."""


class Fleet(Protocol):
    """All devices at a glance, and the last count of them."""

    def glances(self) -> Iterator[DeviceGlance | Unreadable]:
        """Yield what is known at a glance of each registered or announced device, read as it goes."""

    def kept_count(self) -> FleetSummary | None:
        """Return the last count that was kept, if there is one and it can be read."""

    def keep_count(self, count: FleetSummary) -> None:
        """Keep a count for the next who asks."""


class IotRegistry(Protocol):
    """Things and certificates in AWS IoT. Everything but making a certificate is repeatable."""

    def create_thing(self, device_id: str) -> None:
        """Make the thing. Raises Conflict when a thing of this name exists that EdgeFlow did not make."""

    def create_certificate(self, csr: str | None) -> Certificate:
        """Make an inactive certificate, from a signing request or with a new key pair.

        Raises:
            InvalidRequest: AWS IoT does not accept the request.
        """

    def authorise(self, device_id: str, certificate_arn: str) -> None:
        """Give the certificate the device policy and the thing, then activate it.

        Raises:
            Conflict: certificate or thing are gone, for another request removed them.
        """

    def withdraw(self, device_id: str, certificate_arn: str) -> None:
        """Revoke the certificate, take it off thing and policy, and delete it."""

    def certificates_of(self, device_id: str) -> frozenset[str]:
        """Return the certificates with the device policy that are attached to the thing, if that is ours."""

    def delete_thing(self, device_id: str) -> None:
        """Delete the thing. Raises Conflict while certificates of other makers are attached."""

    def endpoint(self) -> Endpoint:
        """Return where devices connect."""
