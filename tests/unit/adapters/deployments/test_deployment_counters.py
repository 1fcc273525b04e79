"""The counters of a deployment in an item of their own: written alone, read with it, and moved there once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from benchmarks.cost.meter import Meter
from benchmarks.cost.prices import Item as Price
from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Item, Table
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.unreadable import Kind, Unreadable
from tests.support.history import ENTRY
from tests.support.readable import all_read
from tests.unit.adapters.builders import AT, DEP, a_deployment
from tests.unit.adapters.damage import damage

pytestmark = pytest.mark.slow

SUCCESS, FAILED = TargetStatus.SUCCESS, TargetStatus.FAILED


def own_item(table: Table) -> Item:
    """Return the deployment's own item."""
    item = table.get(keys.deployment_key(DEP))
    assert item is not None
    return item


def counted_before(table: Table, **counters: Any) -> None:  # noqa: ANN401  numbers, and a position
    """Make the deployment one that the release before has counted: in its own item."""
    table.put(own_item(table) | counters)


def move(store: DeploymentStore, to: DeploymentStatus) -> None:
    store.change_status(DEP, allowed=DeploymentStatus, to=to, reason="moved", at=AT, entry=ENTRY)


def test_counting_makes_no_deployment_and_no_counters(store: DeploymentStore, table: Table) -> None:
    with pytest.raises(NotFound):
        store.count(DEP, {SUCCESS: 1}, first="0001", last="0001")
    assert table.get(keys.counters_key(DEP)) is None


# --- an item of their own


def test_a_count_is_one_write_of_one_unit_and_leaves_the_deployment_s_own_item_alone(
    running: DeploymentStore, table: Table
) -> None:
    assert running.count(DEP, {SUCCESS: 1}, first="1", last="1") is None
    before, meter, client = own_item(table), Meter(table.name), boto3.client("dynamodb")
    with meter.on(client):
        DeploymentStore(Table(client, table.name)).count(DEP, {SUCCESS: 1}, first="2", last="2")
    assert meter.counted[Price.WRITES] == 1
    assert own_item(table) == before
    assert running.get(DEP).counts == {SUCCESS: 2}


def test_a_deployment_is_read_with_its_counters_by_one_query_of_one_unit(
    running: DeploymentStore, table: Table
) -> None:
    running.count(DEP, {SUCCESS: 1}, first="1", last="1")
    meter, client = Meter(table.name), boto3.client("dynamodb")
    with meter.on(client):
        assert DeploymentStore(Table(client, table.name)).get(DEP).counts == {SUCCESS: 1}
    assert meter.requests == {"Query": 1}
    assert meter.counted[Price.READS] == 1


def test_lists_show_the_counters_of_each_deployment(store: DeploymentStore) -> None:
    for number in range(3):
        store.create(a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z"), entry=ENTRY)
        store.change_status(
            f"dep_{number}", allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY
        )
    store.count("dep_0", {SUCCESS: 2}, first="1", last="1")
    store.count("dep_2", {FAILED: 1}, first="1", last="1")
    counts = [{FAILED: 1}, {}, {SUCCESS: 2}]
    assert [each.counts for each in all_read(store.page(limit=9)[0])] == counts
    assert [each.counts for each in all_read(list(store.unfinished()))] == counts[::-1]


def test_what_a_change_of_status_is_told_with_are_the_counters_at_that_moment(
    running: DeploymentStore, table: Table
) -> None:
    running.count(DEP, {SUCCESS: 2}, first="1", last="2")
    move(running, DeploymentStatus.PAUSED)
    assert read_deployment(own_item(table)).counts == {SUCCESS: 2}, "the stream tells the item as it is"
    running.count(DEP, {SUCCESS: -1, FAILED: 1}, first="3", last="3")
    assert read_deployment(own_item(table)).counts == {SUCCESS: 2}, "a count is no change of status"
    move(running, DeploymentStatus.FAILED)
    assert read_deployment(own_item(table)).counts == running.get(DEP).counts == {SUCCESS: 1, FAILED: 1}


def test_a_change_answers_with_the_counters_as_they_are(running: DeploymentStore) -> None:
    running.watch(DEP, "token")
    running.count(DEP, {SUCCESS: 2}, first="1", last="2")
    promoted = running.promote(DEP, "token", entry=ENTRY)
    assert promoted is not None
    assert promoted.counts == {SUCCESS: 2}


def test_counters_go_with_their_deployment_and_are_not_made_again(running: DeploymentStore, table: Table) -> None:
    running.count(DEP, {SUCCESS: 2}, first="1", last="2")
    running.remove(running.remains(DEP), entry=ENTRY)
    with pytest.raises(NotFound):
        running.count(DEP, {SUCCESS: 1}, first="3", last="3")
    assert list(table.query_all(keys.deployment_partition(DEP))) == []


# --- of the release before, which counted in the deployment's own item


def test_a_deployment_that_was_under_way_is_shown_and_goes_on_where_it_was(
    running: DeploymentStore, table: Table
) -> None:
    counted_before(table, count_success=5, count_failed=1, checkpoint="0007")
    for found in (running.get(DEP), *all_read(running.page(limit=1)[0]), *all_read(list(running.unfinished()))):
        assert found.counts == {SUCCESS: 5, FAILED: 1}
    move(running, DeploymentStatus.PAUSED)
    assert running.get(DEP).counts == {SUCCESS: 5, FAILED: 1}
    assert running.count(DEP, {SUCCESS: 3}, first="0006", last="0008") == "0007", "what was counted then is known"
    assert running.count(DEP, {SUCCESS: 1}, first="0008", last="0008") is None
    assert running.count(DEP, {SUCCESS: 1}, first="0008", last="0008") == "0008"
    move(running, DeploymentStatus.RUNNING)
    assert running.get(DEP).counts == {SUCCESS: 6, FAILED: 1}
    assert read_deployment(own_item(table)).counts == {SUCCESS: 6, FAILED: 1}


@pytest.mark.parametrize("before", [{}, {"count_success": 5, "checkpoint": "0007"}], ids=["new", "counted before"])
def test_of_many_that_make_the_counters_and_count_at_once_one_counts(
    running: DeploymentStore, table: Table, before: dict[str, Any]
) -> None:
    counted_before(table, **before)
    with ThreadPoolExecutor(8) as pool:
        counted = pool.map(lambda _: running.count(DEP, {SUCCESS: 1}, first="0008", last="0008"), range(8))
    assert sorted(each or "" for each in counted) == ["", *["0008"] * 7]
    assert running.get(DEP).counts == {SUCCESS: before.get("count_success", 0) + 1}


def test_what_the_release_before_counts_last_is_not_lost(
    running: DeploymentStore, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted_before(table, count_success=5, checkpoint="0007")
    transact = table.transact

    def counted_meanwhile(actions: list[Any]) -> None:
        monkeypatch.setattr(table, "transact", transact)
        table.put(own_item(table) | {"count_success": 6, "checkpoint": "0008"})
        transact(actions)

    monkeypatch.setattr(table, "transact", counted_meanwhile)
    assert running.count(DEP, {SUCCESS: 1}, first="0008", last="0008") == "0008"
    assert running.get(DEP).counts == {SUCCESS: 6}


# --- damaged


def test_what_cannot_be_added_to_says_which_deployment_it_is_of(running: DeploymentStore, table: Table) -> None:
    running.count(DEP, {SUCCESS: 1}, first="1", last="1")
    damage(table, keys.counters_key(DEP), count_failed="many")
    with pytest.raises(CannotBeRead, match=f"deployment {DEP} cannot be read .*DELETE /v1/deployments/{DEP}"):
        running.count(DEP, {FAILED: 1}, first="2", last="2")


@pytest.mark.parametrize(
    ("attribute", "flaw"), [("count_failed", "many"), ("count_success", -(2**60)), ("checkpoint", 7)]
)
def test_damaged_counters_are_a_deployment_that_cannot_be_read(
    running: DeploymentStore, table: Table, attribute: str, flaw: object
) -> None:
    running.count(DEP, {SUCCESS: 1}, first="1", last="1")
    damage(table, keys.counters_key(DEP), **{attribute: flaw})
    with pytest.raises(CannotBeRead, match=f"{DEP} cannot be read .{attribute}"):
        running.get(DEP)
    with pytest.raises(CannotBeRead, match=DEP):
        move(running, DeploymentStatus.PAUSED)
    for listed in (running.page(limit=1)[0], list(running.unfinished())):
        (found,) = listed
        assert isinstance(found, Unreadable)
        assert (found.kind, found.id) == (Kind.DEPLOYMENT, DEP)
    running.remove(running.remains(DEP), entry=ENTRY)
    assert list(table.query_all(keys.deployment_partition(DEP))) == []


def test_counters_that_were_damaged_in_the_release_before_are_no_less_so_in_this(
    running: DeploymentStore, table: Table
) -> None:
    counted_before(table, count_failed="many", checkpoint="0007")
    with pytest.raises(CannotBeRead, match=DEP):
        running.get(DEP)
    with pytest.raises(CannotBeRead, match=DEP):
        running.count(DEP, {FAILED: 1}, first="0008", last="0008")
    with pytest.raises(CannotBeRead, match=DEP):
        running.get(DEP)
