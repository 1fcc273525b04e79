"""Deleting a flow: once, whatever comes in between, and its history is kept."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, EDITOR, delete_flow, told


def test_a_deleted_flow_is_deleted_once(table: Table, clock: FixedClock, flow_id: str) -> None:
    delete = delete_flow(table, clock)
    delete(flow_id, caller=EDITOR, expected=frozenset({1}))
    with pytest.raises(NotFound):
        delete(flow_id, caller=EDITOR, expected=None)
    assert [event.type for event in told(table, flow_id)] == ["created", "deleted"]


def test_a_change_that_comes_between_reading_and_deleting_is_looked_at(
    table: Table, clock: FixedClock, flow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = FlowStore(table)
    transact, first = Table.transact, iter([True, False, False])

    def archives_first(self: Table, actions: list[dict[str, object]]) -> None:
        if next(first):
            ArchiveFlow(rival, clock)(flow_id, caller=AUTHOR, expected=None)
        transact(self, actions)

    monkeypatch.setattr(Table, "transact", archives_first)
    delete_flow(table, clock)(flow_id, caller=EDITOR, expected=None)
    assert [(event.sequence, event.type) for event in told(table, flow_id)] == [
        (1, "created"),
        (2, "archived"),
        (3, "deleted"),
    ]
