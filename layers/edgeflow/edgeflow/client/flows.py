"""``/v1/flows``."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from edgeflow.client.session import Session, if_match, path_of, read, written
from edgeflow.contract.history.events import FlowEvent
from edgeflow.contract.rest.events import FlowEventPage
from edgeflow.contract.rest.flows import (
    CreateFlow,
    FlowPage,
    FlowSummary,
    FlowView,
    ListFlows,
    UpdateFlow,
    VersionPage,
    VersionSummary,
    VersionView,
)
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE
from edgeflow.contract.rest.unreadable import UnreadableEvent, UnreadableFlow, UnreadableVersion


class Flow(FlowView):
    """A flow and its ``etag``, with which a later request acts only if it is still the same."""

    etag: str


class Flows:
    """Drafts, their versions and histories. Where ``etag`` is given, a flow that has changed since is refused (412).

    ``flow_id`` is a flow's id, or ``slug:`` and its slug.
    """

    def __init__(self, session: Session) -> None:
        """Ask by this session."""
        self._session = session

    def list(self, query: ListFlows | None = None) -> Iterator[FlowSummary | UnreadableFlow]:
        """Yield every flow that the query asks for, newest first unless it asks otherwise, page after page."""
        for page in self._session.pages("/flows", FlowPage, query):
            yield from page.flows

    def get(self, flow_id: str) -> Flow:
        """Return a flow with its definition: the draft's, or what was published last."""
        return _flow(self._session.send("GET", path_of("flows", flow_id)))

    def create(self, body: CreateFlow, *, idempotency_key: str | None = None) -> FlowView:
        """Create a draft."""
        return self._session.post("/flows", FlowView, body, idempotency_key=idempotency_key)

    def replace(self, flow_id: str, body: UpdateFlow, *, etag: str | None = None) -> Flow:
        """Replace a draft's whole content."""
        return self._change("PUT", flow_id, written(body), if_match(etag))

    def update(self, flow_id: str, patch: Mapping[str, Any], *, etag: str | None = None) -> Flow:
        """Change some of a draft's content, by a JSON Merge Patch (RFC 7396)."""
        headers = {"Content-Type": MERGE_PATCH_CONTENT_TYPE, **if_match(etag)}
        return self._change("PATCH", flow_id, dict(patch), headers)

    def delete(self, flow_id: str, *, etag: str | None = None) -> None:
        """Delete a flow with its versions."""
        self._session.send("DELETE", path_of("flows", flow_id), headers=if_match(etag))

    def publish(self, flow_id: str, *, etag: str | None = None) -> FlowView:
        """Freeze the draft as the next version; its number is ``latest_version`` of the answer."""
        return self._move(flow_id, "publish", etag)

    def draft(self, flow_id: str, *, etag: str | None = None) -> FlowView:
        """Open the next draft of a published flow."""
        return self._move(flow_id, "draft", etag)

    def archive(self, flow_id: str, *, etag: str | None = None) -> FlowView:
        """Hide it, and stop it from being deployed."""
        return self._move(flow_id, "archive", etag)

    def restore(self, flow_id: str, *, etag: str | None = None) -> FlowView:
        """Bring an archived flow back as it was."""
        return self._move(flow_id, "restore", etag)

    def versions(self, flow_id: str) -> Iterator[VersionSummary | UnreadableVersion]:
        """Yield the published versions, newest first."""
        for page in self._session.pages(path_of("flows", flow_id, "versions"), VersionPage):
            yield from page.versions

    def version(self, flow_id: str, version: int) -> VersionView:
        """Return one published version with its definition."""
        return self._session.get(path_of("flows", flow_id, "versions", version), VersionView)

    def events(self, flow_id: str) -> Iterator[FlowEvent | UnreadableEvent]:
        """Yield what happened to a flow, oldest first; also when it was deleted."""
        for page in self._session.pages(path_of("flows", flow_id, "events"), FlowEventPage):
            yield from page.events

    def _change(self, method: str, flow_id: str, body: object, headers: Mapping[str, str]) -> Flow:
        return _flow(self._session.send(method, path_of("flows", flow_id), body=body, headers=headers))

    def _move(self, flow_id: str, move: str, etag: str | None) -> FlowView:
        return self._session.post(path_of("flows", flow_id, move), FlowView, etag=etag)


def _flow(answer: httpx.Response) -> Flow:
    view = read(answer, FlowView)
    return Flow(**dict(view), etag=answer.headers.get("ETag", ""))
