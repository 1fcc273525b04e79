"""Filters of a deployment's targets: page after page, they give exactly what a look at every target would."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters import keys, pages
from edgeflow.adapters.rollout import target_store
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.contract.rest.targets import TargetStatusName
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.unreadable import Unreadable
from tests.unit.adapters.builders import AT, DEP, a_target

DAMAGED = 0
"""The status of a target whose record says something that is none."""

PLACES = st.lists(st.tuples(st.sampled_from([*TargetStatus, DAMAGED]), st.integers(1, 3)), max_size=14)
LIMITS = st.integers(1, 5)


def _fill(table: Table, places: list[tuple[TargetStatus | int, int]]) -> None:
    for key in [(item["pk"], item["sk"]) for item in table.query_all(keys.deployment_partition(DEP))]:
        table.delete(key)
    store = TargetStore(table)
    for number, (status, wave) in enumerate(places):
        device_id = f"dev_{number:03d}"
        if isinstance(status, TargetStatus):
            store.add(DEP, a_target(device_id, wave=wave, status=status), created_at=AT)
        else:
            store.add(DEP, a_target(device_id, wave=wave), created_at=AT)
            table.update(keys.target_key(DEP, device_id), "SET #s = :s", values={":s": status}, names={"#s": "status"})


def _read(store: TargetStore, *, limit: int, status: TargetStatus | None, wave: int | None) -> list[str]:
    found: list[str] = []
    after: str | None = None
    for _ in range(40):
        page, after = store.page(DEP, limit=limit, after=after, status=status, wave=wave)
        assert len(page) <= limit
        found += [target.id if isinstance(target, Unreadable) else target.device_id for target in page]
        if after is None:
            return found
    pytest.fail("the list does not end")


@pytest.mark.parametrize("looked_at", [1, 2, 1_000])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=PLACES, limit=LIMITS, status=st.none() | st.sampled_from(TargetStatus), wave=st.none() | st.integers(1, 4)
)
@pytest.mark.slow
def test_a_filter_finds_what_a_look_at_every_target_finds(  # noqa: PLR0917  hypothesis names what it draws
    table: Table,
    looked_at: int,
    places: list[tuple[TargetStatus | int, int]],
    limit: int,
    status: TargetStatus | None,
    wave: int | None,
) -> None:
    _fill(table, places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target_store, "LOOKED_AT_A_QUERY", looked_at)
        patch.setattr(pages, "MAX_QUERIES", 2)
        found = _read(TargetStore(table), limit=limit, status=status, wave=wave)
    assert found == [
        f"dev_{number:03d}"
        for number, (its_status, its_wave) in enumerate(places)
        if status in {None, its_status} and wave in {None, its_wave}
    ]


def test_a_target_is_found_in_the_wave_that_it_moved_to(table: Table) -> None:
    store = TargetStore(table)
    for device_id in ("dev_1", "dev_2"):
        store.add(DEP, a_target(device_id, status=TargetStatus.STAGED), created_at=AT)
    store.enter(DEP, ["dev_2"], wave=2, at=AT)
    assert _read(store, limit=10, status=None, wave=1) == ["dev_1"]
    assert _read(store, limit=10, status=None, wave=2) == ["dev_2"]


def test_every_status_can_be_asked_for() -> None:
    assert set(get_args(TargetStatusName)) == set(TargetStatus)
