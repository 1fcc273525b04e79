"""``edgeflow plan`` and ``edgeflow apply``: what is missing is done, once, wherever the run before was cut off."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout, stores
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus
from edgeflow.domain.order import Said
from tests.support.api_world import register
from tests.support.handler_transport import HandlerTransport
from tests.support.history import ENTRY
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.conftest import Said as Answer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("machines")]

FLOW = json.loads(CREATE_FLOW)
NAME = FLOW["name"]
AT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
TO_TWO = {"devices": DEVICES[:2], "strategy": "rolling", "config": {"batch_size": 1, "batch_delay": "0s"}}


class Fleet:
    """Somebody's file, the fleet behind it, and how often each flow was changed by requests."""

    def __init__(self, edgeflow: CommandLine, path: Path, table: Table, rest: Rest) -> None:
        """Start with three devices."""
        self.edgeflow, self.rest = edgeflow, rest
        self._path, self._table, self._sequence = path, table, 0
        register(DEVICES)

    def says(self, *deploy: object, name: str = NAME, **flow: object) -> None:
        """Write the file."""
        content = {key: FLOW[key] for key in ("description", "tags", "definition")} | flow
        entry = {key: value for key, value in content.items() if value is not None}
        self._path.write_text(json.dumps({"flows": {name: entry | {"deploy": deploy}}}), encoding="utf-8")

    def plan(self) -> Any:  # noqa: ANN401  JSON can be anything
        """Plan; the exit code is held to what is told."""
        said = self.edgeflow("plan", "-f", str(self._path), "--json")
        assert said.code == (7 if said.document["changes"] else 0), said.err
        return said.document

    def apply(self, *options: str) -> Answer:
        """Apply the file."""
        return self.edgeflow("apply", "-f", str(self._path), *options)

    def applied(self) -> Any:  # noqa: ANN401  likewise
        """Apply the file, which goes well; returns what is told."""
        said = self.apply("--json")
        assert said.code == 0, said.err
        return said.document

    def changing(self) -> list[str]:
        """Return what was asked to be changed since this was asked last."""
        sent = [each for each in self.edgeflow.transport.requests if each.method != "GET"]
        self.edgeflow.transport.requests.clear()
        return [f"{each.method} {each.url.path.rpartition('/')[2]}" for each in sent]

    def report(self, flow_id: str, version: int, *devices: str) -> None:
        """Let devices report a version."""
        self._sequence += 1
        health = FlowHealth(
            flow_id=flow_id, version=version, sha256="1" * 64, slot=Slot.BLUE, health=Health.HEALTHY, since=AT
        )
        report = HealthReport(sent_at=AT, sequence=self._sequence, agent_version="1", flows=(health,))
        said = Said(epoch=None, sequence=self._sequence, received_ms=self._sequence)
        for device in devices:
            store = DeviceStore(self._table)
            assert store.record_report(device, report, said, received_at=AT.isoformat())

    def end(self, deployment_id: str, status: DeploymentStatus = DeploymentStatus.COMPLETED) -> None:
        """End a deployment."""
        stores.deployments().finish(deployment_id, allowed=ACTIVE, to=status, reason="a test", at=ENTRY.at, entry=ENTRY)


@pytest.fixture
def fleet(edgeflow: CommandLine, tmp_path: Path, table: Table, rest: Rest) -> Fleet:
    """Three devices that run nothing, and a file."""
    return Fleet(edgeflow, tmp_path / "fleet.yaml", table, rest)


def test_what_is_missing_is_done_and_then_nothing_is(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    planned = fleet.plan()
    assert planned["flows"][0] | {"diff": None} == {
        "name": NAME,
        "id": None,
        "action": "create",
        "changed": [],
        "diff": None,
        "publish": True,
        "version": 1,
    }
    assert [(each["action"], each["devices"]) for each in planned["deployments"]] == [("deploy", DEVICES[:2])]
    assert fleet.changing() == []
    told = fleet.apply().out
    assert f"+ {NAME}: create it, and publish version 1\n" in told
    assert f"> {NAME} version 1: deploy it by rolling to dev_001, dev_002\n" in told
    assert fleet.changing() == ["POST flows", "POST publish", "POST deployments", "POST start"]
    planned = fleet.plan()
    (flow,), (deployment,) = planned["flows"], planned["deployments"]
    assert (flow["action"], deployment["action"], len(deployment["under_way"])) == ("none", "follow", 1)
    assert "nothing to do" in fleet.apply().out
    fleet.end(deployment["under_way"][0])
    fleet.report(flow["id"], 1, *DEVICES[:2])
    assert fleet.plan()["deployments"][0]["action"] == "none"
    assert fleet.applied()["deployed"] == []
    assert fleet.changing() == []


def test_a_change_makes_a_version_and_its_way_back_makes_none(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    made = fleet.applied()
    flow_id = fleet.plan()["flows"][0]["id"]
    fleet.end(made["deployed"][0]["id"])
    fleet.report(flow_id, 1, *DEVICES[:2])
    changed = FLOW["definition"] | {"variables": [{"name": "threshold", "type": "number", "value": "28"}]}
    fleet.says(TO_TWO, definition=changed, tags=["hall-2"])
    flow = fleet.plan()["flows"][0]
    assert (flow["changed"], flow["publish"], flow["version"]) == (["tags", "definition"], True, 2)
    assert flow["diff"]["variables"] == {"added": [], "removed": [], "changed": ["threshold"]}
    fleet.changing()
    told = fleet.apply().out
    assert f"~ {NAME}: change its tags, definition, publish version 2\n" in told
    assert '    -      "value": "30"\n' in told
    assert fleet.changing() == ["POST draft", f"PATCH {flow_id}", "POST publish", "POST deployments", "POST start"]
    (under_way,) = fleet.plan()["deployments"][0]["under_way"]
    fleet.end(under_way)
    fleet.report(flow_id, 2, *DEVICES[:2])
    fleet.changing()
    fleet.says(TO_TWO, tags=["hall-2"])
    back = fleet.plan()
    assert (back["flows"][0]["publish"], back["deployments"][0]["version"]) == (False, 1)
    fleet.applied()
    assert fleet.changing() == ["POST deployments", "POST start"]


def test_words_about_a_flow_are_changed_without_a_version(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    fleet.applied()
    fleet.changing()
    fleet.says(TO_TWO, description="Another")
    flow = fleet.applied()["flows"][0]
    assert (flow["changed"], flow["publish"]) == (["description"], False)
    assert fleet.changing() == ["POST draft", f"PATCH {flow['id']}"]
    assert fleet.plan()["changes"] is False


@pytest.mark.parametrize("cut_after", range(1, 5))
def test_a_run_that_is_cut_off_is_ended_by_the_next(fleet: Fleet, transport: HandlerTransport, cut_after: int) -> None:
    fleet.says(TO_TWO)
    writes: list[str] = []

    def cut(request: httpx.Request) -> None:
        if request.method != "GET":
            writes.append(request.url.path)
            if len(writes) == cut_after:
                raise KeyboardInterrupt

    transport.on_way_back = cut
    assert fleet.apply().code == 130
    transport.on_way_back = lambda _: None
    fleet.applied()
    assert [flow["latest_version"] for flow in fleet.rest("GET", "/v1/flows").body["flows"]] == [1]
    deployments = fleet.rest("GET", "/v1/deployments").body["deployments"]
    assert [each["status"] for each in deployments] == ["running"]


@pytest.mark.parametrize("cut_after", range(1, 6))
def test_a_changing_run_that_is_cut_off_is_ended_by_the_next(
    fleet: Fleet, transport: HandlerTransport, cut_after: int
) -> None:
    fleet.says()
    fleet.applied()
    fleet.says(TO_TWO, definition=FLOW["definition"] | {"variables": []})
    writes: list[str] = []

    def cut(request: httpx.Request) -> None:
        if request.method != "GET":
            writes.append(request.url.path)
            if len(writes) == cut_after:
                raise KeyboardInterrupt

    transport.on_way_back = cut
    assert fleet.apply().code == 130
    transport.on_way_back = lambda _: None
    fleet.applied()
    assert [flow["latest_version"] for flow in fleet.rest("GET", "/v1/flows").body["flows"]] == [2]
    deployments = fleet.rest("GET", "/v1/deployments").body["deployments"]
    assert [(each["status"], each["flow_version"]) for each in deployments] == [("running", 2)]


def test_only_who_has_not_the_version_gets_it(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    deployed = fleet.applied()["deployed"][0]["id"]
    flow_id = fleet.plan()["flows"][0]["id"]
    fleet.says(TO_TWO | {"devices": DEVICES})
    step = fleet.plan()["deployments"][0]
    assert (step["devices"], step["under_way"]) == (["dev_003"], [deployed])
    fleet.end(deployed)
    fleet.report(flow_id, 1, "dev_002")
    assert fleet.plan()["deployments"][0]["devices"] == ["dev_001", "dev_003"]


def test_what_an_earlier_run_created_is_started_beside_what_is_new(fleet: Fleet) -> None:
    fleet.says()
    fleet.applied()
    flow_id = fleet.plan()["flows"][0]["id"]
    body = {"strategy": "rolling", "config": TO_TWO["config"], "flow_id": flow_id, "target_devices": ["dev_001"]}
    left = fleet.rest("POST", "/v1/deployments", body).body["id"]
    of_another_kind = body | {"target_devices": ["dev_002"], "config": {}}
    fleet.rest("POST", "/v1/deployments", of_another_kind)
    fleet.says(TO_TWO)
    step = fleet.plan()["deployments"][0]
    assert (step["start"], step["devices"]) == ([left], ["dev_002"])
    assert len(fleet.applied()["deployed"]) == 2
    assert fleet.plan()["changes"] is False


def test_after_a_rollback_it_is_tried_again_as_another_deployment(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    first = fleet.applied()["deployed"][0]["id"]
    fleet.end(first, DeploymentStatus.FAILED)
    again = fleet.applied()["deployed"][0]["id"]
    assert again != first


def test_a_device_that_another_version_is_on_the_way_to_is_in_the_way(fleet: Fleet) -> None:
    fleet.says(TO_TWO)
    first = fleet.applied()["deployed"][0]["id"]
    fleet.says(TO_TWO, definition=FLOW["definition"] | {"variables": []})
    fleet.changing()
    said = fleet.apply()
    assert said.code == 1
    assert f"{first} has dev_001: version 1 is running; wait for its end" in said.err
    assert fleet.changing() == [], "it is found before anything is changed"


def test_a_draft_of_somebody_else_is_not_written_over(fleet: Fleet) -> None:
    fleet.says()
    fleet.applied()
    flow_id = fleet.plan()["flows"][0]["id"]
    fleet.rest("POST", f"/v1/flows/{flow_id}/draft")
    theirs = FLOW["definition"] | {"variables": []}
    fleet.rest("PATCH", f"/v1/flows/{flow_id}", {"definition": theirs})
    assert fleet.plan()["changes"] is False, "what the file says is published"
    nodes = [{**FLOW["definition"]["nodes"][0], "name": "Mine"}, *FLOW["definition"]["nodes"][1:]]
    fleet.says(definition=FLOW["definition"] | {"nodes": nodes})
    said = fleet.apply()
    assert (said.code, "holds a definition that was never published" in said.err) == (1, True)
    assert fleet.apply("--replace-drafts").code == 0
    assert fleet.plan()["flows"][0]["version"] == 2


@pytest.mark.parametrize(
    ("deploy", "flow", "told"),
    [
        ({"version": 2}, {}, "has no version 2: the newest is not there yet"),
        ({}, {"definition": None}, "the file has no definition to create it with"),
    ],
)
def test_what_cannot_be_is_a_sentence(fleet: Fleet, deploy: dict[str, object], flow: dict[str, Any], told: str) -> None:
    fleet.says(TO_TWO | deploy, **flow)
    said = fleet.apply()
    assert (said.code, told in said.err) == (1, True), said.err
    assert fleet.changing() == []


def test_names_that_are_taken_twice_or_archived_are_a_sentence(fleet: Fleet) -> None:
    first = fleet.rest("POST", "/v1/flows", FLOW).body["id"]
    fleet.rest("POST", f"/v1/flows/{first}/archive")
    fleet.says()
    assert "is archived: restore it" in fleet.apply().err
    fleet.rest("POST", "/v1/flows", FLOW)
    assert "2 flows are named" in fleet.apply().err


def test_a_flow_that_was_deleted_is_created_anew_within_the_day(fleet: Fleet) -> None:
    fleet.says()
    fleet.applied()
    before = fleet.plan()["flows"][0]["id"]
    fleet.rest("DELETE", f"/v1/flows/{before}")
    fleet.applied()
    assert fleet.plan()["flows"][0]["id"] not in {None, before}


def test_who_is_in_a_group_is_known_from_its_newest_deployment(fleet: Fleet) -> None:
    iot = boto3.client("iot")
    iot.create_thing_group(thingGroupName="factory")
    for device in DEVICES[:2]:
        iot.add_thing_to_thing_group(thingGroupName="factory", thingName=device)
    fleet.says({"groups": ["factory"], "strategy": "all_at_once"})
    assert fleet.plan()["deployments"][0]["groups"] == ["factory"]
    made = fleet.applied()["deployed"][0]["id"]
    rollout.plan_rollout()(made)
    step = fleet.plan()["deployments"][0]
    assert (step["action"], step["under_way"]) == ("follow", [made])
    fleet.end(made)
    fleet.report(fleet.plan()["flows"][0]["id"], 1, "dev_002")
    step = fleet.plan()["deployments"][0]
    assert (step["groups"], step["devices"]) == ([], ["dev_001"])


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("rolled_back", 3), ("failed", 4)])
def test_waiting_ends_as_the_rollout_does(fleet: Fleet, transport: HandlerTransport, status: str, code: int) -> None:
    fleet.says(TO_TWO)

    def end(request: httpx.Request) -> httpx.Response | None:
        if request.method != "GET" or not request.url.path.rpartition("/")[2].startswith("dep_"):
            return None
        transport.on_way = lambda _: None
        body = fleet.rest("GET", request.url.path.removeprefix("/api")).body
        return httpx.Response(200, json=body | {"status": status, "status_reason": "so it is", "waits_for": None})

    transport.on_way = end
    said = fleet.apply("--wait", "--json")
    assert said.code == code
    assert [each["status"] for each in said.document["deployed"]] == [status]
    assert "so it is" in said.err


def test_a_refusal_in_the_middle_says_how_far_it_came(fleet: Fleet) -> None:
    fleet.says(TO_TWO | {"devices": ["dev_404"]})
    said = fleet.apply()
    assert said.code == 1
    assert "dev_404" in said.err
    assert "1 change is made" in said.err


def test_the_schema_is_printed_without_a_file(nobody: CommandLine) -> None:
    assert "flows" in nobody("apply", "--schema").document["properties"]
    assert nobody("apply").code == 2


def test_a_flow_that_has_the_slug_is_named_anew_and_one_of_the_name_gets_the_slug(fleet: Fleet) -> None:
    fleet.says(slug="line-3")
    assert fleet.applied()["flows"][0]["action"] == "create"
    assert fleet.rest("GET", "/v1/flows/slug:line-3").body["name"] == NAME
    assert fleet.plan()["changes"] is False
    fleet.says(name="Another name", slug="line-3")
    assert fleet.plan()["flows"][0]["changed"] == ["name"]
    fleet.applied()
    (flow,) = fleet.rest("GET", "/v1/flows").body["flows"]
    assert (flow["name"], flow["slug"], flow["latest_version"]) == ("Another name", "line-3", 1)
    fleet.says(name="Another name", slug="line-4")
    assert fleet.plan()["flows"][0]["changed"] == ["slug"]
    fleet.applied()
    assert fleet.rest("GET", "/v1/flows/slug:line-4").body["id"] == flow["id"]
    assert fleet.plan()["changes"] is False
    assert fleet.rest("POST", f"/v1/flows/{flow['id']}/archive").status == 200
    assert "the flow with the slug line-4" in fleet.apply().err
