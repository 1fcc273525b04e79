"""``/v1/deployments``."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from edgeflow.client.errors import ApiError, TimedOut, Unreachable
from edgeflow.client.session import Session, path_of, read
from edgeflow.contract.durations import format_duration
from edgeflow.contract.history.events import DeploymentEvent
from edgeflow.contract.rest.deployment_queries import MAX_WAIT, ListDeployments
from edgeflow.contract.rest.deployments import (
    CreateDeployment,
    DeploymentPage,
    DeploymentView,
    ListedDeployment,
    ResumeDeployment,
    RetryDeployment,
    RetryOnly,
    StatusName,
    TargetPage,
    TargetView,
)
from edgeflow.contract.rest.events import DeploymentEventPage
from edgeflow.contract.rest.targets import ListTargets
from edgeflow.contract.rest.unreadable import UnreadableDeployment, UnreadableEvent, UnreadableTarget

ENDED: Final = frozenset({"completed", "failed", "cancelled", "rolled_back"})
"""Statuses that a deployment stays in unless somebody acts on it."""
LOOK_EVERY_SECONDS: Final = 2.0
OUTAGE_SECONDS: Final = 300.0
"""A rollout goes on while the API cannot be reached; so does whoever follows it, for this long."""


class Deployments:
    """Rollouts. Every action can be sent again: it is done once."""

    def __init__(self, session: Session) -> None:
        """Ask by this session."""
        self._session = session

    def list(self, query: ListDeployments | None = None) -> Iterator[ListedDeployment | UnreadableDeployment]:
        """Yield every deployment that the query asks for, newest first unless it asks otherwise, page after page."""
        for page in self._session.pages("/deployments", DeploymentPage, query):
            yield from page.deployments

    def get(self, deployment_id: str) -> DeploymentView:
        """Return a deployment with a first page of its targets."""
        return self._session.get(path_of("deployments", deployment_id), DeploymentView)

    def get_changed(self, deployment_id: str, *, unless: StatusName, wait: timedelta = MAX_WAIT) -> DeploymentView:
        """Return a deployment as soon as its status is not ``unless``, or as it is after ``wait``.

        Where too many wait at once it is asked again a little later, as after every 429.
        """
        query = {"unless": unless, "wait": format_duration(wait)}
        return read(self._session.send("GET", path_of("deployments", deployment_id), query=query), DeploymentView)

    def create(self, body: CreateDeployment, *, idempotency_key: str | None = None) -> DeploymentView:
        """Create a deployment, which waits to be started."""
        return self._session.post("/deployments", DeploymentView, body, idempotency_key=idempotency_key)

    def delete(self, deployment_id: str) -> None:
        """Remove one that never started, or whose record cannot be read."""
        self._session.send("DELETE", path_of("deployments", deployment_id))

    def targets(self, deployment_id: str, query: ListTargets | None = None) -> Iterator[TargetView | UnreadableTarget]:
        """Yield its targets by device id, page after page."""
        for page in self._session.pages(path_of("deployments", deployment_id, "targets"), TargetPage, query):
            yield from page.targets

    def events(self, deployment_id: str) -> Iterator[DeploymentEvent | UnreadableEvent]:
        """Yield what happened to it, oldest first."""
        for page in self._session.pages(path_of("deployments", deployment_id, "events"), DeploymentEventPage):
            yield from page.events

    def start(self, deployment_id: str) -> DeploymentView:
        """Start it."""
        return self._act(deployment_id, "start")

    def pause(self, deployment_id: str) -> DeploymentView:
        """Let no new wave start."""
        return self._act(deployment_id, "pause")

    def resume(self, deployment_id: str, *, accept_failures: bool = False) -> DeploymentView:
        """Go on when it is paused; after a breach only where its failures are accepted."""
        body = ResumeDeployment(accept_failures=True) if accept_failures else None
        return self._session.post(path_of("deployments", deployment_id, "resume"), DeploymentView, body)

    def promote(self, deployment_id: str) -> DeploymentView:
        """End the wait between two waves now."""
        return self._act(deployment_id, "promote")

    def skip(self, deployment_id: str, device_id: str) -> TargetView:
        """Give up on one device that is waited for; returns its target."""
        return self._session.post(path_of("deployments", deployment_id, "targets", device_id, "skip"), TargetView)

    def cancel(self, deployment_id: str) -> DeploymentView:
        """Stop it where it is, without a rollback."""
        return self._act(deployment_id, "cancel")

    def rollback(self, deployment_id: str) -> DeploymentView:
        """Return every device that it touched."""
        return self._act(deployment_id, "rollback")

    def retry(self, deployment_id: str, *, only: tuple[RetryOnly, ...] | None = None) -> DeploymentView:
        """Deploy once more to what is missing; returns the new deployment, which waits to be started."""
        body = RetryDeployment(only=only) if only else None
        return self._session.post(path_of("deployments", deployment_id, "retry"), DeploymentView, body)

    def follow(
        self,
        deployment_id: str,
        *,
        every: float = LOOK_EVERY_SECONDS,
        timeout: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> Iterator[DeploymentView]:
        """Yield the deployment as it is, and again after each change, until it has ended. Times are in seconds.

        An API that does not answer is asked for five minutes on.

        Raises:
            TimedOut: it has not ended within ``timeout``.
        """
        deadline = None if timeout is None else now() + timeout
        path = path_of("deployments", deployment_id)
        etag: str | None = None
        heard = now()
        while True:
            try:
                answer = self._session.send("GET", path, headers=None if etag is None else {"If-None-Match": etag})
                heard = now()
                if answer.status_code != HTTPStatus.NOT_MODIFIED:
                    etag = answer.headers.get("ETag")
                    view = _view(answer)
                    yield view
                    if view.status in ENDED:
                        return
            except (Unreachable, ApiError) as error:
                if (isinstance(error, ApiError) and not _is_passing(error)) or now() - heard > OUTAGE_SECONDS:
                    raise
            if deadline is not None and now() >= deadline:
                message = f"{deployment_id} has not ended within {timeout:g} s; it goes on"
                raise TimedOut(message)
            left = every if deadline is None else min(every, max(0.0, deadline - now()))
            self._session.retries.sleep(left)

    def _act(self, deployment_id: str, action: str) -> DeploymentView:
        return self._session.post(path_of("deployments", deployment_id, action), DeploymentView)


def _view(answer: httpx.Response) -> DeploymentView:
    return read(answer, DeploymentView)


def _is_passing(error: ApiError) -> bool:
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.status == HTTPStatus.TOO_MANY_REQUESTS
