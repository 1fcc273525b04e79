"""Lists of deployments: page after page, newest first, narrowed by filters."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import Deployment, DeploymentFilter, DeploymentStatus
from edgeflow.domain.errors import InvalidRequest
from edgeflow.domain.strategies import Strategy
from tests.support.history import ENTRY
from tests.support.readable import all_read
from tests.unit.adapters.builders import AT, FLOW, a_deployment, put_flow

pytestmark = pytest.mark.slow


def ids(deployments: Iterable[Deployment]) -> list[str]:
    return [deployment.id for deployment in deployments]


def test_the_list_is_newest_first_and_pages_without_an_empty_end(store: DeploymentStore) -> None:
    for number in range(4):
        store.create(a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z"), entry=ENTRY)
    first, position = store.page(limit=2)
    second, end = store.page(limit=2, after=position)
    assert ids(all_read(first)) == ["dep_3", "dep_2"]
    assert ids(all_read(second)) == ["dep_1", "dep_0"]
    assert end is None


def test_filters_narrow_the_list(store: DeploymentStore, table: Table) -> None:
    put_flow(table, flow_id="flow_other")
    store.create(a_deployment(id="dep_1"), entry=ENTRY)
    store.create(a_deployment(id="dep_2", strategy=Strategy.ALL_AT_ONCE), entry=ENTRY)
    store.create(a_deployment(id="dep_3", flow_id="flow_other"), entry=ENTRY)
    store.change_status("dep_1", allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)
    for wanted, found in (
        (DeploymentFilter(statuses=frozenset({DeploymentStatus.RUNNING})), ["dep_1"]),
        (DeploymentFilter(statuses=frozenset(DeploymentStatus)), ["dep_3", "dep_2", "dep_1"]),
        (DeploymentFilter(strategy=Strategy.ALL_AT_ONCE), ["dep_2"]),
        (DeploymentFilter(flow_id="flow_other"), ["dep_3"]),
        (DeploymentFilter(flow_id=FLOW, strategy=Strategy.ROLLING), ["dep_1"]),
    ):
        assert ids(all_read(store.page(limit=9, wanted=wanted)[0])) == found


def test_the_oldest_come_first_where_that_is_asked_for(store: DeploymentStore) -> None:
    for number in range(4):
        store.create(a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z"), entry=ENTRY)
    first, position = store.page(limit=3, oldest_first=True)
    second, end = store.page(limit=3, oldest_first=True, after=position)
    assert ids(all_read([*first, *second])) == ["dep_0", "dep_1", "dep_2", "dep_3"]
    assert end is None


def test_only_what_was_created_in_the_time_asked_for_is_read(store: DeploymentStore) -> None:
    for number in range(5):
        store.create(a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z"), entry=ENTRY)
    wanted = DeploymentFilter(
        created_from=datetime(2026, 2, 21, 12, tzinfo=UTC), created_to=datetime(2026, 2, 24, 12, tzinfo=UTC)
    )
    for oldest_first in (False, True):
        found, position = store.page(limit=2, wanted=wanted, oldest_first=oldest_first)
        rest, end = store.page(limit=2, wanted=wanted, oldest_first=oldest_first, after=position)
        assert sorted(ids(all_read([*found, *rest]))) == ["dep_1", "dep_2", "dep_3"]
        assert end is None
    _, outside = store.page(limit=1)
    with pytest.raises(InvalidRequest, match="cursor"):
        store.page(limit=2, wanted=wanted, after=outside)


def test_filtered_pages_reach_everything_that_fits(store: DeploymentStore) -> None:
    for number in range(9):
        strategy = Strategy.ALL_AT_ONCE if number % 3 == 0 else Strategy.ROLLING
        store.create(
            a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z", strategy=strategy),
            entry=ENTRY,
        )
    found, position = store.page(limit=2, wanted=DeploymentFilter(strategy=Strategy.ALL_AT_ONCE))
    rest, end = store.page(limit=2, wanted=DeploymentFilter(strategy=Strategy.ALL_AT_ONCE), after=position)
    assert ids(all_read([*found, *rest])) == ["dep_6", "dep_3", "dep_0"]
    assert end is None


def test_a_position_nobody_gave_is_refused(store: DeploymentStore) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        store.page(limit=2, after="nonsense")
