"""A record at rest that cannot be read: damaged, or written by a release that this one does not know.

It harms nobody else: lists show it as such, whoever needs it is told so, and what it belongs to can be removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is kept, each in records of its own."""

    FLOW = "flow"
    SLUG = "slug"
    """Which flow has a slug."""
    VERSION = "flow_version"
    ARTIFACT = "artifact"
    """The bytes of published versions."""
    DEPLOYMENT = "deployment"
    MANIFEST = "manifest"
    """The list of a deployment's targets."""
    TARGET = "target"
    WAVE = "wave"
    RETURN = "return"
    """One device in the plan of a rollback."""
    DEVICE = "device"
    INSTALL = "install"
    """What a device runs of one flow, and which deployment may change it."""
    EVENT = "event"
    """One event of a history."""
    KEPT_ANSWER = "kept_answer"
    """What was answered to a request with an idempotency key."""
    FLEET_COUNT = "fleet_count"
    """The count of all devices that is kept for some seconds."""
    UNKNOWN = "unknown"
    """A key that no release of ours wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """One such record, by what its key says; ``fault`` is what is wrong with the first part that is.

    ``id`` is the flow's, deployment's or device's id, or what tells it from others of the same owner, ``of``: a
    version's number, a target's device, a wave's name, a flow on a device, an event's sequence.
    """

    kind: Kind
    id: str
    of: str
    fault: str

    def __str__(self) -> str:
        """Say what cannot be read, why, and what to do."""
        what, remedy = (sentence.format(id=self.id, of=self.of) for sentence in SENTENCES[self.kind])
        return f"{what} cannot be read ({self.fault}); {remedy}"


_END_DEPLOYMENT = "roll deployment {of} back, or let it end"

SENTENCES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.FLOW: ("the record of flow {id}", "DELETE /v1/flows/{id} removes it"),
    Kind.SLUG: (
        "the record of the slug {id}",
        "address the flow by its id; a PATCH that gives it another slug, and then this one again, writes it anew",
    ),
    Kind.VERSION: (
        "the record of version {id} of flow {of}",
        "publish another version; DELETE /v1/flows/{of} removes the flow with all of them",
    ),
    Kind.ARTIFACT: ("the artifact {id}", "publish the definition again"),
    Kind.DEPLOYMENT: ("the record of deployment {id}", "DELETE /v1/deployments/{id} removes it"),
    Kind.MANIFEST: (
        "the list of targets of deployment {id}",
        "DELETE /v1/deployments/{id} removes the deployment",
    ),
    Kind.TARGET: ("the record of device {id} in deployment {of}", _END_DEPLOYMENT),
    Kind.WAVE: ("the record of wave {id} of deployment {of}", _END_DEPLOYMENT),
    Kind.RETURN: ("the record of how device {id} returns in deployment {of}", _END_DEPLOYMENT),
    Kind.DEVICE: (
        "the record of device {id}",
        "DELETE /v1/devices/{id} locks the device out and removes it; then register it again",
    ),
    Kind.INSTALL: (
        "the record of flow {id} on device {of}",
        "DELETE /v1/devices/{of} removes it with the device; then register that again",
    ),
    Kind.EVENT: ("event {id} of the history of {of}", "nothing depends on it"),
    Kind.KEPT_ANSWER: (
        "what was answered to this Idempotency-Key",
        "look whether the first request did its work, and use another key from now on",
    ),
    Kind.FLEET_COUNT: ("the count of devices that was kept", "they are counted anew"),
    Kind.UNKNOWN: ("the record {id}", "nothing of ours has such a key"),
}
"""What each kind is called in a sentence, and what to do."""
