"""What the first connection with a certificate withdraws, and what the device's record says of it."""

from typing import Any

import pytest

from edgeflow.use_cases.enrolment.allow_provisioning import (
    ROTATION_PAUSE,
    Refusal,
)
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from tests.unit.use_cases.enrolment.conftest import DEVICE, Cloud

pytestmark = pytest.mark.slow


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


def test_a_device_that_died_in_between_tries_again_and_leaves_nothing_behind(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    tries = [cloud.claim() for _ in range(3)]
    assert cloud.connected(str(tries[-1]))
    assert cloud.good() == {tries[-1]}
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.certificate_arns, device.replaced_certificates) == (frozenset({tries[-1]}), frozenset())


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
