"""Waiting for a deployment's next status: a long poll, for pipelines that would ask again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edgeflow.domain.clock import Clock
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import TooManyWait
from edgeflow.use_cases.deployments.ports import WaitingPlaces
from edgeflow.use_cases.rollout.ports import Deployments

LOOK_EVERY: Final = timedelta(seconds=2)
"""A wait of 25 s looks 13 times at most: each is one consistent read of the deployment's item."""
GRACE: Final = timedelta(seconds=10)
"""How much longer than its wait a place is held by a request that died."""


@dataclass(frozen=True, slots=True)
class AwaitStatus:
    """Look until the status is another one, or the time is over. Only so many wait at once."""

    deployments: Deployments
    places: WaitingPlaces
    clock: Clock
    sleep: Callable[[float], None]

    def __call__(self, deployment_id: str, *, unless: DeploymentStatus, wait: timedelta) -> Deployment:
        """Return the deployment as soon as its status is not ``unless``, or as it is after ``wait``.

        Raises:
            NotFound: there is no such deployment, or it was deleted meanwhile.
            CannotBeRead: its record is damaged.
            TooManyWait: it would have to wait, and no place is free.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.status is not unless:
            return deployment
        until = self.clock() + wait
        place = self.places.take(until=until + GRACE, now=self.clock())
        if place is None:
            message = "as many requests wait for a deployment as may at once; try again, or ask without wait"
            raise TooManyWait(message)
        try:
            while deployment.status is unless and (left := until - self.clock()) > timedelta():
                self.sleep(min(left, LOOK_EVERY).total_seconds())
                deployment = self.deployments.get(deployment_id)
        finally:
            self.places.give_back(place)
        return deployment
