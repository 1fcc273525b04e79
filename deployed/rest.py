"""EdgeFlow's REST API as an operator's script would call it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests

from deployed.stack import Stack

_TEXT_SHOWN: Final = 200
TIMEOUT_SECONDS: Final = 40  # API Gateway itself gives up after 29 s


class ProblemError(Exception):
    """The API refused: ``status`` is the HTTP status, ``problem`` the RFC 9457 body."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Keep what the API said."""
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', problem)}")
        self.status = status
        self.problem = dict(problem)


class Rest:
    """Calls of one operator, with one access token."""

    def __init__(self, stack: Stack, *scopes: str) -> None:
        """Get a token for these scopes (all, when none are named) and keep one connection."""
        self._address = stack.api_url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {stack.token(*scopes)}"

    def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Call a route such as ``/flows`` and return the JSON it answers, empty for 204.

        Raises:
            ProblemError: the answer is not a success.
        """
        answer = self.send(method, path, body, headers=headers)
        if not answer.ok:
            raise ProblemError(answer.status_code, _problem(answer))
        return dict(answer.json()) if answer.content else {}

    def send(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Call a route and return the answer as it is. A body that is a text is sent as such."""
        text, document = (body.encode(), None) if isinstance(body, str) else (None, body)
        return self._session.request(
            method,
            f"{self._address}{path}",
            data=text,
            json=document,
            headers=dict(headers or {}),
            timeout=TIMEOUT_SECONDS,
        )

    def targets(self, deployment_id: str) -> Iterator[dict[str, Any]]:
        """Yield every target of a deployment, page after page."""
        return self.every("targets", f"/deployments/{deployment_id}/targets")

    def events(self, deployment_id: str) -> Iterator[dict[str, Any]]:
        """Yield every event of a deployment's history, page after page."""
        return self.every("events", f"/deployments/{deployment_id}/events")

    def every(self, key: str, path: str) -> Iterator[dict[str, Any]]:
        """Yield everything on a list such as ``/flows?tag=alerts``, page after page; ``key`` is its name in a page."""
        page_of = f"{path}{'&' if '?' in path else '?'}limit=100"
        cursor: str | None = None
        while True:
            page = self.call("GET", page_of + (f"&cursor={cursor}" if cursor else ""))
            yield from page[key]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        return dict(answer.json())
    except requests.JSONDecodeError:  # not of ours, but of something on the way
        return {"title": answer.reason, "detail": answer.text[:_TEXT_SHOWN]}
