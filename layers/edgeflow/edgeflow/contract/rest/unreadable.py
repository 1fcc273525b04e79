"""Records that cannot be read, as lists show them: that they are there, and nothing else."""

from typing import Literal

from pydantic import BaseModel


class _Unreadable(BaseModel):
    """Only such a record has the key ``unreadable``."""

    unreadable: Literal[True] = True


class UnreadableFlow(_Unreadable):
    """A flow."""

    id: str


class UnreadableVersion(_Unreadable):
    """A published version."""

    flow_id: str
    version: int


class UnreadableDeployment(_Unreadable):
    """A deployment."""

    id: str


class UnreadableTarget(_Unreadable):
    """One device of a deployment."""

    device_id: str


class UnreadableDevice(_Unreadable):
    """A device; also one whose newest health report cannot be read, until the next one comes."""

    device_id: str


class UnreadableInstall(_Unreadable):
    """What was deployed of one flow to a device. What the device itself reports of the flow is listed beside it."""

    flow_id: str


class UnreadableEvent(_Unreadable):
    """One event of a history."""

    sequence: int
