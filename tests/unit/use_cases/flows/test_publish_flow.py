"""Publishing: checked, its bytes kept and signed before its record is written, and once."""

from dataclasses import replace

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Connection, Definition
from edgeflow.domain.errors import Conflict, InvalidRequest, NotFound, PreconditionFailed, Unavailable
from edgeflow.domain.flows import FlowContent, FlowState, Signature
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, DEFINITION, EDITOR, NoBucket, NoKey, published, told


class Bucket(NoBucket):
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def write(self, sha256: str, content: bytes) -> None:
        self.kept[sha256] = content


class BusyKey(NoKey):
    """Signs nothing at this moment."""

    def sign(self, statement: bytes) -> Signature:
        raise Unavailable(statement)


def test_a_version_has_its_bytes_and_its_signature(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows, bucket = FlowStore(table), Bucket()
    after = PublishFlow(flows, bucket, NoKey(), clock)(flow_id, caller=EDITOR, expected=frozenset({1}))
    version = flows.get_version(flow_id, 1)
    assert (after.state, after.latest_version) == (FlowState.PUBLISHED, 1)
    assert {version.sha256: version.size} == {sha256: len(content) for sha256, content in bucket.kept.items()}
    assert (version.signature, version.published_by) == (NoKey().sign(b""), EDITOR.name)


def test_where_nothing_can_be_signed_no_version_is_written_and_the_next_try_makes_it(
    table: Table, clock: FixedClock, flow_id: str
) -> None:
    flows = FlowStore(table)
    with pytest.raises(Unavailable):
        PublishFlow(flows, NoBucket(), BusyKey(), clock)(flow_id, caller=EDITOR, expected=None)
    assert flows.get(flow_id).state is FlowState.DRAFT
    with pytest.raises(NotFound):
        flows.get_version(flow_id, 1)
    assert published(table, clock, flow_id).latest_version == 1


def test_publishing_again_changes_nothing_whatever_revision_is_expected(
    table: Table, clock: FixedClock, flow_id: str
) -> None:
    first = published(table, clock, flow_id)
    clock.advance(seconds=5)
    again = PublishFlow(FlowStore(table), NoBucket(), NoKey(), clock)(flow_id, caller=AUTHOR, expected=frozenset({1}))
    assert again == first
    assert [event.type for event in told(table, flow_id)] == ["created", "published"]


def test_what_is_not_sound_keeps_no_bytes(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows, bucket = FlowStore(table), Bucket()
    publish = PublishFlow(flows, bucket, NoKey(), clock)
    with pytest.raises(PreconditionFailed):
        publish(flow_id, caller=EDITOR, expected=frozenset({2}))
    broken = replace(
        FlowContent(name="Alert", description="", tags=(), definition=DEFINITION),
        definition=Definition(nodes=DEFINITION.nodes, connections=(Connection(source="n1", target="n9"),)),
    )
    UpdateFlow(flows, clock)(flow_id, lambda _: broken, caller=EDITOR, expected=None)
    with pytest.raises(InvalidRequest):
        publish(flow_id, caller=EDITOR, expected=None)
    ArchiveFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    with pytest.raises(Conflict):
        publish(flow_id, caller=EDITOR, expected=None)
    assert bucket.kept == {}
