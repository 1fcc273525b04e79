"""One damaged record harms nobody else: whatever is wrong with it, every route answers, and the others are served."""

from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.operations.operation import HTML
from api.paths import ROUTES, taken_by
from edgeflow.adapters import keys
from edgeflow.adapters.table import Table
from tests.support.rest import Rest, RestAnswer
from tests.unit.api.damage import bodies, damaged, places, read_strictly, values
from tests.unit.api.damaged_world import DEVICES, FLOW, KEYED, DamagedWorld, know_tokens

pytestmark = pytest.mark.slow

SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def world(rest: Rest, table: Table, bucket: str, machines: None, monkeypatch: pytest.MonkeyPatch) -> DamagedWorld:
    """One record of each kind."""
    know_tokens(monkeypatch)
    made = DamagedWorld(rest, table, bucket)
    made.fill()
    return made


class Caller:
    """Calls routes, and holds every answer to what an answer has to be."""

    def __init__(self, rest: Rest) -> None:
        """Call with this client."""
        self._rest = rest
        self.done: set[str] = set()
        """Ids of the operations that did what they were asked for."""

    def __call__(self, method: str, path: str, body: object = None, **options: Any) -> RestAnswer:  # noqa: ANN401
        """Send one request."""
        answer = self._rest(method, path, body, **options)
        assert answer.status < 500, (method, path, answer.text)
        if answer.text and HTML not in answer.headers["Content-Type"]:
            told = read_strictly(answer.text)
            if answer.status == 409:
                assert told["detail"]
        if answer.status < 400:
            self.done.add(taken_by(path)[method].id)
        return answer

    def listed(self, path: str, name: str, key: str, **query: str) -> dict[str, dict[str, Any]]:
        """Read a list to its end, an entry a page; returns its entries by id. One that is unreadable says only that."""
        entries: dict[str, dict[str, Any]] = {}
        cursor: str | None = None
        for _ in range(50):
            answer = self("GET", path, query={"limit": "1", **query} | ({"cursor": cursor} if cursor else {}))
            if answer.status == 409:
                assert answer.body["code"] == "unreadable-record"
                return entries
            assert answer.status == 200, answer.text
            for entry in answer.body[name]:
                assert str(entry[key]) not in entries
                entries[str(entry[key])] = entry
                if entry.get("unreadable"):
                    assert set(entry) <= {"unreadable", key, "flow_id"}
            cursor = answer.body["next_cursor"]
            if cursor is None:
                return entries
        message = f"{path} does not end"
        raise AssertionError(message)


def look_at_everything(world: DamagedWorld, hurt: str) -> set[str]:
    """Call every route that reads; returns the ids of those operations that did what they were asked for.

    ``hurt`` is the key of what is damaged, whatever else has to be there.
    """
    call = Caller(world.rest)
    lists = [
        (call.listed("/v1/flows", "flows", "id"), [world.flow, world.other_flow]),
        (call.listed("/v1/flows", "flows", "id", tag="t"), [world.flow, world.other_flow]),
        (
            call.listed("/v1/deployments", "deployments", "id"),
            [world.running, world.pending, world.other_pending],
        ),
        (call.listed("/v1/deployments", "deployments", "id", device_id=DEVICES[0]), [world.running]),
        (call.listed("/v1/devices", "devices", "device_id"), DEVICES),
        (call.listed(f"/v1/deployments/{world.running}/targets", "targets", "device_id"), DEVICES),
        (call.listed(f"/v1/deployments/{world.pending}/targets", "targets", "device_id"), DEVICES),
    ]
    for entries, expected in lists:
        for record_id in expected:
            if record_id not in hurt and not any(owner in hurt for owner in (world.running, world.pending)):
                assert "unreadable" not in entries[record_id]
    call.listed("/v1/devices", "devices", "device_id", connected="true", agent_version="0.1", text="dev")
    call.listed("/v1/devices", "devices", "device_id", flow_id=world.flow, version="1", health="healthy")
    call.listed("/v1/devices", "devices", "device_id", health="unknown")
    assert call("GET", "/v1/devices/summary").body["total"] <= len(DEVICES)
    call.listed(f"/v1/flows/{world.flow}/versions", "versions", "version")
    call.listed(f"/v1/flows/{world.flow}/events", "events", "sequence")
    call.listed(f"/v1/deployments/{world.running}/events", "events", "sequence")
    call.listed("/v1/deployments", "deployments", "id", status="pending", flow_id=world.flow, strategy="rolling")
    call.listed("/v1/deployments", "deployments", "id", device_id=DEVICES[1], status="paused,failed", sort="oldest")
    call.listed(f"/v1/deployments/{world.running}/targets", "targets", "device_id", status="pending", wave="1")
    call.listed(f"/v1/deployments/{world.pending}/targets", "targets", "device_id", status="pending", wave="2")
    for path in (
        f"/v1/flows/{world.flow}",
        f"/v1/flows/{world.flow}/versions/1",
        f"/v1/deployments/{world.running}",
        f"/v1/deployments/{world.pending}",
        *(f"/v1/devices/{device_id}" for device_id in DEVICES),
        "/v1/node-types",
        "/v1/openapi.json",
        "/v1/docs",
    ):
        call("GET", path)
    return call.done


def do_everything(world: DamagedWorld) -> set[str]:
    """Call every route that changes something, the most destructive last; returns as ``look_at_everything``."""
    call = Caller(world.rest)
    content = {"name": "new", "definition": FLOW["definition"]}
    call("POST", "/v1/flows", FLOW, headers=KEYED)
    call("PUT", f"/v1/flows/{world.flow}", content | {"description": "", "tags": []})
    call("PATCH", f"/v1/flows/{world.flow}", content)
    for action in ("publish", "draft", "archive", "restore"):
        call("POST", f"/v1/flows/{world.flow}/{action}")
    call("POST", "/v1/deployments", {"flow_id": world.flow, "strategy": "all_at_once", "target_devices": DEVICES})
    for device_id in DEVICES:
        call("POST", "/v1/devices", {"device_id": device_id})
        call("POST", "/v1/devices", {"device_id": device_id, "enrolment": "claim", "re_enrol": True})
    call("POST", f"/v1/deployments/{world.pending}/start")
    assert call("POST", "/v1/devices", {"device_id": "dev_new"}).status == 201
    assert call("DELETE", "/v1/devices/dev_new").status == 204
    made = call("POST", "/v1/flows", content)
    assert call("DELETE", f"/v1/flows/{made.body['id']}").status == 204
    call("POST", f"/v1/deployments/{world.failed}/retry")
    call("POST", f"/v1/deployments/{world.other_pending}/start")
    call("POST", f"/v1/deployments/{world.other_pending}/cancel")
    for action in ("resume", "promote", f"targets/{DEVICES[1]}/skip", "pause", "start", "resume", "rollback", "cancel"):
        call("POST", f"/v1/deployments/{world.running}/{action}")
    for deployment_id in (world.running, world.pending):
        shown = call("GET", f"/v1/deployments/{deployment_id}")
        has_started = shown.status == 200 and shown.body["status"] != "pending"
        answer = call("DELETE", f"/v1/deployments/{deployment_id}")
        assert answer.status == (409 if has_started else 204)
    assert call("DELETE", f"/v1/flows/{world.flow}").status in {204, 409}
    return call.done


def test_every_route_is_called(world: DamagedWorld) -> None:
    done = look_at_everything(world, "nothing") | do_everything(world)
    assert done == {operation.id for methods in ROUTES.values() for operation in methods.values()}


@pytest.mark.parametrize("token", ["", "quarantined", "x" * 3_000])
def test_a_damaged_token_is_refused_in_a_sentence_that_names_the_ways_out(
    world: DamagedWorld, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call, key = Caller(world.rest), keys.deployment_key(world.running)
    for name, actions in (("resume_token", ("resume", "resume")), ("watch_token", ("resume", "promote", "promote"))):
        world.put(damaged(world.items[key], (name,), {"S": token}))
        capsys.readouterr()
        answers = [call("POST", f"/v1/deployments/{world.running}/{action}") for action in actions]
        for refused in answers[-2:]:
            assert (refused.status, refused.body["code"]) == (409, "unreadable-record")
            assert refused.body["detail"].endswith("; cancel the deployment or roll it back, which needs no token")
        assert capsys.readouterr().out.count('"UnreadableRecords":[1.0]') == 2
        assert call("POST", f"/v1/deployments/{world.running}/cancel").status == 200
        world.restore()


def hurt_some(world: DamagedWorld, data: st.DataObject) -> str:
    """Damage one to four items, each in one place; returns their keys."""
    keys = data.draw(st.lists(st.sampled_from(sorted(world.items)), min_size=1, max_size=4, unique=True), label="items")
    broken = []
    for key in keys:
        item = world.items[key]
        place = data.draw(st.sampled_from(list(places(item))), label="place")
        broken.append(damaged(item, place, data.draw(st.none() | values, label="value")))
    for item in broken:  # once nothing more is drawn: an example that is given up while drawing leaves nothing behind
        world.put(item)
    return str(keys)


@settings(SHARED, max_examples=20)
@given(data=st.data())
def test_damaged_items_take_no_list_down(world: DamagedWorld, data: st.DataObject) -> None:
    hurt = hurt_some(world, data)
    try:
        look_at_everything(world, hurt)
    finally:
        world.restore()


@settings(SHARED, max_examples=8)
@given(data=st.data())
def test_damaged_items_are_refused_in_a_sentence_and_can_be_removed(world: DamagedWorld, data: st.DataObject) -> None:
    hurt_some(world, data)
    try:
        do_everything(world)
    finally:
        world.restore()


@settings(SHARED, max_examples=6)
@given(data=st.data())
def test_a_damaged_object_takes_down_no_route(world: DamagedWorld, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(world.objects)), label="object")
    content = data.draw(bodies, label="bytes")
    world.s3.put_object(Bucket=world.bucket, Key=name, Body=content)
    try:
        look_at_everything(world, name)
        do_everything(world)
    finally:
        world.restore()


@settings(SHARED, max_examples=12)
@given(data=st.data())
def test_a_device_can_be_locked_out_whatever_its_record_holds(world: DamagedWorld, data: st.DataObject) -> None:
    call, iot = Caller(world.rest), boto3.client("iot")
    device_id = "dev_lost"
    call("DELETE", f"/v1/devices/{device_id}")  # of an example that was given up while drawing
    assert call("POST", "/v1/devices", {"device_id": device_id}).status == 201
    (certificate,) = iot.list_thing_principals(thingName=device_id)["principals"]
    key = {"pk": {"S": f"DEVICE#{device_id}"}, "sk": {"S": "DEVICE"}}
    item = world.dynamodb.get_item(TableName=world.table.name, Key=key)["Item"]
    whole = list(places(item))
    flaws = st.dictionaries(st.sampled_from(whole), st.none() | values, min_size=1)
    inner_first = sorted(data.draw(flaws, label="flaws").items(), key=lambda flaw: len(flaw[0]), reverse=True)
    for place, value in inner_first:
        item = damaged(item, place, value)
    world.put(item)
    assert call("DELETE", f"/v1/devices/{device_id}").status == 204
    assert certificate not in {each["certificateArn"] for each in iot.list_certificates()["certificates"]}
    assert call("GET", f"/v1/devices/{device_id}").status == 404
    assert call("POST", "/v1/devices", {"device_id": device_id}).status == 201
    assert call("DELETE", f"/v1/devices/{device_id}").status == 204
