"""Lists of flows: whatever is asked for, they give exactly what a look at every flow would."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters.flows import flow_list
from edgeflow.adapters.flows.flow_list import page_of_flows
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.keys import flow_key
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition
from edgeflow.domain.clock import timestamp
from edgeflow.domain.errors import InvalidRequest
from edgeflow.domain.flows import UNARCHIVED, Flow, FlowFilter, FlowState
from tests.support.history import ENTRY

pytestmark = pytest.mark.slow

NOON: Final = datetime(2026, 2, 21, 12, tzinfo=UTC)
MOST: Final = 8


@dataclass(frozen=True)
class MadeUp:
    """A flow in few words."""

    at: datetime
    state: FlowState | None
    """None: its record has one that is none of ours."""
    name: str
    tags: tuple[str, ...]

    def fits(self, wanted: FlowFilter) -> bool:
        """Tell whether it is looked for."""
        return (
            (self.state is None or self.state in wanted.states)
            and (wanted.tag is None or wanted.tag in self.tags)
            and (wanted.name is None or wanted.name.casefold() in self.name.casefold())
            and (wanted.created_from is None or self.at >= wanted.created_from)
            and (wanted.created_to is None or self.at < wanted.created_to)
        )


moments = st.integers(0, 4).map(lambda number: NOON + timedelta(milliseconds=number))
made_up = st.builds(
    MadeUp,
    at=moments,
    state=st.none() | st.sampled_from(FlowState),
    name=st.sampled_from(["Pump", "STRASSE", "pumps"]),
    tags=st.sampled_from([(), ("hot",), ("hot water",), ("hot", "cold")]),
)
filters = st.builds(
    FlowFilter,
    states=st.just(UNARCHIVED) | st.frozensets(st.sampled_from(FlowState), min_size=1),
    tag=st.none() | st.sampled_from(["hot", "cold"]),
    name=st.none() | st.sampled_from(["PUMP", "straße"]),
    created_from=st.none() | moments,
    created_to=st.none() | moments,
).filter(lambda wanted: not (wanted.created_from and wanted.created_to) or wanted.created_from < wanted.created_to)


def _id(number: int) -> str:
    return f"flow_{number}"


def _write(table: Table, flows: list[MadeUp]) -> None:
    for number in range(MOST):
        pk, _ = flow_key(_id(number))
        for partition in (pk, f"HISTORY#{_id(number)}"):
            for item in list(table.query_all(partition)):
                table.delete((item["pk"], item["sk"]))
    for number, each in enumerate(flows):
        _create(table, number, each)


def _create(table: Table, number: int, made: MadeUp) -> None:
    flow = Flow(
        id=_id(number),
        name=made.name,
        description="",
        tags=made.tags,
        state=made.state or FlowState.DRAFT,
        definition=Definition(),
        revision=1,
        created_at=timestamp(made.at),
        created_by="tests",
        updated_at=timestamp(made.at),
    )
    FlowStore(table).create(flow, entry=ENTRY)
    if made.state is None:
        table.update(flow_key(flow.id), "SET #s = :s", values={":s": "gone"}, names={"#s": "state"})


def _read(table: Table, *, limit: int, wanted: FlowFilter, oldest_first: bool) -> list[str]:
    found: list[str] = []
    after: str | None = None
    for _ in range(2 * MOST):
        page, after = page_of_flows(table, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first)
        assert len(page) <= limit
        found += [each.id for each in page]
        if after is None:
            return found
    pytest.fail("the list does not end")


@pytest.mark.parametrize("looked_at", [1, 100])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows=st.lists(made_up, max_size=MOST), wanted=filters, limit=st.integers(1, 4), oldest_first=st.booleans())
def test_a_filter_finds_what_a_look_at_every_flow_finds(
    *, table: Table, looked_at: int, flows: list[MadeUp], wanted: FlowFilter, limit: int, oldest_first: bool
) -> None:
    _write(table, flows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow_list, "LOOKED_AT_A_QUERY", looked_at)
        found = _read(table, limit=limit, wanted=wanted, oldest_first=oldest_first)
    fitting = [(each.at, _id(number)) for number, each in enumerate(flows) if each.fits(wanted)]
    assert found == [name for _, name in sorted(fitting, reverse=not oldest_first)]


def test_flows_in_any_state_are_asked_for_at_once(table: Table) -> None:
    for number, state in enumerate((*FlowState, None)):
        _create(table, number, MadeUp(at=NOON, state=state, name="Pump", tags=()))
    everything = FlowFilter(states=frozenset(FlowState))
    assert _read(table, limit=9, wanted=everything, oldest_first=True) == [_id(number) for number in range(4)]


def test_a_position_nobody_gave_is_refused(table: Table) -> None:
    with pytest.raises(InvalidRequest, match="list of flows"):
        page_of_flows(table, limit=2, after="nonsense", wanted=FlowFilter())
