"""What the actions of operators on deployments need of the outside, beside what rollouts need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from edgeflow.contract.history.details import Actor
from edgeflow.domain.deployments import Deployment, DeploymentFilter, DeploymentStatus
from edgeflow.domain.history import Entry
from edgeflow.domain.remains import Remains
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.rollout.ports import Deployments, TargetLists


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was asked for, each name once, in the order given. ``targets`` are the devices it comes to, once frozen."""

    devices: tuple[str, ...]
    groups: tuple[str, ...] = ()
    targets: tuple[str, ...] | None = None


class DeploymentRecords(Deployments, Protocol):
    """Deployments at rest, as operators create, move and remove them."""

    def create(self, deployment: Deployment, *, entry: Entry) -> None:
        """Write it and enter it at its flow, in one transaction. Raises Conflict when the flow may not be deployed."""

    def request_cancel(
        self, deployment_id: str, *, allowed: Iterable[DeploymentStatus], reason: str, entry: Entry
    ) -> Deployment:
        """Move it on to being cancelled, and note when; returns it. Raises Conflict, naming the status it has."""

    def resolved(self, deployment_id: str, *, total: int, entry: Entry) -> None:
        """Note how many targets its groups and devices make, once."""

    def resumed(self, deployment_id: str, task_token: str) -> Deployment:
        """Remember that this token was answered (``answered_token``), and hold it no longer; returns the deployment."""

    def promote(self, deployment_id: str, task_token: str, *, entry: Entry) -> Deployment | None:
        """Note, once, that an operator ends the wait of this token; returns the deployment.

        None: not running, or the wait is over.
        """

    def accept_breach(self, deployment_id: str, *, entry: Entry) -> None:
        """Forget a breach that an operator goes on after."""

    def reserve_retry(self, deployment_id: str, retry_id: str, *, entry: Entry) -> str:
        """Note the id of its retry, once; returns the id that is noted, this one or an earlier one."""

    def remains(self, deployment_id: str) -> Remains:
        """Return what is known of a deployment whatever its record holds. Raises NotFound."""

    def remove(self, remains: Remains, *, entry: Entry) -> None:
        """Remove it, strike it off its flow and tell its history, which stays. Repeatable."""


class DeviceDeployments(Protocol):
    """The deployments that were planned for a device."""

    def page(
        self, device_id: str, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return them, newest or oldest first, and the position to go on from."""


class Manifests(TargetLists, Protocol):
    """Targets as they were asked for, and the list of devices that they come to, which never changes."""

    def write(self, deployment_id: str, device_ids: Sequence[str], *, group_names: Sequence[str] = ()) -> None:
        """Keep what was asked for. Without groups the list of devices is frozen at once."""

    def asked(self, deployment_id: str) -> Manifest:
        """Return what was asked for. Raises NotFound, CannotBeRead."""

    def freeze(self, deployment_id: str, targets: Sequence[str]) -> list[str]:
        """Keep the devices that it comes to, once; returns the list that is kept, this one or an earlier one."""


class DispatchQueue(Protocol):
    """Orders to our own functions, which are carried out soon after, perhaps twice."""

    def wind_down(self, deployment_id: str) -> None:
        """Order that a deployment that is being cancelled is wound down."""

    def give_up(self, deployment_id: str, device_id: str, *, by: Actor, asked_at: str, after: timedelta) -> None:
        """Order that one device is given up, once its cancelled job has ended. ``asked_at``: ISO 8601 UTC."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places for requests that wait. ``holder`` tells this holder from every other."""

    number: int
    holder: str


class WaitingPlaces(Protocol):
    """Places for requests that wait: each holds a function of the account for as long as it waits."""

    def take(self, *, until: datetime, now: datetime) -> Place | None:
        """Take a place that is free at ``now``, at the latest until ``until``; None: there is none."""

    def give_back(self, place: Place) -> None:
        """Free a place; nothing when somebody else has it by now."""


class ThingGroups(Protocol):
    """Thing groups of AWS IoT, static and dynamic ones."""

    def unknown(self, group_names: Iterable[str]) -> list[str]:
        """Return those of the groups that do not exist, in order."""

    def members(self, group_name: str) -> Iterable[str]:
        """Return the things of a group and of the groups below it, some perhaps twice. Raises NotFound."""
