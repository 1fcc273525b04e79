"""How devices come by their certificates, by the API and by claim."""

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.bootstrap.clients import table
from edgeflow.bootstrap.registry import iot_registry
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.enrolment.allow_provisioning import AllowProvisioning
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice
from edgeflow.use_cases.enrolment.register_device import RegisterDevice
from edgeflow.use_cases.enrolment.register_devices import RegisterDevices


def topic_rules() -> str:
    """Return what the names of the topic rules that take reports begin with."""
    return setting("TOPIC_RULES")


def allow_provisioning() -> AllowProvisioning:
    """Return the operation that decides who gets a certificate."""
    return AllowProvisioning(EnrolmentStore(table()), utc_now)


def register_device() -> RegisterDevice:
    """Return the operation that registers one device."""
    return RegisterDevice(DeviceStore(table()), iot_registry(), utc_now)


def announce_device() -> AnnounceDevice:
    """Return the operation that announces one device, for the template that ``PROVISIONING_TEMPLATE`` names."""
    return AnnounceDevice(EnrolmentStore(table()), iot_registry(), utc_now, setting("PROVISIONING_TEMPLATE"))


def register_devices() -> RegisterDevices:
    """Return the operation that registers or announces many devices."""
    return RegisterDevices(register_device(), announce_device())
