"""Who gets a certificate, what the device's record says of it, and what the first connection with it withdraws."""

from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.keys import device_key
from edgeflow.adapters.table import Table
from edgeflow.domain.devices import DeviceState
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.devices.remove_device import RemoveDevice
from edgeflow.use_cases.enrolment.allow_provisioning import (
    MAX_CERTIFICATES,
    ROTATION_PAUSE,
    AllowProvisioning,
    ProvisioningRequest,
    Refusal,
)
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from edgeflow.use_cases.enrolment.register_device import RegisterDevice
from tests.support.clock import FixedClock

pytestmark = pytest.mark.slow

POLICY_NAME: Final = "edgeflow-device"
DEVICE: Final = "dev_001"


class Cloud:
    """The operations over moto, and what AWS IoT does between them."""

    def __init__(self, table: Table, clock: FixedClock) -> None:
        """Start with the device policy alone."""
        self.iot = boto3.client("iot")
        self.iot.create_policy(policyName=POLICY_NAME, policyDocument="{}")
        self.registry = AwsIotRegistry(self.iot, POLICY_NAME)
        self.clock = clock
        self.store = EnrolmentStore(table)
        self.announce = AnnounceDevice(self.store, self.registry, clock, "edgeflow")
        self.register = RegisterDevice(DeviceStore(table), self.registry, clock)
        self.remove = RemoveDevice(DeviceStore(table), self.registry, DeploymentStore(table))
        self.allow = AllowProvisioning(self.store, clock)
        self.confirm = ConfirmCertificate(self.store, self.registry)

    def signed(self) -> str:
        """A certificate that nobody has a use for yet."""
        return self.iot.create_keys_and_certificate(setAsActive=False)["certificateArn"]

    def provision(self, presented: str, client_id: str, device_id: str = DEVICE) -> str | Refusal:
        """Do what AWS IoT does of a RegisterThing: ask the hook, then apply the template."""
        certificate = self.signed()
        refusal = self.allow(
            ProvisioningRequest(device_id=device_id, certificate=certificate, client_id=client_id, presented=presented)
        )
        if refusal is not None:
            return refusal
        self.registry.authorise(device_id, certificate)
        return certificate

    def claim(self, device_id: str = DEVICE) -> str | Refusal:
        return self.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", f"claim.{device_id}", device_id)

    def rotate(self, presented: str) -> str | Refusal:
        return self.provision(presented, DEVICE)

    def connected(self, certificate: str) -> bool:
        return self.confirm(DEVICE, certificate.rpartition("/")[2])

    def good(self) -> set[str]:
        """Every certificate of the device that would let somebody in."""
        principals = self.iot.list_thing_principals(thingName=DEVICE)["principals"]
        return {arn for arn in principals if self._status(arn) == "ACTIVE"}

    def _status(self, arn: str) -> str:
        described = self.iot.describe_certificate(certificateId=arn.rpartition("/")[2])
        return str(described["certificateDescription"]["status"])


@pytest.fixture
def cloud(table: Table, clock: FixedClock) -> Cloud:
    """A cloud without devices."""
    return Cloud(table, clock)


@pytest.fixture
def enrolled(cloud: Cloud) -> str:
    """The certificate of a device that has enrolled by claim and connected."""
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = cloud.claim()
    assert isinstance(certificate, str)
    assert cloud.connected(certificate)
    return certificate


def test_an_announced_device_enrols_and_is_registered_by_its_first_connection(cloud: Cloud) -> None:
    announced = cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert (announced.state, announced.template_name) == (DeviceState.ANNOUNCED, "edgeflow")
    assert cloud.good() == set()
    certificate = cloud.claim()
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.state, device.certificate_arns) == (DeviceState.ANNOUNCED, frozenset({certificate}))
    assert cloud.connected(str(certificate))
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.state, device.current_certificate, device.claimable) == (DeviceState.REGISTERED, certificate, False)
    assert cloud.good() == {certificate}


def test_announcing_again_changes_nothing(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    first = cloud.store.find(DEVICE)
    assert cloud.announce(DEVICE, re_enrol=True, caller="another").state is DeviceState.ANNOUNCED
    assert cloud.store.find(DEVICE) == first


def test_who_was_not_announced_is_refused(cloud: Cloud) -> None:
    assert cloud.claim() is Refusal.UNKNOWN


def test_who_enrolled_is_refused_until_an_operator_permits_it(cloud: Cloud, enrolled: str) -> None:
    assert cloud.claim() is Refusal.ENROLLED
    with pytest.raises(Conflict, match="registered already"):
        cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.announce(DEVICE, re_enrol=True, caller="operator").state is DeviceState.REGISTERED
    second = cloud.claim()
    assert cloud.good() == {enrolled, second}, "the old one is good until the new one has connected"
    assert cloud.connected(str(second))
    assert cloud.good() == {second}
    assert cloud.claim() is Refusal.ENROLLED


def test_a_device_registered_otherwise_may_be_let_enrol_as_well(cloud: Cloud) -> None:
    before = cloud.register(DEVICE, csr=None, caller="operator").certificate.arn
    assert cloud.claim() is Refusal.ENROLLED
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    after = cloud.claim()
    assert not cloud.connected(before), "the word on the old one is late, and withdraws nothing"
    assert cloud.connected(str(after))
    assert cloud.good() == {after}


def test_a_device_that_died_in_between_tries_again_and_leaves_nothing_behind(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    tries = [cloud.claim() for _ in range(3)]
    assert cloud.connected(str(tries[-1]))
    assert cloud.good() == {tries[-1]}
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.certificate_arns, device.replaced_certificates) == (frozenset({tries[-1]}), frozenset())


def test_certificates_that_never_connect_are_counted(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    for _ in range(MAX_CERTIFICATES):
        assert isinstance(cloud.claim(), str)
    assert cloud.claim() is Refusal.TOO_MANY


def test_a_claim_is_good_for_the_name_it_connected_with_alone(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", "claim.dev_002") is Refusal.OTHER_CLIENT
    assert cloud.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", "dev_002") is Refusal.OTHER_CLIENT


def test_a_device_renews_its_own_certificate_and_the_old_one_goes_when_the_new_one_connects(
    cloud: Cloud, enrolled: str
) -> None:
    new = cloud.rotate(enrolled)
    assert cloud.good() == {enrolled, new}
    assert not cloud.connected(enrolled), "the old one is not replaced by itself"
    assert cloud.good() == {enrolled, new}
    assert cloud.connected(str(new))
    assert cloud.good() == {new}
    assert not cloud.connected(enrolled)
    assert not cloud.connected(str(new))
    assert cloud.good() == {new}


def test_one_certificate_at_a_time_is_renewed(cloud: Cloud, enrolled: str) -> None:
    first = cloud.rotate(enrolled)
    assert isinstance(first, str)
    assert cloud.rotate(enrolled) is Refusal.TOO_SOON
    cloud.clock.advance(seconds=ROTATION_PAUSE.total_seconds() + 1)
    second = cloud.rotate(enrolled)
    assert cloud.connected(str(second))
    assert cloud.good() == {second}
    assert isinstance(cloud.rotate(str(second)), str), "what has connected is in nobody's way"


def test_who_presents_the_new_one_may_renew_it_before_the_word_of_its_connection_came(
    cloud: Cloud, enrolled: str
) -> None:
    second = str(cloud.rotate(enrolled))
    third = str(cloud.rotate(second))
    assert not cloud.connected(second), "late, and it withdraws no newer one"
    assert cloud.good() == {second, third}
    assert cloud.connected(third)
    assert cloud.good() == {third}


def test_certificates_with_which_the_device_never_connects_do_not_add_up(cloud: Cloud, enrolled: str) -> None:
    for _ in range(8):
        assert isinstance(cloud.rotate(enrolled), str)
        assert not cloud.connected(enrolled), "the new one failed, and the device went back"
        assert len(cloud.good()) <= 2
        cloud.clock.advance(seconds=ROTATION_PAUSE.total_seconds() + 1)
    assert enrolled in cloud.good()


def test_a_new_disk_that_enrols_is_not_locked_out_by_the_old_one(cloud: Cloud, enrolled: str) -> None:
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    claimed = str(cloud.claim())
    assert isinstance(cloud.rotate(enrolled), str)
    cloud.connected(enrolled)
    assert claimed in cloud.good()
    assert cloud.connected(claimed)
    assert cloud.good() == {claimed}


def test_a_certificate_renews_no_other_device(cloud: Cloud, enrolled: str) -> None:
    other = cloud.register("dev_002", csr=None, caller="operator").certificate.arn
    assert cloud.provision(other, DEVICE) is Refusal.OTHER_CERTIFICATE
    assert cloud.provision(enrolled, DEVICE, "dev_002") is Refusal.OTHER_CLIENT
    assert cloud.good() == {enrolled}


def test_a_certificate_that_was_replaced_renews_nothing(cloud: Cloud, enrolled: str) -> None:
    assert cloud.connected(str(cloud.rotate(enrolled)))
    assert cloud.rotate(enrolled) is Refusal.OTHER_CERTIFICATE


def test_an_announced_device_renews_nothing(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = cloud.claim()
    assert cloud.rotate(str(certificate)) is Refusal.NOT_REGISTERED


def test_what_is_being_revoked_is_good_for_nothing(cloud: Cloud, enrolled: str) -> None:
    new = str(cloud.rotate(enrolled))
    registry: Any = Dying(cloud.registry, left=0)
    dying = ConfirmCertificate(cloud.store, registry)
    with pytest.raises(Killed):
        dying(DEVICE, new.rpartition("/")[2])
    assert cloud.good() == {enrolled, new}
    assert cloud.rotate(enrolled) is Refusal.OTHER_CERTIFICATE
    assert not cloud.connected(enrolled)
    assert cloud.good() == {enrolled, new}


class Killed(BaseException):
    """The function dies."""


class Dying:
    """A store or registry whose caller dies at a call: after so many calls that went well, before or after the next."""

    def __init__(self, real: object, *, left: int, after: bool = False) -> None:
        """Let so many calls go well."""
        self._real = real
        self._left = left
        self._after = after

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the real one has
        method = getattr(self._real, name)

        def call(*arguments: object, **options: object) -> object:
            self._left -= 1
            if self._left >= 0:
                return method(*arguments, **options)
            if self._after:
                method(*arguments, **options)
            raise Killed

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("part", "calls"), [("store", number) for number in range(4)] + [("iot", 0), ("iot", 1)])
def test_a_function_that_dies_is_completed_by_the_same_word_again(
    cloud: Cloud, enrolled: str, *, part: str, calls: int, after: bool
) -> None:
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    new = [str(cloud.claim()), str(cloud.claim())][-1]
    assert len(cloud.good()) == 3
    store: Any = Dying(cloud.store, left=calls, after=after) if part == "store" else cloud.store
    registry: Any = Dying(cloud.registry, left=calls, after=after) if part == "iot" else cloud.registry
    with pytest.raises(Killed):
        ConfirmCertificate(store, registry)(DEVICE, new.rpartition("/")[2])
    cloud.connected(new)
    assert cloud.good() == {new}
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.certificate_arns, device.replaced_certificates) == (frozenset({new}), frozenset())
    assert (device.current_certificate, device.claimable) == (new, False)
    assert enrolled not in cloud.good()


@pytest.mark.parametrize("connected", [False, True])
def test_removing_revokes_what_was_given_out(cloud: Cloud, connected: bool) -> None:  # noqa: FBT001
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = str(cloud.claim())
    if connected:
        cloud.connected(certificate)
    cloud.remove(DEVICE)
    assert cloud.store.find(DEVICE) is None
    assert cloud.iot.list_certificates()["certificates"] == []
    assert cloud.iot.list_things()["things"] == []
    assert cloud.claim() is Refusal.UNKNOWN


def test_what_is_being_removed_gets_nothing(cloud: Cloud, table: Table, enrolled: str) -> None:
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    DeviceStore(table).begin_removal(DEVICE)
    assert cloud.claim() is Refusal.NOT_REGISTERED
    assert cloud.rotate(enrolled) is Refusal.NOT_REGISTERED
    with pytest.raises(Conflict, match="being removed"):
        cloud.announce(DEVICE, re_enrol=True, caller="operator")


def test_a_thing_of_somebody_else_is_not_announced(cloud: Cloud) -> None:
    cloud.iot.create_thing(thingName=DEVICE)
    with pytest.raises(Conflict, match="did not make"):
        cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.store.find(DEVICE) is None


def test_an_announced_device_is_not_registered_otherwise(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    with pytest.raises(Conflict, match="announced"):
        cloud.register(DEVICE, csr=None, caller="operator")


def test_prefix_of_claims_is_the_one_their_policy_allows(root: Path) -> None:
    template = (root / "template.yaml").read_text(encoding="utf-8")
    assert ":client/claim.* " in template


def test_a_device_that_cannot_be_read_gets_no_certificate_and_loses_those_it_has(
    cloud: Cloud, enrolled: str, table: Table
) -> None:
    item = table.get(device_key(DEVICE))
    assert item is not None
    table.put({**item, "attempt": 5, "certificates": "lost"})
    assert cloud.rotate(enrolled) is Refusal.UNREADABLE
    assert cloud.claim() is Refusal.UNREADABLE
    assert not cloud.connected(enrolled)
    assert cloud.good() == {enrolled}
    cloud.remove(DEVICE)
    assert enrolled not in {each["certificateArn"] for each in cloud.iot.list_certificates()["certificates"]}
