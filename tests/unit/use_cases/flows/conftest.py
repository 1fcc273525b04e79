"""Flows in the table: a draft, what its history tells, and stand-ins for the bucket and the key."""

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.history.events import FlowEvent
from edgeflow.domain.errors import NotFound
from edgeflow.domain.flows import Flow, Signature
from edgeflow.domain.history import caller
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.delete_flow import DeleteFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from tests.support.clock import FixedClock
from tests.support.readable import all_read

AUTHOR, EDITOR = caller("author", subject="sub-1"), caller("editor", subject="sub-2")
DEFINITION = Definition(nodes=(Node(id="n1", type="debug"),))


class NoBucket:
    """Keeps no bytes: histories do not need them."""

    def write(self, sha256: str, content: bytes) -> None:
        """Take them."""

    def definition(self, sha256: str) -> Definition:
        """Have none."""
        raise NotFound(sha256)


class NoKey:
    """Signs nothing, as its word is not asked for here."""

    def sign(self, statement: bytes) -> Signature:  # noqa: ARG002  part of the port
        """Return something of the form of a signature."""
        return Signature(key="0" * 64, value="AAAA")


@pytest.fixture
def flow_id(table: Table, clock: FixedClock) -> str:
    """A draft by AUTHOR."""
    create = CreateFlow(FlowStore(table), clock)
    return create(name="Alert", description="", tags=(), definition=DEFINITION, caller=AUTHOR).id


def delete_flow(table: Table, clock: FixedClock) -> DeleteFlow:
    """Return the operation over the table."""
    return DeleteFlow(FlowStore(table), DeviceStore(table), InstallStore(table), clock)


def told(table: Table, flow_id: str) -> list[FlowEvent]:
    """Return a flow's whole history."""
    events, _ = HistoryStore(table).of_flow(flow_id, limit=100)
    return all_read(events)


def published(table: Table, clock: FixedClock, flow_id: str) -> Flow:
    """Publish the draft; returns the flow."""
    return PublishFlow(FlowStore(table), NoBucket(), NoKey(), clock)(flow_id, caller=EDITOR, expected=None)
