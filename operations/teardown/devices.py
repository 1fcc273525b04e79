"""Removes a stack's devices from AWS IoT, and takes its policies off everything: only then can they be deleted.

Whatever cuts this off, the next run finds what is left: by the policy, and by the table, which stays as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

from botocore.exceptions import ClientError

from edgeflow.contract.wording import counted
from operations.clients import Clients, code_of
from operations.errors import NotFinished
from operations.stack import Stack
from operations.teardown.certificates import (
    NOT_FOUND,
    Certificate,
    is_certificate,
    is_ours,
    look_at,
    principals_of,
    targets_of,
)
from operations.teardown.records import Registered, registered
from operations.waiting import Clock, rounds

DEVICE_POLICY: Final = "DevicePolicy"
CLAIM_POLICY: Final = "ClaimPolicy"
_EVERY_SECONDS: Final = 5
_AT_MOST_SECONDS: Final = 600
"""AWS IoT detaches in seconds, and lets a policy go up to five minutes later."""
_PROGRESS_EVERY: Final = 100
_SHOWN: Final = 5
_STILL_ATTACHED: Final = frozenset({"DeleteConflictException", "InvalidRequestException"})
"""What AWS IoT answers when a certificate, or a thing, is to go before it has been detached."""


class Devices:
    """The devices of one stack."""

    def __init__(self, clients: Clients, stack: Stack, clock: Clock, say: Callable[[str], None]) -> None:
        """Tell progress by ``say``, one line at a time."""
        self._clients = clients
        self._stack = stack
        self._iot: Any = clients("iot")
        self._clock = clock
        self._say = say
        self._policy = stack.physical_id(DEVICE_POLICY)

    def count(self) -> int:
        """Return how many certificates have the device policy."""
        return len(targets_of(self._iot, self._policy)) if self._policy else 0

    def remove(self) -> list[str]:
        """Remove all that is ours; returns a line on each thing and certificate that was left, and why.

        Raises:
            NotFinished: AWS IoT had not let go of something after ten minutes.
        """
        left: dict[str, str] = {}
        claims = self._stack.physical_id(CLAIM_POLICY)
        if claims:  # first, so that nobody enrols any more
            for target in targets_of(self._iot, claims):
                left[target] = "a claim, which is of no use any more"
            self._detach_from_all(claims)
        known = registered(self._clients, self._stack)
        names = known.device_ids
        if self._policy:
            names |= self._remove_certificates(self._policy, known, left)
            self._detach_from_all(self._policy)
        self._remove_things(sorted(names), left)
        return [f"{what}: {why}" for what, why in sorted(left.items())]

    def detach_policies(self) -> None:
        """Take the stack's policies off whatever has them. Raises NotFinished."""
        for logical_id in (CLAIM_POLICY, DEVICE_POLICY):
            policy = self._stack.physical_id(logical_id)
            if policy:
                self._detach_from_all(policy)

    def _remove_certificates(self, policy: str, known: Registered, left: dict[str, str]) -> frozenset[str]:
        """Delete the certificates that are ours; returns the names of their things."""
        ours: list[Certificate] = []
        for number, target in enumerate(sorted({*targets_of(self._iot, policy), *known.certificates})):
            if number and number % _PROGRESS_EVERY == 0:
                self._say(f"  {counted(number, 'certificate', 'was', 'were')} deactivated and taken off their things")
            found = look_at(self._iot, target, policy) if is_certificate(target) else None
            if not is_certificate(target):
                left[target] = "a thing group or an identity that had the stack's policy"
            elif found and found.foreign:
                left[target] = found.foreign
            elif found:
                ours.append(found)
                self._release(found, policy)
        self._delete(ours)
        self._say(f"Deleted {counted(len(ours), 'certificate')} of devices")
        return frozenset(thing for each in ours for thing in each.things)

    def _delete(self, certificates: list[Certificate]) -> None:
        waiting = certificates
        for _ in rounds(self._clock, every=_EVERY_SECONDS, at_most=_AT_MOST_SECONDS):
            waiting = [each for each in waiting if not self._is_deleted(each)]
            if not waiting:
                return
            self._say(f"  waiting for AWS IoT to let go of {counted(len(waiting), 'certificate')}")
        _give_up("certificate", [each.arn for each in waiting])

    def _release(self, certificate: Certificate, policy: str) -> None:
        if certificate.is_active:
            self._iot.update_certificate(certificateId=certificate.certificate_id, newStatus="INACTIVE")
        for thing in certificate.things:
            self._unless_gone(self._iot.detach_thing_principal, thingName=thing, principal=certificate.arn)
        self._unless_gone(self._iot.detach_policy, policyName=policy, target=certificate.arn)

    @staticmethod
    def _unless_gone(detach: Callable[..., object], **what: str) -> None:
        try:
            detach(**what)
        except ClientError as error:
            if code_of(error) != NOT_FOUND:
                raise

    def _is_deleted(self, certificate: Certificate) -> bool:
        try:
            # Forced: a policy that is still being detached does not hold it. A thing does.
            self._iot.delete_certificate(certificateId=certificate.certificate_id, forceDelete=True)
        except ClientError as error:
            if code_of(error) in _STILL_ATTACHED:
                return False
            if code_of(error) != NOT_FOUND:
                raise
        return True

    def _remove_things(self, names: Iterable[str], left: dict[str, str]) -> None:
        waiting = list(names)
        removed = 0
        for _ in rounds(self._clock, every=_EVERY_SECONDS, at_most=_AT_MOST_SECONDS):
            again = []
            for name in waiting:
                match self._remove_thing(name):
                    case True:
                        removed += 1
                    case False:
                        again.append(name)
                    case str(why):
                        left[name] = why
                    case None:
                        pass
            waiting = again
            if not waiting:
                self._say(f"Deleted {counted(removed, 'thing')}")
                return
            self._say(f"  waiting for AWS IoT to let go of {counted(len(waiting), 'thing')}")
        _give_up("thing", waiting)

    def _remove_thing(self, name: str) -> bool | str | None:
        """Delete a thing. True: done; False: try later; None: there is none; a text: why it is left alone."""
        try:
            match is_ours(self._iot, name):
                case None:
                    return None
                case False:
                    return "a thing that EdgeFlow did not make"
                case _:
                    pass
            others = [each for each in principals_of(self._iot, name) if not self._is_gone(each)]
            if others:
                return f"a thing with certificates of others: {', '.join(others)}"
            self._iot.delete_thing(thingName=name)
        except ClientError as error:
            if code_of(error) in _STILL_ATTACHED:
                return False
            if code_of(error) == NOT_FOUND:
                return None
            raise
        return True

    def _is_gone(self, principal: str) -> bool:
        if not is_certificate(principal):
            return False
        try:
            self._iot.describe_certificate(certificateId=principal.rpartition("/")[2])
        except ClientError as error:
            if code_of(error) == NOT_FOUND:
                return True
            raise
        return False

    def _detach_from_all(self, policy: str) -> None:
        targets: list[str] = []
        for _ in rounds(self._clock, every=_EVERY_SECONDS, at_most=_AT_MOST_SECONDS):
            targets = targets_of(self._iot, policy)
            if not targets:
                return
            self._say(f"Taking the policy {policy} off {counted(len(targets), 'target')}")
            for target in targets:
                self._unless_gone(self._iot.detach_policy, policyName=policy, target=target)
        _give_up("target", targets, f" of the policy {policy}")


def _give_up(what: str, names: list[str], of_what: str = "") -> NoReturn:
    shown = ", ".join(names[:_SHOWN])
    more = " …" if len(names) > _SHOWN else ""
    left = f"{counted(len(names), what)}{of_what} ({shown}{more})"
    message = f"AWS IoT has not let go of {left}. Run this again in some minutes."
    raise NotFinished(message)
