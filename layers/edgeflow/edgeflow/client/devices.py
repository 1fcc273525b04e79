"""``/v1/devices``."""

import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from edgeflow.client.errors import KeyLost, UnreadableAnswer
from edgeflow.client.session import Session, checked, path_of, read_document, written
from edgeflow.contract.rest.devices import (
    AnnouncedDevice,
    DevicePage,
    DeviceSummary,
    DeviceView,
    RegisterDevice,
    RegisteredDevice,
)
from edgeflow.contract.rest.fleet import FleetSummary, ListDevices
from edgeflow.contract.rest.lines import JSON_LINES, LineRefused
from edgeflow.contract.rest.unreadable import UnreadableDevice
from edgeflow.contract.wording import counted

LINES_A_REQUEST: Final = 100
"""Of a long list: an answer that is lost takes the keys in it along, and registering 190 devices takes 19 s."""


Enrolled = RegisteredDevice | AnnouncedDevice | LineRefused
"""What became of a device of a list."""


class _Line(BaseModel):
    """What all answers to a line have."""

    line: int
    status: int


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

    def register_many(self, wanted: Sequence[RegisterDevice]) -> Iterator[Enrolled]:
        """Register or announce many devices; yields what became of each, in order, as soon as it is known.

        What is refused is yielded like the others, with ``line`` counted from 1 in ``wanted``. What the API has no time
        for is sent again, as often as any request is tried.

        Raises:
            Unreachable: an answer was lost, with the keys that it held: remove the devices of it that are registered.
        """
        done = 0
        for some in (wanted[at : at + LINES_A_REQUEST] for at in range(0, len(wanted), LINES_A_REQUEST)):
            for each in self._register_lines(some):
                yield each.model_copy(update={"line": each.line + done}) if isinstance(each, LineRefused) else each
            done += len(some)

    def _register_lines(self, wanted: Sequence[RegisterDevice]) -> Sequence[Enrolled]:
        answers: dict[int, Enrolled] = {}
        left = list(range(len(wanted)))
        for number in range(2, self._session.retries.tries + 2):
            content = "".join(f"{_json(wanted[at])}\n" for at in left).encode()
            headers = {"Content-Type": JSON_LINES[0]}
            lines = self._session.send("POST", "/devices", content=content, headers=headers).content.splitlines()
            if len(lines) != len(left):
                asked = counted(len(left), "device", "was", "were")
                message = f"{asked} asked for, and {len(lines)} answered: see which are registered"
                raise UnreadableAnswer(message)
            for at, line in zip(left, lines, strict=True):
                answers[at] = _answer(line, wanted[at], at + 1)
            left = [at for at in left if _is_busy(answers[at])]
            if not (left and self._session.retries.wait_before(number, None)):
                break
        return [answers[at] for at in range(len(wanted))]

    def delete(self, device_id: str) -> None:
        """Lock a device out and forget it."""
        self._session.send("DELETE", path_of("devices", device_id))


def _json(body: RegisterDevice) -> str:
    return json.dumps(written(body))


def _answer(line: bytes, wanted: RegisterDevice, number: int) -> Enrolled:
    if read_document(line, _Line).status >= HTTPStatus.BAD_REQUEST:
        return read_document(line, LineRefused).model_copy(update={"line": number})
    if wanted.enrolment == "claim":
        return read_document(line, AnnouncedDevice)
    return read_document(line, RegisteredDevice)


def _is_busy(answer: Enrolled) -> bool:
    return isinstance(answer, LineRefused) and answer.status == HTTPStatus.SERVICE_UNAVAILABLE
