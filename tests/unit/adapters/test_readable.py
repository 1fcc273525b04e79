"""What cannot be read is told, counted and set aside; what older releases wrote is read."""

import json
import zlib
from typing import Any

import pytest
from pydantic import BaseModel

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import text, whole
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.stored_reports import MAX_REPORT_BYTES, read_report
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.flows.stored_definitions import read_artifact, read_definition
from edgeflow.adapters.readable import readable, require
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.stored import Stored
from edgeflow.adapters.table import Table, from_attributes
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.unreadable import SENTENCES, Kind, Unreadable
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP, FLOW, LATER, a_deployment, a_target, open_deployments, put_flow

FLOW_ITEM = {"pk": f"FLOW#{FLOW}", "sk": "FLOW"}


# --- the mechanism


def test_what_cannot_be_read_is_counted_and_logged_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    found = readable({**FLOW_ITEM, "name": 5}, lambda item: text(item, "name"))
    assert found == Unreadable(kind=Kind.FLOW, id=FLOW, of=FLOW, fault="name is not a text")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line.get("UnreadableRecords") == [1.0] and line["service"] == "records" for line in told)


def test_one_that_is_needed_is_an_error_that_says_what_removes_it() -> None:
    with pytest.raises(CannotBeRead, match=f"DELETE /v1/flows/{FLOW} removes it"):
        require(FLOW_ITEM, lambda item: text(item, "name"))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_sentence(kind: Kind) -> None:
    sentence = str(Unreadable(kind=kind, id="the-id", of="the-owner", fault="it is broken"))
    assert "cannot be read (it is broken); " in sentence
    assert "{" not in sentence
    assert set(SENTENCES) == set(Kind)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (keys.flow_key("flow_1"), (Kind.FLOW, "flow_1", "flow_1")),
        (keys.version_key("flow_1", 12), (Kind.VERSION, "12", "flow_1")),
        (keys.deployment_key("dep_1"), (Kind.DEPLOYMENT, "dep_1", "dep_1")),
        (keys.target_key("dep_1", "a:b"), (Kind.TARGET, "a:b", "dep_1")),
        (keys.wave_key("dep_1", "R001"), (Kind.WAVE, "R001", "dep_1")),
        (keys.return_key("dep_1", 1, 2, "dev_1"), (Kind.RETURN, "dev_1", "dep_1")),
        (keys.device_key("dev_1"), (Kind.DEVICE, "dev_1", "dev_1")),
        (keys.report_key("dev_1"), (Kind.DEVICE, "dev_1", "dev_1")),
        (keys.install_key("dev_1", "flow_1"), (Kind.INSTALL, "flow_1", "dev_1")),
        (keys.event_key("dep_1", 3), (Kind.EVENT, "3", "dep_1")),
        (("elsewhere", "x"), (Kind.UNKNOWN, "elsewhere x", "")),
    ],
)
def test_a_key_says_what_a_record_is(key: keys.Key, expected: tuple[Kind, str, str]) -> None:
    assert keys.record_of({"pk": key[0], "sk": key[1]}) == expected


@pytest.mark.parametrize("number", ["1.5", "1E+125", "-9.9E+125"])
def test_numbers_that_are_none_of_ours_are_never_rounded(number: str) -> None:
    with pytest.raises(ValueError, match="a is not a whole number"):
        whole(from_attributes({"a": {"N": number}}), "a")


# --- what older releases wrote


def _models(base: type[Stored]) -> list[type[Stored]]:
    return [model for each in base.__subclasses__() for model in (each, *_models(each))]


@pytest.mark.parametrize("model", _models(Stored))
def test_what_is_at_rest_has_every_field_of_the_contract_and_no_other(model: type[Stored]) -> None:
    def fields(of: type[BaseModel]) -> dict[str, tuple[bool, Any, str | None]]:
        return {
            name: (field.is_required(), field.get_default(call_default_factory=True), field.alias)
            for name, field in of.model_fields.items()
        }

    assert fields(model) == fields(model.contract)


def test_a_definition_reads_as_what_was_written() -> None:
    definition = Definition(nodes=(Node(id="n1", type="debug", config={"a": [1, None]}, x=5),))
    assert read_definition(definition.model_dump_json()) == definition
    assert read_artifact(FlowArtifact(definition=definition).canonical_bytes()) == definition


@pytest.mark.parametrize("place", ["null", "1e999", "-Infinity"])
def test_a_place_that_no_editor_has_is_the_origin(place: str) -> None:
    read = read_definition(f'{{"nodes": [{{"id": "n1", "type": "debug", "x": {place}, "y": 7}}]}}')
    assert (read.nodes[0].x, read.nodes[0].y) == (0.0, 7.0)


def test_no_bound_of_requests_keeps_a_stored_definition_from_being_read() -> None:
    nodes = [{"id": "n" * 200, "type": "Odd Type", "name": "x" * 500, "x": 1e300} for _ in range(1_500)]
    assert len(read_definition(json.dumps({"nodes": nodes})).nodes) == 1_500


@pytest.mark.parametrize(
    "config", ['{"a": 1e999}', '{"a": [NaN]}', '{"a": "\\ud800"}', "5"], ids=["infinite", "nan", "surrogate", "no map"]
)
def test_a_definition_that_json_cannot_say_is_unreadable(config: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_definition(f'{{"nodes": [{{"id": "n1", "type": "debug", "config": {config}}}]}}')


@pytest.mark.parametrize(
    "flaw",
    [
        {"sent_at": "0001-01-01T00:00:00+23:59"},
        {"vitals": {"load": float("inf")}},
        {"agent_version": None},
        {"schema": "edgeflow.health/9"},
    ],
)
def test_a_report_that_no_answer_could_hold_is_unreadable(flaw: dict[str, object]) -> None:
    report = {"sent_at": "2026-02-21T12:00:00Z", "sequence": 10**40, "agent_version": "x" * 300}
    assert read_report(zlib.compress(json.dumps(report).encode())).sequence == 10**40
    with pytest.raises(ValueError, match=r"."):
        read_report(zlib.compress(json.dumps(report | flaw).encode()))


@pytest.mark.parametrize("stored", [b"", b"{}", zlib.compress(b"{}")[:-1], zlib.compress(bytes(MAX_REPORT_BYTES + 1))])
def test_a_report_that_cannot_be_unpacked_is_unreadable(stored: bytes) -> None:
    with pytest.raises(ValueError, match="report is"):
        read_report(stored)


# --- changes of damaged items


@pytest.fixture
def store(table: Table) -> DeploymentStore:
    """The store, with a running deployment of a published flow."""
    put_flow(table)
    deployments = DeploymentStore(table)
    deployments.create(a_deployment(status=DeploymentStatus.RUNNING), entry=ENTRY)
    return deployments


def damage(table: Table, key: keys.Key, **attributes: object) -> None:
    item = table.get(key)
    assert item is not None
    table.put({**item, **attributes})


def test_a_change_that_does_not_fit_the_item_names_it(table: Table, store: DeploymentStore) -> None:
    damage(table, keys.deployment_key(DEP), count_failed="many")
    with pytest.raises(CannotBeRead, match=DEP):
        store.count(DEP, {TargetStatus.FAILED: 1}, first="1", last="1")
    with pytest.raises(CannotBeRead, match=DEP):
        store.get(DEP)


@pytest.mark.parametrize("last_event", ["seven", -1, 2**60])
def test_a_damaged_place_in_the_history_is_no_fault_of_ours(
    table: Table, store: DeploymentStore, last_event: object
) -> None:
    damage(table, keys.deployment_key(DEP), last_event=last_event)
    with pytest.raises(CannotBeRead, match=DEP):
        store.change_status(
            DEP, allowed=DeploymentStatus, to=DeploymentStatus.PAUSED, reason="pause", at=AT, entry=ENTRY
        )


def test_a_damaged_flow_holds_up_no_end_and_no_rollback(table: Table, store: DeploymentStore) -> None:
    damage(table, keys.flow_key(FLOW), open_deployments="none")
    failed = DeploymentStatus.FAILED
    assert store.finish(DEP, allowed=DeploymentStatus, to=failed, reason="over", at=AT, entry=ENTRY)
    begun = store.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY)
    assert begun.status is DeploymentStatus.ROLLING_BACK


def test_a_damaged_flow_is_deleted_when_no_deployment_is_unfinished(table: Table, store: DeploymentStore) -> None:
    damage(table, keys.flow_key(FLOW), open_deployments="none", revision="first")
    flows = FlowStore(table)
    with pytest.raises(Conflict, match=DEP):
        flows.delete(FLOW, revisions=None, entry=ENTRY)
    store.finish(DEP, allowed=DeploymentStatus, to=DeploymentStatus.FAILED, reason="over", at=AT, entry=ENTRY)
    flows.delete(FLOW, revisions=None, entry=ENTRY)
    with pytest.raises(NotFound):
        flows.get(FLOW)


# --- removing deployments


def test_what_remains_of_a_deployment_is_known_by_keys_and_history(table: Table, store: DeploymentStore) -> None:
    targets = TargetStore(table)
    for device_id, wave in (("dev_1", 1), ("dev_2", 2), ("dev_3", 2)):
        targets.add(DEP, a_target(device_id, wave=wave))
    damage(table, keys.deployment_key(DEP), flow_id=None, strategy="unheard-of", current_wave="second", rollbacks=None)
    damage(table, keys.event_key(DEP, 1), details={"flow_id": FLOW})
    remains = store.remains(DEP)
    assert (remains.flow_id, remains.devices) == (FLOW, ("dev_1", "dev_2", "dev_3"))
    assert remains.planned == {1: 1, 2: 2}
    assert (remains.current_wave, remains.rollbacks) == (0, 0)
    store.remove(remains, entry=ENTRY)
    assert open_deployments(table) == set()
    assert [item["sk"] for item in table.query_all(keys.deployment_partition(DEP))] == []
    with pytest.raises(NotFound):
        store.remains(DEP)


# --- mending targets


@pytest.mark.parametrize(
    ("flaw", "changed"),
    [
        ({"message": 5}, {}),
        ({"status": "quarantined"}, {"status": TargetStatus.DEPLOYING, "started_at": LATER, "finished_at": None}),
        ({"version_before": "first"}, {"version_before": None, "version_before_known": False}),
        ({"wave": "two"}, {}),
        ({"reached": "no"}, {"reached": True}),
        ({"rollback_attempt": -1}, {}),
    ],
)
def test_a_damaged_target_keeps_what_can_be_read_of_it(
    table: Table, flaw: dict[str, object], changed: dict[str, object]
) -> None:
    store, key = TargetStore(table), keys.target_key(DEP, "dev_1")
    whole_target = a_target("dev_1", status=TargetStatus.SUCCESS, wave=2, started_at=AT, finished_at=AT)
    store.add(DEP, whole_target)
    damage(table, key, **flaw)
    assert isinstance(store.get(DEP, "dev_1"), Unreadable)
    for _ in range(2):
        store.mend(DEP, "dev_1", at=LATER)
    mended = store.get(DEP, "dev_1")
    assert not isinstance(mended, Unreadable | None)
    for name, value in changed.items():
        assert getattr(mended, name) == value, name
    kept = {"device_id", "wave", "status", "version_before", "reached", "rollback_attempt"} - set(changed)
    for name in kept:
        assert getattr(mended, name) == getattr(whole_target, name), name
    assert "was damaged" in str(mended.message)


def test_a_readable_target_is_never_mended(table: Table) -> None:
    store = TargetStore(table)
    store.add(DEP, a_target("dev_1"))
    store.mend(DEP, "dev_1", at=LATER)
    store.mend(DEP, "dev_2", at=LATER)
    assert store.get(DEP, "dev_1") == a_target("dev_1")
    assert store.get(DEP, "dev_2") is None


def test_removing_twice_is_removing_once(table: Table, store: DeploymentStore) -> None:
    remains = store.remains(DEP)
    store.remove(remains, entry=ENTRY)
    store.remove(remains, entry=ENTRY)
    events = list(table.query_all(keys.history_partition(DEP)))
    assert len(events) == 2
