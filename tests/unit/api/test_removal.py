"""Taking a flow off devices by REST, and deleting it after that: never while a device runs it, never not at all."""

from datetime import UTC, datetime

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout, stores
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus
from edgeflow.domain.order import Said
from tests.support.history import ENTRY
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES, order
from tests.unit.api.test_create_deployment import STRATEGIES

AT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def removal(flow_id: str, **changes: object) -> dict[str, object]:
    return order(flow_id, action="remove") | changes


def reports(table: Table, device_id: str, *flow_ids: str, at_ms: int = 1, sequence: int = 1) -> None:
    """Let a device report these flows, live in version 1, and no other."""
    flows = [
        FlowHealth(flow_id=each, version=1, sha256="1" * 64, slot=Slot.BLUE, health=Health.HEALTHY, since=AT)
        for each in flow_ids
    ]
    report = HealthReport(sent_at=AT, sequence=sequence, epoch=None, agent_version="1", flows=tuple(flows))
    said = Said(epoch=None, sequence=sequence, received_ms=at_ms)
    assert DeviceStore(table).record_report(device_id, report, said, received_at=AT.isoformat())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_takes_a_removal_and_answers_its_action(rest: Rest, flow_id: str, strategy: str) -> None:
    made = rest("POST", "/v1/deployments", removal(flow_id, strategy=strategy))
    assert made.status == 201
    assert (made.body["action"], made.body["flow_version"], made.body["status"]) == ("remove", None, "pending")
    assert made.body["config"]["health_window"] is None
    assert rest("GET", f"/v1/deployments/{made.body['id']}").body == made.body
    (listed,) = rest("GET", "/v1/deployments").body["deployments"]
    assert (listed["action"], listed["flow_version"]) == ("remove", None)


def test_the_settings_read_back_make_the_same_removal(rest: Rest, flow_id: str) -> None:
    made = rest("POST", "/v1/deployments", removal(flow_id)).body
    again = rest("POST", "/v1/deployments", removal(flow_id, config=made["config"]))
    assert (again.status, again.body["config"]) == (201, made["config"])


@pytest.mark.parametrize("given", [{}, {"action": "deploy"}])
def test_a_deployment_deploys_where_nothing_else_is_said(rest: Rest, flow_id: str, given: dict[str, str]) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, **given)).body
    assert (made["action"], made["flow_version"]) == ("deploy", 1)


def test_a_deployment_of_before_there_were_removals_reads_as_deploy(rest: Rest, flow_id: str, table: Table) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id)).body
    table.update(keys.deployment_key(made["id"]), "REMOVE #action", names={"#action": "action"})
    assert rest("GET", f"/v1/deployments/{made['id']}").body == made
    assert rest("GET", "/v1/deployments").body["deployments"][0]["action"] == "deploy"


def test_an_action_that_cannot_be_read_is_not_taken_for_any(rest: Rest, flow_id: str, table: Table) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id)).body
    key = keys.deployment_key(made["id"])
    table.update(key, "SET #action = :nonsense", names={"#action": "action"}, values={":nonsense": "explode"})
    assert rest("GET", f"/v1/deployments/{made['id']}").status == 409


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"flow_version": 1}, "/flow_version"),
        ({"config": {"health_window": "5s"}}, "/config/health_window"),
        ({"action": "explode"}, "/action"),
        ({"action": None}, "/action"),
    ],
)
def test_what_makes_no_sense_of_a_removal_is_refused_by_name(
    rest: Rest, flow_id: str, strategy: str, change: dict[str, object], pointer: str
) -> None:
    refused = rest("POST", "/v1/deployments", removal(flow_id, strategy=strategy, **change))
    assert (refused.status, set(refused.faults)) == (422, {pointer})


def test_a_version_that_is_null_is_none(rest: Rest, flow_id: str) -> None:
    assert rest("POST", "/v1/deployments", removal(flow_id, flow_version=None)).status == 201


def test_a_flow_that_is_not_there_and_one_that_was_never_published_cannot_be_removed(rest: Rest, flow_id: str) -> None:
    assert set(rest("POST", "/v1/deployments", removal("flow_0000")).faults) == {"/flow_id"}
    draft = rest("POST", "/v1/flows", {"name": "Never published"}).body
    assert rest("POST", "/v1/deployments", removal(draft["id"])).status == 409


@pytest.mark.slow
def test_a_flow_that_was_deleted_is_taken_off_devices_that_still_report_it(
    rest: Rest, machines: None, flow_id: str, table: Table
) -> None:
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204
    for device_id in DEVICES:
        reports(table, device_id, flow_id)
    refused = rest("POST", "/v1/deployments", removal(flow_id))
    assert set(refused.faults) == {"/config/auto_rollback"}, "there is nothing to return to"
    assert set(rest("POST", "/v1/deployments", order(flow_id)).faults) == {"/flow_id"}
    made = rest("POST", "/v1/deployments", removal(flow_id, config={"auto_rollback": False}))
    assert made.status == 201
    path = f"/v1/deployments/{made.body['id']}"
    assert rest("POST", f"{path}/start").body["status"] == "running"
    assert rollout.plan_rollout()(made.body["id"])["outcome"] == "planned"
    assert {target["status"] for target in rest("GET", path).body["targets"]} == {"pending"}, "they are asked"
    rolled_back = rest("POST", f"{path}/rollback")
    assert (rolled_back.status, "was deleted" in rolled_back.body["detail"]) == (409, True)
    assert rest("POST", f"{path}/cancel").body["status"] == "cancelling"
    rollout.wind_down()(made.body["id"])
    assert rest("GET", path).body["status"] == "cancelled"
    assert table.get(keys.flow_key(flow_id)) is None, "nothing brings an empty flow back"


def test_a_removal_of_a_deleted_flow_that_never_started_can_be_deleted(
    rest: Rest, machines: None, flow_id: str, table: Table
) -> None:
    rest("DELETE", f"/v1/flows/{flow_id}")
    reports(table, DEVICES[0], flow_id)
    made = rest("POST", "/v1/deployments", removal(flow_id, config={"auto_rollback": False})).body
    assert rest("DELETE", f"/v1/deployments/{made['id']}").status == 204


def test_an_archived_flow_is_taken_off_devices_and_not_deployed(rest: Rest, machines: None, flow_id: str) -> None:
    rest("POST", f"/v1/flows/{flow_id}/archive")
    assert rest("POST", "/v1/deployments", order(flow_id)).status == 409
    made = rest("POST", "/v1/deployments", removal(flow_id))
    assert made.status == 201
    assert rest("POST", f"/v1/deployments/{made.body['id']}/start").body["status"] == "running"


def test_a_flow_that_devices_run_is_not_deleted_until_it_is_taken_off_them(
    rest: Rest, machines: None, flow_id: str, table: Table
) -> None:
    for device_id in DEVICES[:2]:
        reports(table, device_id, flow_id)
    reports(table, DEVICES[2], "flow_2")
    refused = rest("DELETE", f"/v1/flows/{flow_id}")
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert refused.body["detail"] == (
        f"2 devices run flow {flow_id} (GET /v1/devices?flow_id={flow_id} lists them); take it off them with a"
        ' deployment whose action is "remove", and remove devices that are gone for good; then delete it'
    )
    made = rest("POST", "/v1/deployments", removal(flow_id)).body
    assert made["id"] in rest("DELETE", f"/v1/flows/{flow_id}").body["detail"], "it is not done yet"
    rest("POST", f"/v1/deployments/{made['id']}/start")
    stores.deployments().finish(
        made["id"], allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="a test", at=ENTRY.at, entry=ENTRY
    )
    assert rest("DELETE", f"/v1/flows/{flow_id}").body["detail"].startswith("2 devices run")
    for device_id in DEVICES[:2]:
        reports(table, device_id, "flow_2", at_ms=2, sequence=2)
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204


@pytest.mark.parametrize(("later", "status"), [(True, 204), (False, 409)])
def test_the_later_word_of_a_device_counts_whether_it_came_with_its_job_or_its_health(
    rest: Rest,
    flow_id: str,
    table: Table,
    later: bool,  # noqa: FBT001
    status: int,
) -> None:
    now = int(AT.timestamp() * 1_000)
    reports(table, DEVICES[0], flow_id, at_ms=now, sequence=now)
    said = now + 1 if later else now - 1
    InstallStore(table).record(
        DEVICES[0],
        flow_id,
        Said(epoch=None, sequence=said, received_ms=said),
        version=None,
        deployment_id="dep_1",
    )
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == status


def test_removing_a_device_that_is_gone_for_good_lets_its_flow_go(rest: Rest, flow_id: str, table: Table) -> None:
    reports(table, DEVICES[0], flow_id)
    assert rest("DELETE", f"/v1/flows/{flow_id}").body["detail"].startswith("1 device runs")
    assert rest("DELETE", f"/v1/devices/{DEVICES[0]}").status == 204
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204


def test_a_stale_etag_is_told_before_the_devices_are_counted(rest: Rest, flow_id: str, table: Table) -> None:
    reports(table, DEVICES[0], flow_id)
    assert rest("DELETE", f"/v1/flows/{flow_id}", headers={"If-Match": '"99"'}).status == 412


def test_a_flow_that_cannot_be_read_is_taken_off_devices_and_can_go_whatever_runs_it(
    rest: Rest, machines: None, flow_id: str, table: Table
) -> None:
    reports(table, DEVICES[0], flow_id)
    table.update(keys.flow_key(flow_id), "SET #state = :s", names={"#state": "state"}, values={":s": "nonsense"})
    assert rest("POST", "/v1/deployments", order(flow_id)).body["code"] == "unreadable-record"
    made = rest("POST", "/v1/deployments", removal(flow_id)).body
    assert rest("POST", f"/v1/deployments/{made['id']}/start").body["status"] == "running"
    stores.deployments().finish(
        made["id"], allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="a test", at=ENTRY.at, entry=ENTRY
    )
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204
