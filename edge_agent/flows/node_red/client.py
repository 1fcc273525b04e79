"""Node-RED's admin API, as far as the agent needs it. Every fault is one sentence."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final, Protocol

MAX_CONFLICTS: Final = 5
"""So often a change is begun again because somebody else deployed in between."""

Item = dict[str, Any]
"""A node, tab, group, subflow or config node, as Node-RED's flow file has it."""
Edit = Callable[[list[Item]], list[Item] | None]
"""Takes the full set of flows; returns the full set as it is to be, or None when nothing is to be changed."""

_CONFLICT: Final = 409
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Node-RED is on the device or beside it: what the environment says of proxies is not meant for it."""
_REMEDIES: Final = {
    401: "give a token that may read and write flows in token or token_file of [node_red]",
    403: "the token of [node_red] must have the permissions flows.read, flows.write, nodes.read and context.read",
    404: "url of [node_red] must be that of its admin API, with httpAdminRoot when there is one",
    413: "raise apiMaxLength in Node-RED's settings",
}


class NodeRedFault(Exception):
    """Node-RED cannot be asked, or does not do what it is asked; the message is a sentence."""


class NodeRedUnreachable(NodeRedFault):
    """Node-RED does not answer at all; it may be back later."""


class NodeRedSilent(NodeRedUnreachable):
    """Node-RED takes requests, and does not answer them in time."""


class _Conflict(NodeRedFault):
    """The flows are not those that were read any more."""


class NodeRed(Protocol):
    """What the runtime asks of Node-RED."""

    def flows(self) -> list[Item]:
        """Return every item of every flow. Raises NodeRedFault."""

    def change(self, edit: Edit) -> bool:
        """Change the flows by one request; tells whether there was anything to change. Raises NodeRedFault."""

    def node_types(self) -> frozenset[str]:
        """Return the types that Node-RED can run. Raises NodeRedFault."""

    def flow_context(self, tab_id: str, key: str) -> Any:  # noqa: ANN401  any JSON value
        """Return a value of a tab's context, None when there is none. Raises NodeRedFault."""

    def is_in_safe_mode(self) -> bool:
        """Tell whether it runs no flow until the next deployment. Raises NodeRedFault."""

    def restart_in_safe_mode(self) -> bool:
        """Have it started anew without flows, which goes on beside this; False when there is no way to."""


@dataclass(frozen=True, slots=True)
class NodeRedClient:
    """Speaks with one Node-RED.

    Attributes:
        url: of its admin API, without a slash at the end.
        token: bearer token, empty when Node-RED asks for none.
        timeout: in seconds, for each request.
    """

    url: str
    token: str = ""
    timeout: float = 10.0

    def flows(self) -> list[Item]:
        """See :class:`NodeRed`."""
        return self._read()[0]

    def change(self, edit: Edit) -> bool:
        """See :class:`NodeRed`.

        The full set goes with the revision that it was made from, so Node-RED refuses it when somebody deployed in
        between; then it is read and edited again. Nodes that did not change go on running (deployment type ``nodes``,
        which restarts no more than ``flows`` does: of a changed tab, its changed nodes).

        Raises:
            NodeRedFault: also when others deploy again and again.
        """
        for _ in range(MAX_CONFLICTS):
            items, revision = self._read()
            edited = edit(items)
            if edited is None:
                return False
            try:
                self._ask("POST", "/flows", {"flows": edited, "rev": revision}, {"Node-RED-Deployment-Type": "nodes"})
            except _Conflict:
                continue
            return True
        message = f"others changed the flows of Node-RED at {self.url} {MAX_CONFLICTS} times meanwhile; trying later"
        raise NodeRedFault(message)

    def node_types(self) -> frozenset[str]:
        """See :class:`NodeRed`; types of sets that are disabled or failed to load are left out."""
        path = "/nodes"
        answer = self._ask("GET", path)
        if not isinstance(answer, list):
            raise self._senseless(path)
        usable = [each for each in answer if isinstance(each, dict) and each.get("enabled") and not each.get("err")]
        return frozenset(name for each in usable for name in each.get("types", ()))

    def flow_context(self, tab_id: str, key: str) -> Any:  # noqa: ANN401  any JSON value
        """See :class:`NodeRed`. Node-RED cuts strings in it at 1,000 characters and lists at 1,000 items."""
        path = f"/context/flow/{tab_id}/{key}"
        answer = self._ask("GET", path)
        if not isinstance(answer, dict):
            raise self._senseless(path)
        if not isinstance(answer.get("msg"), str) or answer.get("format") != "Object":
            return None
        try:
            return json.loads(answer["msg"])
        except ValueError as error:
            raise self._senseless(path) from error

    def is_in_safe_mode(self) -> bool:
        """See :class:`NodeRed`; one before 3.0 does not tell, so it is not."""
        try:
            return bool(self._ask("GET", "/flows/state") == {"state": "safe"})
        except NodeRedUnreachable:
            raise
        except NodeRedFault:
            return False

    def restart_in_safe_mode(self) -> bool:
        """See :class:`NodeRed`; its admin API has no such request."""
        return False

    def _read(self) -> tuple[list[Item], str]:
        path = "/flows"
        match self._ask("GET", path):
            case {"flows": list(items), "rev": str(revision)} if all(map(_is_item, items)):
                return items, revision
            case _:
                raise self._senseless(path)

    def _ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401  any JSON value
        request = urllib.request.Request(  # noqa: S310  the settings allow http and https alone
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/json", "Content-Type": "application/json", "Node-RED-API-Version": "v2"}
            | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
            | (headers or {}),
        )
        try:
            with _DIRECT.open(request, timeout=self.timeout) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise self._refused(error, method, path) from error
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):  # also while it is connected to: one that hangs accepts only so many
                message = f"Node-RED at {self.url} did not answer {method} {path} within {self.timeout:g} s"
                raise NodeRedSilent(message) from error
            message = f"Node-RED at {self.url} cannot be reached: {getattr(reason, 'strerror', None) or reason!s}"
            raise NodeRedUnreachable(message) from error
        except ValueError as error:  # no JSON, or not even UTF-8
            raise self._senseless(path) from error

    def _refused(self, error: urllib.error.HTTPError, method: str, path: str) -> NodeRedFault:
        with error:
            try:
                told = json.loads(error.read(4_096))
            except (OSError, HTTPException, ValueError):
                told = None
        if error.code == _CONFLICT:
            return _Conflict(path)
        reason = told.get("message") or told.get("code") if isinstance(told, dict) else None
        message = f"Node-RED at {self.url} refuses {method} {path} with {error.code} ({reason or error.reason})"
        remedy = _REMEDIES.get(error.code)
        return NodeRedFault(f"{message}; {remedy}" if remedy else message)

    def _senseless(self, path: str) -> NodeRedFault:
        return NodeRedFault(f"what answers at {self.url}{path} is not the admin API of a Node-RED 1.0 or newer")


def _is_item(found: object) -> bool:
    return isinstance(found, dict) and isinstance(found.get("id"), str) and isinstance(found.get("type"), str)
