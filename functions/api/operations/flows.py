"""Operations of ``/v1/flows``."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from api.operations.operation import JSON, Operation, Scope
from edgeflow.contract.rest import flows as rest
from edgeflow.contract.rest.events import FlowEventPage
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE
from edgeflow.contract.rest.paging import PageQuery

_READ: Final = partial(Operation, scope=Scope.READ)
_WATCH: Final = partial(_READ, conditions=("If-None-Match",), tagged=True)
_WRITE: Final = partial(Operation, scope=Scope.FLOWS)
_CHANGE: Final = partial(_WRITE, conditions=("If-Match",), answer=rest.FlowView, tagged=True)
_MOVE: Final = partial(_CHANGE, once=True)

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/v1/flows": {
        "GET": _WATCH(
            id="listFlows",
            summary="List flows, newest or oldest first",
            query=rest.ListFlows,
            answer=rest.FlowPage,
        ),
        "POST": _WRITE(
            id="createFlow",
            summary="Create a draft",
            body=rest.CreateFlow,
            once=True,
            status=HTTPStatus.CREATED,
            answer=rest.FlowView,
            tagged=True,
            located=True,
        ),
    },
    "/v1/flows/<flow_id>": {
        "DELETE": _WRITE(
            id="deleteFlow",
            summary="Delete a flow with its versions",
            conditions=("If-Match",),
            status=HTTPStatus.NO_CONTENT,
        ),
        "GET": _WATCH(id="readFlow", summary="Show a flow with its definition", answer=rest.FlowView),
        "PATCH": _CHANGE(
            id="patchFlow",
            summary="Change some of a draft's content, by a merge patch",
            body=rest.PatchFlow,
            body_types=(MERGE_PATCH_CONTENT_TYPE, JSON),
        ),
        "PUT": _CHANGE(id="updateFlow", summary="Replace a draft's content", body=rest.UpdateFlow),
    },
    "/v1/flows/<flow_id>/publish": {
        "POST": _MOVE(id="publishFlow", summary="Freeze the draft as the next version"),
    },
    "/v1/flows/<flow_id>/draft": {
        "POST": _MOVE(id="draftFlow", summary="Open the next draft of a published flow"),
    },
    "/v1/flows/<flow_id>/archive": {
        "POST": _MOVE(id="archiveFlow", summary="Hide a flow and stop it from being deployed"),
    },
    "/v1/flows/<flow_id>/restore": {
        "POST": _MOVE(id="restoreFlow", summary="Bring an archived flow back as it was"),
    },
    "/v1/flows/<flow_id>/versions": {
        "GET": _WATCH(
            id="listVersions",
            summary="List published versions, newest first",
            query=PageQuery,
            answer=rest.VersionPage,
        ),
    },
    "/v1/flows/<flow_id>/versions/<version>": {
        "GET": _READ(id="readVersion", summary="Show a published version with its definition", answer=rest.VersionView),
    },
    "/v1/flows/<flow_id>/events": {
        "GET": _READ(
            id="listFlowEvents",
            summary="List what happened to a flow, oldest first, also when it was deleted",
            query=PageQuery,
            answer=FlowEventPage,
        ),
    },
}
