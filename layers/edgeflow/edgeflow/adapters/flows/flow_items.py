"""Flows and published versions, read from items of the table. What cannot be read raises ``ValueError``."""

import re

from edgeflow.adapters.attributes import (
    Item,
    document,
    mapping,
    optional_text,
    optional_texts,
    optional_whole,
    text,
    texts,
    whole,
)
from edgeflow.adapters.flows.stored_definitions import read_definition
from edgeflow.adapters.keys import VERSION_PREFIX, number_of, record_of
from edgeflow.contract.ids import FLOW_ID_PATTERN
from edgeflow.domain.flows import Flow, FlowState, FlowVersion, Signature

MAX_VERSION = 99_999_999
"""What the key of a version has room for."""


def read_flow(item: Item) -> Flow:
    """Return the flow that an item is."""
    _, flow_id, _ = record_of(item)
    archived_from = optional_text(item, "archived_from")
    return Flow(
        id=flow_id,
        name=text(item, "name"),
        description=text(item, "description"),
        tags=texts(item, "tags"),
        state=FlowState(text(item, "state")),
        definition=read_definition(document(item, "definition")),
        revision=whole(item, "revision"),
        created_at=text(item, "created_at"),
        created_by=text(item, "created_by"),
        updated_at=text(item, "updated_at"),
        slug=optional_text(item, "slug"),
        latest_version=optional_whole(item, "latest_version", least=1, most=MAX_VERSION),
        archived_from=FlowState(archived_from) if archived_from else None,
        open_deployments=frozenset(optional_texts(item, "open_deployments")),
    )


def read_slug(item: Item) -> str:
    """Return the id of the flow that has the slug that an item is."""
    flow_id = text(item, "flow_id")
    if not re.fullmatch(FLOW_ID_PATTERN, flow_id):
        message = "flow_id is no flow's id"
        raise ValueError(message)
    return flow_id


def read_version(item: Item) -> FlowVersion:
    """Return the published version that an item is."""
    _, _, flow_id = record_of(item)
    return FlowVersion(
        flow_id=flow_id,
        version=number_of(item, VERSION_PREFIX),
        sha256=text(item, "sha256"),
        size=whole(item, "size"),
        published_at=text(item, "published_at"),
        published_by=text(item, "published_by"),
        signature=read_signature(item),
    )


def read_signature(item: Item) -> Signature | None:
    """Return the signature among an item's attributes; None where there is none."""
    if item.get("signature") is None:
        return None
    signature = mapping(item, "signature")
    return Signature(key=text(signature, "key"), value=text(signature, "value"))
