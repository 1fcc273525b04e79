"""Races between those who change a flow: one wins, the others are told."""

import boto3
import pytest

from edgeflow.adapters.flows.artifact_store import ArtifactStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition, Node
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.flows import Action, Flow, FlowFilter, FlowState, FlowVersion, moved
from edgeflow.domain.history import Entry, caller
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.read_flows import ReadFlows
from tests.support.clock import FixedClock
from tests.support.history import ENTRY
from tests.support.readable import all_read

OPERATOR = caller("operator")
AT = "2026-02-21T12:00:00.000Z"
DEFINITION = Definition(nodes=(Node(id="n1", type="debug"),))


@pytest.fixture
def flows(table: Table) -> FlowStore:
    """The store of flows, empty."""
    return FlowStore(table)


@pytest.fixture
def artifacts(bucket: str) -> ArtifactStore:
    """The store of artifacts, empty."""
    return ArtifactStore(boto3.client("s3"), bucket)


@pytest.fixture
def signer(signing_key: str) -> KmsSigner:
    """The signer of the stack."""
    return KmsSigner(boto3.client("kms"), signing_key)


def _create(flows: FlowStore, clock: FixedClock, name: str = "Alert") -> Flow:
    return CreateFlow(flows, clock)(name=name, description="", tags=(), definition=DEFINITION, caller=OPERATOR)


def test_of_two_changes_of_one_revision_the_first_wins(flows: FlowStore, clock: FixedClock) -> None:
    flow = _create(flows, clock)
    flows.save(moved(flow, Action.ARCHIVE, at=AT), entry=ENTRY)
    with pytest.raises(Conflict, match="at the same moment"):
        flows.save(moved(flow, Action.ARCHIVE, at=AT), entry=ENTRY)
    assert flows.get(flow.id).revision == 2


def test_a_change_of_a_flow_that_is_gone_is_not_found(flows: FlowStore, clock: FixedClock) -> None:
    flow = _create(flows, clock)
    flows.delete(flow.id, revisions=None, entry=ENTRY)
    with pytest.raises(NotFound):
        flows.save(moved(flow, Action.ARCHIVE, at=AT), entry=ENTRY)


def test_a_change_leaves_the_deployments_of_the_flow_alone(flows: FlowStore, table: Table, clock: FixedClock) -> None:
    flow = _create(flows, clock)
    table.update((f"FLOW#{flow.id}", "FLOW"), "ADD open_deployments :id", values={":id": {"dep_1"}})
    flows.save(moved(flow, Action.ARCHIVE, at=AT), entry=ENTRY)
    assert flows.get(flow.id).open_deployments == {"dep_1"}


class _Rival(FlowStore):
    """Somebody else publishes the same just before our own record is written."""

    def publish(self, flow: Flow, version: FlowVersion, *, entry: Entry) -> None:
        """Write it twice, as two who read the same revision would."""
        super().publish(flow, version, entry=entry)
        super().publish(flow, version, entry=entry)


def test_two_who_publish_the_same_at_the_same_moment_make_one_version(
    table: Table, artifacts: ArtifactStore, signer: KmsSigner, clock: FixedClock
) -> None:
    flows = _Rival(table)
    flow = _create(flows, clock)
    after = PublishFlow(flows, artifacts, signer, clock)(flow.id, caller=OPERATOR, expected=None)
    assert (after.state, after.latest_version) == (FlowState.PUBLISHED, 1)
    assert [version.version for version in all_read(flows.versions(flow.id, limit=10)[0])] == [1]


def test_a_publishing_that_died_before_its_record_is_completed_by_the_next(
    flows: FlowStore, artifacts: ArtifactStore, signer: KmsSigner, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = _create(flows, clock)
    publish = PublishFlow(flows, artifacts, signer, clock)
    with monkeypatch.context() as dying:
        dying.setattr(flows, "publish", _die)
        with pytest.raises(KeyboardInterrupt):
            publish(flow.id, caller=OPERATOR, expected=None)
    assert flows.get(flow.id).state is FlowState.DRAFT
    assert publish(flow.id, caller=OPERATOR, expected=None).latest_version == 1
    record, definition = ReadFlows(flows, artifacts).version(flow.id, 1)
    assert definition == DEFINITION
    assert flows.artifact(flow.id, 1).sha256 == record.sha256


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_delete_that_died_after_the_flow_is_completed_by_the_next(
    flows: FlowStore, artifacts: ArtifactStore, signer: KmsSigner, table: Table, clock: FixedClock
) -> None:
    flow = _create(flows, clock)
    PublishFlow(flows, artifacts, signer, clock)(flow.id, caller=OPERATOR, expected=None)
    table.delete((f"FLOW#{flow.id}", "FLOW"))
    flows.delete(flow.id, revisions=None, entry=ENTRY)
    assert list(table.query_all(f"FLOW#{flow.id}")) == []
    with pytest.raises(NotFound):
        flows.delete(flow.id, revisions=None, entry=ENTRY)


def test_a_version_that_is_not_there_is_not_found(flows: FlowStore, clock: FixedClock) -> None:
    flow = _create(flows, clock)
    with pytest.raises(NotFound, match="version 1"):
        flows.artifact(flow.id, 1)


@pytest.mark.slow
def test_a_page_goes_on_behind_many_that_do_not_match(flows: FlowStore, clock: FixedClock) -> None:
    wanted = _create(flows, clock, name="Needle")
    for number in range(120):
        clock.advance(seconds=1)
        _create(flows, clock, name=f"Hay {number}")
    found, position = flows.page(limit=5, wanted=FlowFilter(name="needle"))
    assert [flow.id for flow in found] == [wanted.id]
    assert position is None
