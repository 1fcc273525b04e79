"""Devices over REST."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import reports
from edgeflow.contract.report import FlowHealth, Health, HealthReport, NodeActivity, Slot, Vitals
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.order import Said
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy
from tests.support.history import ENTRY
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
SAID = Said(epoch="0123456789abcdef", sequence=1, received_ms=1)


def _csr() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dev_001")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def test_a_registered_device_has_all_it_needs_to_connect(rest: Rest) -> None:
    answer = rest("POST", "/v1/devices", {"device_id": "dev_001"})
    assert answer.status == 201
    body = answer.body
    assert set(body) == {
        "device_id",
        "certificate_arn",
        "certificate_pem",
        "private_key",
        "mqtt_endpoint",
        "mqtt_port",
        "topic_rules",
    }
    assert body["topic_rules"] == "edgeflow"
    assert body["mqtt_port"] == 8883

    iot = boto3.client("iot")
    assert iot.list_thing_principals(thingName="dev_001")["principals"] == [body["certificate_arn"]]
    policies = iot.list_attached_policies(target=body["certificate_arn"])["policies"]
    assert [policy["policyName"] for policy in policies] == ["edgeflow-device"]
    certificate_id = body["certificate_arn"].rpartition("/")[2]
    described = iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
    assert described["status"] == "ACTIVE"


def test_a_device_with_its_own_key_gets_no_key(rest: Rest) -> None:
    body = rest("POST", "/v1/devices", {"device_id": "dev_001", "csr": _csr()}).body
    assert "private_key" not in body
    assert body["certificate_pem"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_device_is_registered_once(rest: Rest) -> None:
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    refused = rest("POST", "/v1/devices", {"device_id": "dev_001"})
    assert refused.status == 409
    assert "registered already" in refused.body["detail"]
    assert len(boto3.client("iot").list_certificates()["certificates"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/device_id"),
        ({"device_id": "a b"}, "/device_id"),
        ({"device_id": "x" * 129}, "/device_id"),
        ({"device_id": "dev", "csr": "not PEM"}, "/csr"),
        ({"device_id": "dev", "key": "k"}, "/key"),
        ({"device_id": "dev", "enrolment": "by post"}, "/enrolment"),
        ({"device_id": "x" * 123, "enrolment": "claim"}, "/enrolment"),
        ({"device_id": "dev", "enrolment": "claim", "csr": _csr()}, "/csr"),
        ({"device_id": "dev", "re_enrol": True}, "/re_enrol"),
    ],
)
def test_a_wrong_registration_is_refused(rest: Rest, body: dict[str, object], pointer: str) -> None:
    refused = rest("POST", "/v1/devices", body)
    assert refused.status == 422
    assert list(refused.faults) == [pointer]


def test_an_announced_device_is_told_what_it_needs_to_enrol_and_is_listed(rest: Rest) -> None:
    answer = rest("POST", "/v1/devices", {"device_id": "dev_001", "enrolment": "claim"})
    assert answer.status == 201
    assert answer.body == {
        "device_id": "dev_001",
        "state": "announced",
        "mqtt_endpoint": answer.body["mqtt_endpoint"],
        "mqtt_port": 8883,
        "provisioning_template": "edgeflow",
        "topic_rules": "edgeflow",
    }
    iot = boto3.client("iot")
    assert iot.list_certificates()["certificates"] == []
    assert iot.describe_thing(thingName="dev_001")["attributes"] == {"managed_by": "edgeflow"}
    shown = rest("GET", "/v1/devices/dev_001").body
    assert (shown["state"], shown["certificate_arn"]) == ("announced", None)
    assert [device["state"] for device in rest("GET", "/v1/devices").body["devices"]] == ["announced"]
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    rest("POST", f"/v1/flows/{flow_id}/publish")
    early = {"flow_id": flow_id, "strategy": "rolling", "target_devices": ["dev_001"]}
    assert rest("POST", "/v1/deployments", early).status == 422, "it cannot be deployed to yet"
    assert rest("DELETE", "/v1/devices/dev_001").status == 204
    assert iot.list_things()["things"] == []


def test_a_registered_device_may_enrol_again_only_when_that_is_said(rest: Rest) -> None:
    made = rest("POST", "/v1/devices", {"device_id": "dev_001"}).body
    refused = rest("POST", "/v1/devices", {"device_id": "dev_001", "enrolment": "claim"})
    assert refused.status == 409
    again = rest("POST", "/v1/devices", {"device_id": "dev_001", "enrolment": "claim", "re_enrol": True})
    assert (again.status, again.body["state"]) == (201, "registered")
    assert rest("GET", "/v1/devices/dev_001").body["certificate_arn"] == made["certificate_arn"]


def test_a_thing_of_somebody_else_is_left_alone(rest: Rest) -> None:
    iot = boto3.client("iot")
    iot.create_thing(thingName="dev_001")
    refused = rest("POST", "/v1/devices", {"device_id": "dev_001"})
    assert refused.status == 409
    assert "did not make" in refused.body["detail"]
    assert iot.list_certificates()["certificates"] == []
    assert iot.describe_thing(thingName="dev_001")["thingName"] == "dev_001"
    assert rest("GET", "/v1/devices/dev_001").status == 404


def test_devices_are_listed_by_id_in_pages(rest: Rest) -> None:
    for device_id in ("dev_003", "dev:001", "dev_002"):
        rest("POST", "/v1/devices", {"device_id": device_id})
    first = rest("GET", "/v1/devices", query={"limit": "2"}).body
    second = rest("GET", "/v1/devices", query={"limit": "2", "cursor": first["next_cursor"]}).body
    listed = [device["device_id"] for device in first["devices"] + second["devices"]]
    assert listed == ["dev:001", "dev_002", "dev_003"]
    assert second["next_cursor"] is None
    assert rest("GET", "/v1/devices/dev%3A001").body["device_id"] == "dev:001"


def test_a_device_shows_its_connection_and_what_it_runs(rest: Rest, table: Table) -> None:
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    fresh = rest("GET", "/v1/devices/dev_001").body
    assert (fresh["connected"], fresh["last_seen"], fresh["flows"]) == (None, None, [])

    installs = InstallStore(table)
    installs.record("dev_001", "flow_a", SAID, version=2, deployment_id="dep_1")
    installs.record("dev_001", "flow_b", SAID, version=5, deployment_id="dep_2")
    busy = NodeActivity(node_id="n1", received_per_minute=61.5, sent_per_minute=0, dropped=2, last_error="too fast")
    health = FlowHealth(
        flow_id="flow_a",
        version=2,
        sha256="0" * 64,
        slot=Slot.BLUE,
        health=Health.HEALTHY,
        since=NOON,
        messages_per_minute=61.5,
        dropped=2,
        activity=(busy,),
    )
    vitals = Vitals(load=0.25, temperature=41.5)
    report = HealthReport(sent_at=NOON, sequence=1, agent_version="0.1.0", flows=(health,), vitals=vitals)
    devices = DeviceStore(table)
    reports.ingest_health()("dev_001", report, received_at=NOON)
    at_ms = int(NOON.timestamp() * 1_000) + 1_000
    presence = Presence(device_id="dev_001", connected=True, connection=1, at_ms=at_ms)
    devices.record_presence(presence, at=timestamp(NOON + timedelta(seconds=1)))

    shown = rest("GET", "/v1/devices/dev_001").body
    assert (shown["connected"], shown["last_seen"]) == (True, "2026-02-21T12:00:01.000Z")
    assert shown["agent_version"] == "0.1.0"
    assert [(flow["flow_id"], flow["version"], flow["slot"], flow["health"]) for flow in shown["flows"]] == [
        ("flow_a", 2, "blue", "healthy"),
        ("flow_b", 5, None, None),
    ]
    assert [flow["deployment_id"] for flow in shown["flows"]] == ["dep_1", "dep_2"]
    assert [(flow["messages_per_minute"], flow["dropped"]) for flow in shown["flows"]] == [(61.5, 2), (None, None)]
    assert [flow["activity"] for flow in shown["flows"]] == [[busy.model_dump()], []]
    assert Vitals.model_validate(shown["vitals"]) == vitals


def _deployment(flow_id: str) -> Deployment:
    return Deployment(
        id="dep_1",
        flow_id=flow_id,
        artifact=Artifact(version=1, sha256="0" * 64, size=10),
        strategy=Strategy.ALL_AT_ONCE,
        rules=RolloutRules(timeout_seconds=60, auto_rollback=True, health_check=True),
        status=DeploymentStatus.PENDING,
        status_reason="created",
        total_targets=1,
        created_at="2026-02-21T12:00:00.000Z",
        created_by="operator",
    )


def test_a_device_that_an_unfinished_deployment_claims_stays(rest: Rest, table: Table) -> None:
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    rest("POST", f"/v1/flows/{flow_id}/publish")
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    deployments = DeploymentStore(table)
    deployments.create(_deployment(flow_id), entry=ENTRY)
    InstallStore(table).claim("dev_001", flow_id, "dep_1")

    refused = rest("DELETE", "/v1/devices/dev_001")
    assert refused.status == 409
    assert "dep_1" in refused.body["detail"]
    assert rest("GET", "/v1/devices/dev_001").status == 200

    at = "2026-02-21T12:30:00.000Z"
    pending = {DeploymentStatus.PENDING}
    deployments.finish("dep_1", allowed=pending, to=DeploymentStatus.FAILED, reason="stopped", at=at, entry=ENTRY)
    assert rest("DELETE", "/v1/devices/dev_001").status == 204


def test_a_removed_device_leaves_nothing(rest: Rest, table: Table) -> None:
    rest("POST", "/v1/devices", {"device_id": "dev_001"})
    InstallStore(table).record("dev_001", "flow_a", SAID, version=2, deployment_id="dep_1")
    assert rest("DELETE", "/v1/devices/dev_001").status == 204
    iot = boto3.client("iot")
    assert iot.list_certificates()["certificates"] == []
    assert iot.list_things()["things"] == []
    assert list(table.query_all("DEVICE#dev_001")) == []
    assert rest("GET", "/v1/devices/dev_001").status == 404
    assert rest("DELETE", "/v1/devices/dev_001").status == 404
    assert rest("POST", "/v1/devices", {"device_id": "dev_001"}).status == 201
