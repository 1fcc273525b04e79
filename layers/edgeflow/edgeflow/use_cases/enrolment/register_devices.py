"""Registering or announcing many devices in one request, as far as its time goes.

AWS IoT makes ten certificates a second for an account, so a request makes some two hundred; a device whose turn does
not come is answered as such, and nothing was done for it. Sending it again is safe: a device is registered once.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from edgeflow.domain.errors import EdgeFlowError, Unavailable
from edgeflow.use_cases.enrolment.announce_device import AnnounceDevice, Announcement
from edgeflow.use_cases.enrolment.register_device import RegisterDevice, Registration

WORKERS: Final = 16  # the AWS clients keep 32 connections open
CERTIFICATES_A_SECOND: Final = 10
"""AWS IoT: CreateKeysAndCertificate and UpdateCertificate, each for the whole account."""
SECONDS_TO_END: Final = 6.0
"""What a device that was begun has to be ready in; it takes less than one where AWS IoT is well."""
SECONDS_TO_ANSWER: Final = 4.0
"""Of a request, for its answer, and for a start of the function that API Gateway counts and Lambda does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One device to register, or with ``claim`` to announce."""

    device_id: str
    csr: str | None = None
    claim: bool = False
    re_enrol: bool = False


Outcome = Registration | Announcement | BaseException
"""What became of a device. An error that is no ``EdgeFlowError`` is a fault of ours."""


@dataclass(frozen=True, slots=True)
class RegisterDevices:
    """Enrol devices, some at a time, and no faster than AWS IoT allows."""

    register: RegisterDevice
    announce: AnnounceDevice
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, wanted: Sequence[Wanted], *, seconds: float, caller: str) -> list[Outcome]:
        """Return what became of each device, in order, well before ``seconds`` are over.

        One that fails keeps no other from its answer, which may hold the only copy of a private key.
        """
        answer_at = self.monotonic() + seconds - SECONDS_TO_ANSWER
        begin_until = answer_at - SECONDS_TO_END
        pool = ThreadPoolExecutor(WORKERS)
        try:
            begun = self._begin(pool, wanted, begin_until, caller)
            wait([future for future in begun if future is not None], timeout=max(0.0, answer_at - self.monotonic()))
            return [_outcome(future) for future in begun]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin(
        self, pool: ThreadPoolExecutor, wanted: Sequence[Wanted], begin_until: float, caller: str
    ) -> list["Future[Registration | Announcement] | None"]:
        """Hand devices out to the pool; None where its time was over before the device's turn."""

        def enrol(device: Wanted) -> Registration | Announcement:
            if self.monotonic() > begin_until:
                raise _not_begun()
            if device.claim:
                return self.announce(device.device_id, re_enrol=device.re_enrol, caller=caller)
            return self.register(device.device_id, csr=device.csr, caller=caller)

        begun: list[Future[Registration | Announcement] | None] = []
        next_certificate = self.monotonic()
        for device in wanted:
            now = self.monotonic()
            turn = now if device.claim else max(now, next_certificate)
            if turn > begin_until:
                begun.append(None)
                continue
            if turn > now:
                self.sleep(turn - now)
            if not device.claim:
                next_certificate = turn + 1 / CERTIFICATES_A_SECOND
            begun.append(pool.submit(enrol, device))
        return begun


def _outcome(future: "Future[Registration | Announcement] | None") -> Outcome:
    if future is None or future.cancel():
        return _not_begun()
    if not future.done():
        message = (
            "not finished in time: look at the device in a minute; where it is registered by then, "
            "remove it, for its key was not given out"
        )
        return Unavailable(message)
    return future.exception() or future.result()


def _not_begun() -> EdgeFlowError:
    return Unavailable("not begun, for the time of the request was over; send this line again")
