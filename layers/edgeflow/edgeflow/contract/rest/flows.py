"""Requests and answers of ``/v1/flows``."""

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.flow import Definition
from edgeflow.contract.ids import Slug
from edgeflow.contract.rest.creation import CreationQuery, Several
from edgeflow.contract.rest.definition import DefinitionBody
from edgeflow.contract.rest.texts import ONE_LINE, SEEN, SOME_LINES
from edgeflow.contract.rest.unreadable import UnreadableFlow, UnreadableVersion

MAX_NAME_LENGTH: Final = 128
MAX_DESCRIPTION_LENGTH: Final = 2_048
MAX_TAGS: Final = 20
MAX_TAG_LENGTH: Final = 64

FlowName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH), ONE_LINE, SEEN
]
Description = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION_LENGTH), SOME_LINES]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TAG_LENGTH), ONE_LINE, SEEN]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]
FlowStatus = Literal["draft", "published", "archived"]
FlowStatuses = Annotated[Several[FlowStatus], Field(max_length=len(get_args(FlowStatus)))]


class CreateFlow(BaseModel):
    """Body of ``POST /v1/flows``. The definition may be incomplete: publishing checks it. A tag counts once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FlowName
    description: Description = ""
    tags: Tags = ()
    slug: Slug | None = None
    definition: DefinitionBody = DefinitionBody()


class _WrittenByEdgeFlow(BaseModel):
    """What a flow is read back with and no request sets: taken, so that what was read can be sent back as it came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    status: FlowStatus | None = None
    latest_version: int | None = None
    open_deployments: tuple[str, ...] | None = None
    created_at: str | None = None
    created_by: str | None = None
    updated_at: str | None = None


WRITTEN_BY_EDGEFLOW: Final = frozenset(_WrittenByEdgeFlow.model_fields)


class UpdateFlow(_WrittenByEdgeFlow):
    """Body of ``PUT /v1/flows/{flow_id}``: the whole new content, so the definition must be there.

    A ``slug`` that is left out stays, null takes it away.
    """

    name: FlowName
    description: Description = ""
    tags: Tags = ()
    slug: Slug | None = None
    definition: DefinitionBody


class PatchFlow(_WrittenByEdgeFlow):
    """What a merge patch makes of those keys of a flow that it touches."""

    name: FlowName | None = None
    description: Description = ""
    tags: Tags = ()
    slug: Slug | None = None
    definition: DefinitionBody = DefinitionBody()


class ListFlows(CreationQuery):
    """Parameters of ``GET /v1/flows``. ``tag`` is matched whole, ``name`` as a part, whatever the case.

    Without ``status`` archived flows are left out.
    """

    status: Annotated[
        FlowStatuses | None,
        Field(description="Flows in one of these states, with commas between; without it all that are not archived"),
    ] = None
    tag: Annotated[Tag | None, Field(description="Flows with this tag, matched whole")] = None
    name: Annotated[FlowName | None, Field(description="Flows with this in their name, whatever the case")] = None


class FlowSummary(BaseModel):
    """A flow in a list. ``latest_version`` is null before the first publishing, ``slug`` where it has none."""

    id: str
    name: str
    description: str
    tags: list[str]
    slug: str | None = None
    status: FlowStatus
    latest_version: int | None
    created_at: str
    created_by: str
    updated_at: str


class FlowView(FlowSummary):
    """A flow with its definition: the draft's, or what was published last."""

    definition: Definition
    open_deployments: list[str]


class FlowPage(BaseModel):
    """Answer of ``GET /v1/flows``. A page can be short, or empty, while ``next_cursor`` says there is more."""

    flows: list[FlowSummary | UnreadableFlow]
    next_cursor: str | None


class VersionSummary(BaseModel):
    """A published version in a list. ``sha256`` and ``size`` (bytes) are those of what devices download."""

    flow_id: str
    version: int
    sha256: str
    size: int
    published_at: str
    published_by: str


class VersionView(VersionSummary):
    """A published version with its definition."""

    definition: Definition


class VersionPage(BaseModel):
    """Answer of ``GET /v1/flows/{flow_id}/versions``, newest first."""

    versions: list[VersionSummary | UnreadableVersion]
    next_cursor: str | None
