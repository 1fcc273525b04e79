"""The deployments of one device: page after page, by their creation, narrowed as the list of all is."""

from datetime import UTC, datetime

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.device_deployment_store import DeviceDeploymentStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import ANY_DEPLOYMENT, Deployment, DeploymentFilter, DeploymentStatus
from edgeflow.domain.errors import InvalidRequest
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Unreadable
from tests.support.history import ENTRY
from tests.unit.adapters.builders import a_deployment, a_target, put_flow
from tests.unit.adapters.damage import damage

pytestmark = pytest.mark.slow

DEVICE = "dev_1"


def planned(store: DeploymentStore, table: Table, number: int, *device_ids: str, **fields: object) -> Deployment:
    """Create a deployment of that day and plan it for those devices."""
    deployment = a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z", **fields)
    store.create(deployment, entry=ENTRY)
    for device_id in device_ids:
        TargetStore(table).add(deployment.id, a_target(device_id), created_at=deployment.created_at)
    return deployment


def listed(
    table: Table,
    *,
    limit: int = 9,
    wanted: DeploymentFilter = ANY_DEPLOYMENT,
    oldest_first: bool = False,
    device_id: str = DEVICE,
) -> list[list[str]]:
    """Return the ids of every page."""
    pages: list[list[str]] = []
    after: str | None = None
    while True:
        found, after = DeviceDeploymentStore(table).page(
            device_id, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first
        )
        pages.append([each.id for each in found])
        if after is None:
            return pages


def test_a_device_s_own_deployments_are_listed_and_no_others(store: DeploymentStore, table: Table) -> None:
    planned(store, table, 1, DEVICE, "dev_10")
    planned(store, table, 2, "dev_10")
    planned(store, table, 3, "dev_10", DEVICE)
    planned(store, table, 4)
    assert listed(table) == [["dep_3", "dep_1"]]
    assert listed(table, device_id="dev_10") == [["dep_3", "dep_2", "dep_1"]]
    assert listed(table, device_id="dev_2") == [[]]


@pytest.mark.parametrize(
    ("oldest_first", "pages"),
    [(False, [["dep_4", "dep_3"], ["dep_2", "dep_1"]]), (True, [["dep_1", "dep_2"], ["dep_3", "dep_4"]])],
)
def test_it_pages_from_either_end_without_an_empty_end(
    store: DeploymentStore, table: Table, *, oldest_first: bool, pages: list[list[str]]
) -> None:
    for number in (3, 1, 4, 2):  # planned in another order than they were created
        planned(store, table, number, DEVICE)
    assert listed(table, limit=2, oldest_first=oldest_first) == pages


def test_filters_narrow_it_as_they_narrow_the_list_of_all(store: DeploymentStore, table: Table) -> None:
    put_flow(table, flow_id="flow_other")
    planned(store, table, 1, DEVICE, status=DeploymentStatus.COMPLETED)
    planned(store, table, 2, DEVICE, strategy=Strategy.ALL_AT_ONCE)
    planned(store, table, 3, DEVICE, flow_id="flow_other", status=DeploymentStatus.FAILED)
    planned(store, table, 4, DEVICE, status=DeploymentStatus.COMPLETED)
    moments = [datetime(2026, 2, day, 12, tzinfo=UTC) for day in range(21, 25)]
    for wanted in (
        DeploymentFilter(statuses=frozenset({DeploymentStatus.COMPLETED})),
        DeploymentFilter(statuses=frozenset({DeploymentStatus.COMPLETED, DeploymentStatus.FAILED})),
        DeploymentFilter(statuses=frozenset({DeploymentStatus.PAUSED})),
        DeploymentFilter(strategy=Strategy.ALL_AT_ONCE),
        DeploymentFilter(flow_id="flow_other"),
        DeploymentFilter(flow_id="flow_other", strategy=Strategy.ALL_AT_ONCE),
        DeploymentFilter(created_from=moments[1], created_to=moments[3]),
        DeploymentFilter(created_from=moments[1], statuses=frozenset({DeploymentStatus.COMPLETED})),
    ):
        of_all, end = store.page(limit=9, wanted=wanted)
        assert end is None
        assert listed(table, wanted=wanted) == [[each.id for each in of_all]], wanted
        pages = listed(table, limit=1, wanted=wanted)
        assert [each for page in pages for each in page] == [each.id for each in of_all], wanted


def test_a_deployment_that_cannot_be_read_is_in_the_list_and_one_that_is_gone_is_not(
    store: DeploymentStore, table: Table
) -> None:
    for number in (1, 2, 3):
        planned(store, table, number, DEVICE)
    damage(table, keys.deployment_key("dep_2"), rules="none")
    table.delete(keys.deployment_key("dep_3"))
    for wanted in (ANY_DEPLOYMENT, DeploymentFilter(statuses=frozenset({DeploymentStatus.PENDING}))):
        found, end = DeviceDeploymentStore(table).page(DEVICE, limit=9, after=None, wanted=wanted, oldest_first=False)
        assert [(type(each), each.id) for each in found] == [(Unreadable, "dep_2"), (Deployment, "dep_1")]
        assert end is None


def test_a_deployment_whose_status_is_no_text_fits_no_filter(store: DeploymentStore, table: Table) -> None:
    planned(store, table, 1, DEVICE)
    damage(table, keys.deployment_key("dep_1"), status={"odd": ["?"]})
    assert listed(table, wanted=DeploymentFilter(statuses=frozenset(DeploymentStatus))) == [[]]


def test_targets_of_before_there_was_the_index_are_not_found(store: DeploymentStore, table: Table) -> None:
    planned(store, table, 1, DEVICE)
    key = keys.target_key("dep_1", DEVICE)
    item = table.get(key) or {}
    table.put({name: value for name, value in item.items() if not name.startswith("gsi2")})
    assert listed(table) == [[]]


def test_a_deployment_that_was_removed_is_gone_from_it(store: DeploymentStore, table: Table) -> None:
    planned(store, table, 1, DEVICE)
    store.remove(store.remains("dep_1"), entry=ENTRY)
    assert listed(table) == [[]]


@pytest.mark.parametrize("after", ["nonsense", "#dep_1", "2026-02-21T12:00:00.000Z#", "~#dep_1"])
def test_a_position_that_no_page_gave_is_refused(table: Table, after: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        DeviceDeploymentStore(table).page(DEVICE, limit=2, after=after, wanted=ANY_DEPLOYMENT, oldest_first=False)


def test_a_position_of_another_time_is_refused(table: Table) -> None:
    wanted = DeploymentFilter(created_from=datetime(2026, 2, 22, 12, tzinfo=UTC))
    with pytest.raises(InvalidRequest, match="cursor"):
        DeviceDeploymentStore(table).page(
            DEVICE, limit=2, after="2026-02-21T12:00:00.000Z#dep_1", wanted=wanted, oldest_first=False
        )
