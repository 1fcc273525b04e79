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

    name: Annotated[FlowName, Field(description="For people")]
    description: Annotated[Description, Field(description="For people; it may have several lines")] = ""
    tags: Annotated[Tags, Field(description="One given twice counts once")] = ()
    slug: Annotated[Slug | None, Field(description="A name for addresses that no other flow has; null: none")] = None
    definition: Annotated[
        DefinitionBody,
        Field(description="The graph; it may be incomplete until it is published"),
    ] = DefinitionBody()


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

    name: Annotated[FlowName, Field(description="For people")]
    description: Annotated[Description, Field(description="For people; it may have several lines")] = ""
    tags: Annotated[Tags, Field(description="One given twice counts once")] = ()
    slug: Annotated[
        Slug | None,
        Field(description="A name for addresses that no other flow has; left out, it stays, and null takes it away"),
    ] = None
    definition: Annotated[DefinitionBody, Field(description="The whole new graph")]


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

    id: Annotated[str, Field(description="By which it is named")]
    name: Annotated[str, Field(description="For people")]
    description: Annotated[str, Field(description="For people")]
    tags: Annotated[list[str], Field(description="Each once")]
    slug: Annotated[str | None, Field(description="Its name for addresses; null: none")] = None
    status: Annotated[FlowStatus, Field(description="Where it is in its life")]
    latest_version: Annotated[
        int | None,
        Field(description="The version that was published last; null until it is published"),
    ]
    created_at: Annotated[str, Field(description="When it was created")]
    created_by: Annotated[str, Field(description="By whom")]
    updated_at: Annotated[str, Field(description="When it was changed last")]


class FlowView(FlowSummary):
    """A flow with its definition: the draft's, or what was published last."""

    definition: Annotated[Definition, Field(description="The draft's, or what was published last")]
    open_deployments: Annotated[
        list[str],
        Field(description="Unfinished deployments, which keep it from being deleted"),
    ]


class FlowPage(BaseModel):
    """Answer of ``GET /v1/flows``. A page can be short, or empty, while ``next_cursor`` says there is more."""

    flows: list[FlowSummary | UnreadableFlow]
    next_cursor: str | None


class VersionSummary(BaseModel):
    """A published version in a list. ``sha256`` and ``size`` (bytes) are those of what devices download."""

    flow_id: Annotated[str, Field(description="The id of its flow")]
    version: Annotated[int, Field(description="Its number, from 1")]
    sha256: Annotated[str, Field(description="That of the bytes that devices download")]
    size: Annotated[int, Field(description="How many bytes devices download")]
    published_at: Annotated[str, Field(description="When it was published")]
    published_by: Annotated[str, Field(description="By whom")]


class VersionView(VersionSummary):
    """A published version with its definition."""

    definition: Definition


class VersionPage(BaseModel):
    """Answer of ``GET /v1/flows/{flow_id}/versions``, newest first."""

    versions: list[VersionSummary | UnreadableVersion]
    next_cursor: str | None
