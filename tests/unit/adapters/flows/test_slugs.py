"""Slugs: whoever comes at the same moment as somebody else, no two flows have the same, and none is lost."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters.flows.flow_items import read_flow
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.flows.slugs import Slugs
from edgeflow.adapters.keys import FLOWS_LIST, flow_key, slug_key
from edgeflow.adapters.table import BY_LIST, Table
from edgeflow.contract.flow import Definition
from edgeflow.domain.errors import CannotBeRead, Conflict, EdgeFlowError, NotFound
from edgeflow.domain.flows import Flow, FlowContent, edited
from edgeflow.domain.history import caller
from edgeflow.use_cases.flows.create_flow import CreateFlow
from tests.support.clock import FixedClock
from tests.support.history import ENTRY
from tests.unit.adapters.damage import damage

AT = "2026-02-21T12:00:00.000Z"


class Contested(Table):
    """A table in which somebody else writes just before a transaction does."""

    rival: Callable[[], object] | None = None

    def transact(self, actions: Any) -> None:  # noqa: ANN401  as Table has it
        """Let the other one go first, once."""
        rival, self.rival = self.rival, None
        if rival is not None:
            rival()
        super().transact(actions)


@pytest.fixture
def contested(table: Table) -> Contested:
    """The table, with room for somebody else."""
    return Contested(table._client, table.name)  # noqa: SLF001  the same table under other rules


def _create(table: Table, clock: FixedClock, slug: str | None) -> Flow:
    create = CreateFlow(FlowStore(table), clock)
    return create(name="A", description="", tags=(), definition=Definition(), caller=caller("o"), slug=slug)


def _with(flow: Flow, slug: str | None) -> Flow:
    content = FlowContent(name="A", description="", tags=(), definition=Definition(), slug=slug)
    return edited(flow, content, at=AT)


def _give(table: Table, flow: Flow, slug: str | None) -> None:
    FlowStore(table).edit(flow, _with(flow, slug), entry=ENTRY)


def _flows(table: Table) -> list[Flow]:
    return [read_flow(item) for item in table.query_all(FLOWS_LIST, index=BY_LIST)]


def _holders(table: Table, *slugs: str) -> dict[str, str]:
    """Return which flow has each of these slugs, after the flows were asked for theirs: both have to say the same."""
    found: dict[str, str] = {}
    for slug in slugs:
        item = table.get(slug_key(slug))
        if item is not None:
            found[slug] = item["flow_id"]
    assert {flow.slug: flow.id for flow in _flows(table) if flow.slug} == found
    return found


def test_of_two_who_create_with_one_slug_at_the_same_moment_one_does(contested: Contested, clock: FixedClock) -> None:
    contested.rival = lambda: _create(contested, clock, "line-3")
    with pytest.raises(Conflict, match=r"the slug line-3 is taken by flow flow_\w+; choose another"):
        _create(contested, clock, "line-3")
    first = FlowStore(contested).find("slug:line-3")
    assert [flow.id for flow in _flows(contested)] == [first]


def test_of_two_who_give_their_flows_one_slug_at_the_same_moment_one_does(
    contested: Contested, clock: FixedClock
) -> None:
    one, other = _create(contested, clock, None), _create(contested, clock, "old")
    contested.rival = lambda: _give(contested, one, "line-3")
    with pytest.raises(Conflict, match=f"taken by flow {one.id}"):
        _give(contested, other, "line-3")
    assert _holders(contested, "old", "line-3") == {"old": other.id, "line-3": one.id}


def test_of_two_who_change_one_flow_s_slug_the_later_frees_nothing(contested: Contested, clock: FixedClock) -> None:
    flow = _create(contested, clock, "old")

    def rivals() -> None:
        _give(contested, flow, "new")
        _create(contested, clock, "old")

    contested.rival = rivals
    with pytest.raises(Conflict, match="at the same moment"):
        _give(contested, flow, "newer")
    assert _holders(contested, "old", "new", "newer").keys() == {"old", "new"}


def test_a_slug_is_free_as_soon_as_its_flow_is_deleted(contested: Contested, clock: FixedClock) -> None:
    flow = _create(contested, clock, "line-3")
    FlowStore(contested).delete(flow.id, revisions=None, entry=ENTRY)
    with pytest.raises(NotFound, match="there is no flow slug:line-3"):
        Slugs(contested).flow_of("line-3")
    assert _holders(contested, "line-3") == {}
    after = _create(contested, clock, "line-3")
    assert _holders(contested, "line-3") == {"line-3": after.id}


def test_a_flow_whose_slug_changes_while_it_is_deleted_takes_the_new_one_with_it(
    contested: Contested, clock: FixedClock
) -> None:
    flow = _create(contested, clock, "old")
    contested.rival = lambda: _give(contested, flow, "new")
    FlowStore(contested).delete(flow.id, revisions=None, entry=ENTRY)
    assert _holders(contested, "old", "new") == {}


def test_a_slug_that_a_damaged_flow_has_left_behind_is_taken_over(table: Table, clock: FixedClock) -> None:
    flow = _create(table, clock, "line-3")
    damage(table, flow_key(flow.id), slug=7)
    FlowStore(table).delete(flow.id, revisions=None, entry=ENTRY)
    assert FlowStore(table).find("slug:line-3") == flow.id
    after = _create(table, clock, "line-3")
    assert _holders(table, "line-3") == {"line-3": after.id}


def test_a_damaged_flow_frees_no_slug_of_another(table: Table, clock: FixedClock) -> None:
    other, flow = _create(table, clock, "other"), _create(table, clock, "line-3")
    damage(table, flow_key(flow.id), slug="other", revision="first")
    FlowStore(table).delete(flow.id, revisions=None, entry=ENTRY)
    assert FlowStore(table).find("slug:other") == other.id


def test_a_damaged_record_of_a_slug_is_written_anew_by_its_flow(table: Table, clock: FixedClock) -> None:
    flow = _create(table, clock, "line-3")
    damage(table, slug_key("line-3"), flow_id=7)
    with pytest.raises(CannotBeRead, match="the record of the slug line-3 cannot be read"):
        Slugs(table).flow_of("line-3")
    with pytest.raises(Conflict, match="taken by a record that cannot be read"):
        _create(table, clock, "line-3")
    _give(table, flow, "line-4")
    _give(table, FlowStore(table).get(flow.id), "line-3")
    assert _holders(table, "line-3", "line-4") == {"line-3": flow.id}


_SLUGS = ("a", "b")
_STEP = st.tuples(
    st.sampled_from(["create", "read", "delete", "give", "give"]), st.integers(0, 2), st.sampled_from([*_SLUGS, None])
)


class Writers:
    """Who writes goes by what was read some steps ago, as those do who are slow."""

    def __init__(self, table: Table, clock: FixedClock) -> None:
        """Begin without a flow."""
        self.table, self.clock, self.made = table, clock, list[Flow]()

    def do(self, verb: str, number: int, slug: str | None) -> None:
        """Do one step, by what was read of the flow of this number; nothing where there is none yet."""
        if verb == "create":
            self.made.append(_create(self.table, self.clock, slug))
            assert slug is None or FlowStore(self.table).find(f"slug:{slug}") == self.made[-1].id
        elif number < len(self.made):
            self._do(verb, self.made[number], number, slug)

    def _do(self, verb: str, flow: Flow, number: int, slug: str | None) -> None:
        store = FlowStore(self.table)
        match verb:
            case "read":
                self.made[number] = store.get(flow.id)
            case "delete":
                store.delete(flow.id, revisions=None, entry=ENTRY)
            case _:
                _give(self.table, flow, slug)
                assert slug is None or store.find(f"slug:{slug}") == flow.id


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(_STEP, max_size=10))
def test_whatever_is_done_in_whatever_order_flows_and_slugs_say_the_same(
    table: Table, clock: FixedClock, steps: list[tuple[str, int, str | None]]
) -> None:
    writers = Writers(table, clock)
    for step in steps:
        before = _holders(table, *_SLUGS)
        try:
            writers.do(*step)
        except EdgeFlowError:
            assert _holders(table, *_SLUGS) == before
        _holders(table, *_SLUGS)
    for flow in writers.made:
        with suppress(NotFound):
            FlowStore(table).delete(flow.id, revisions=None, entry=ENTRY)
    assert _holders(table, *_SLUGS) == {}
