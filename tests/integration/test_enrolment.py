"""Enrolment by claim on the local cloud: real MQTT with mutual TLS, the template, its hook, the agent's own program."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import requests
from awscrt import mqtt5
from awscrt.mqtt_request_response import ClientOptions
from awsiot import V2ServiceException, iotidentity

from deployed.enrolment import Claim
from deployed.enrolment import Device as Enrolling
from deployed.probe import NOT_AUTHORIZED
from deployed.rest import ProblemError
from deployed.stack import Stack
from edge_agent.agent import Agent
from edge_agent.cloud.identity import Connection, Identity
from edge_agent.config import AgentConfig
from edge_agent.enrolment.keys import make_key, signing_request
from edge_agent.enrolment.ports import Refused, Unreachable
from edge_agent.flows.workers.runtime import WorkerRuntime
from edgeflow.contract.report import health_topic
from localcloud.clients import root_client
from localcloud.settings import HOST, Settings
from tests.support.agent_program import AgentProgram
from tests.support.rollouts import Operator, eventually

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def claim(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Claim]:
    """A claim certificate with the stack's claim policy."""
    made = Claim.make(stack, tmp_path_factory.mktemp("claim"))
    yield made
    made.remove(stack)


@pytest.fixture
def device_id() -> str:
    """A name that nobody has."""
    return f"claimed_{uuid4().hex[:8]}"


class Device(Enrolling):
    """A device whose agent a test can kill."""

    def program(self) -> AgentProgram:
        """The agent, with no pause before updates."""
        self.settings.write_text(self.settings.read_text() + "jitter = 0\n")
        return AgentProgram(self.device_id, self.settings, self.config().data_directory)


@pytest.fixture
def device(stack: Stack, device_id: str, tmp_path: Path) -> Device:
    """A device that nobody has announced."""
    return Device(stack, device_id, tmp_path)


@pytest.fixture
def announced(operator: Operator, device: Device) -> Device:
    """A device that an operator has announced."""
    told = operator.rest.call("POST", "/devices", {"device_id": device.device_id, "enrolment": "claim"})
    assert told["provisioning_template"] == device.stack.outputs["ProvisioningTemplateName"]
    return device


def test_an_announced_device_enrols_takes_a_deployment_and_is_locked_out_when_removed(
    operator: Operator, announced: Device, claim: Claim
) -> None:
    done = announced.enroll(claim)
    assert (done.returncode, done.stderr) == (0, "")
    config = announced.config()
    assert config.private_key.stat().st_mode & 0o777 == 0o600
    assert announced.seen_by(operator)["state"] == "announced", "nothing has connected yet"
    flow_id = operator.flow()
    with announced.program().running():
        eventually(lambda: announced.is_registered(operator), seconds=60, what="the device is registered")
        ended = operator.deploy(flow_id, [announced.device_id], strategy="all_at_once")
        assert ended["status"] == "completed", ended["status_reason"]
    assert announced.good_certificates() == [announced.certificate_id()]
    operator.rest.call("DELETE", f"/devices/{announced.device_id}")
    with pytest.raises(Unreachable), own_connection(announced, patience=3):
        pytest.fail("it was removed, and yet it connects")


def own_connection(device: Device, *, patience: float = 30) -> Connection:
    return Connection(device.config(), client_id=device.device_id, patience=patience)


def claim_connection(stack: Stack, claim: Claim, client_id: str, *, patience: float = 30) -> Connection:
    config = AgentConfig(
        device_id="anybody",
        endpoint=stack.mqtt_host,
        port=stack.mqtt_port,
        ca=stack.ca_path,
        certificate=claim.certificate,
        private_key=claim.key,
        data_directory=claim.key.parent,
    )
    return Connection(config, client_id=client_id, patience=patience)


def test_who_was_not_announced_gets_nothing(operator: Operator, device: Device, claim: Claim) -> None:
    refused = device.enroll(claim)
    assert refused.returncode == 1
    assert "AccessDenied" in refused.stderr
    assert not device.settings.exists()
    with pytest.raises(ProblemError) as unknown:
        device.seen_by(operator)
    assert unknown.value.status == 404


def test_enrolling_twice_is_refused_until_it_is_permitted(
    operator: Operator, announced: Device, claim: Claim, tmp_path: Path
) -> None:
    assert announced.enroll(claim).returncode == 0
    with own_connection(announced):
        eventually(lambda: announced.is_registered(operator), seconds=60, what="the device is registered")
    first = announced.certificate_id()
    here = announced.enroll(claim)
    assert (here.returncode, "enrolled already" in here.stderr) == (1, True)

    imposter = Device(announced.stack, announced.device_id, tmp_path / "imposter")
    elsewhere = imposter.enroll(claim)
    assert (elsewhere.returncode, "AccessDenied" in elsewhere.stderr) == (1, True)
    assert announced.good_certificates() == [first]

    body = {"device_id": announced.device_id, "enrolment": "claim", "re_enrol": True}
    assert operator.rest.call("POST", "/devices", body)["state"] == "registered"
    renewed = Device(announced.stack, announced.device_id, tmp_path / "new disk")
    assert renewed.enroll(claim).returncode == 0
    with own_connection(renewed):
        eventually(lambda: announced.good_certificates() == [renewed.certificate_id()], seconds=60, what="one is left")


def test_a_claim_is_good_for_enrolling_alone(stack: Stack, announced: Device, claim: Claim) -> None:
    with pytest.raises(Unreachable), claim_connection(stack, claim, announced.device_id, patience=3):
        pytest.fail("a claim connects under the name of a device")
    with claim_connection(stack, claim, "claim.another") as connection:
        for topic in (health_topic(announced.device_id, "edgeflow"), "$aws/certificates/create/json"):
            packet = mqtt5.PublishPacket(topic=topic, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=b"{}")
            assert connection.client.publish(packet).result(10).puback.reason_code == NOT_AUTHORIZED, topic
        identity = Identity(connection.client)
        signed = identity.sign(signing_request(make_key(), announced.device_id))
        with pytest.raises(Refused, match="AccessDenied"):
            identity.register(
                template=stack.outputs["ProvisioningTemplateName"], device_id=announced.device_id, token=signed.token
            )


def test_claim_is_forgotten_when_that_is_asked_and_enrolment_is_done(
    stack: Stack, announced: Device, claim: Claim, tmp_path: Path
) -> None:
    copy = Claim(claim.certificate_id, tmp_path / "claim.pem", tmp_path / "claim.key")
    copy.certificate.write_bytes(claim.certificate.read_bytes())
    copy.key.write_bytes(claim.key.read_bytes())
    stranger = Device(stack, f"{announced.device_id}_stranger", tmp_path / "stranger")
    assert stranger.enroll(copy, "--forget-claim").returncode == 1
    assert copy.key.exists(), "who is refused may try again"
    assert announced.enroll(copy, "--forget-claim").returncode == 0
    assert not copy.key.exists()
    assert not copy.certificate.exists()


def test_bare_emulator_still_needs_the_patch(bare: Settings, tmp_path: Path) -> None:
    iot: IoTClient = root_client("iot", bare.endpoint_url)
    made = iot.create_keys_and_certificate(setAsActive=True)
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
    iot.create_policy(policyName="everything", policyDocument=json.dumps(everything))
    iot.attach_policy(policyName="everything", target=made["certificateArn"])
    files = {"ca.pem": requests.get(f"{bare.endpoint_url}/_ministack/iot/ca.pem", timeout=10).text}
    files |= {"certificate.pem": made["certificatePem"], "private.key": made["keyPair"]["PrivateKey"]}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    config = AgentConfig(
        device_id="anybody",
        endpoint=HOST,
        port=bare.mqtt_port,
        ca=tmp_path / "ca.pem",
        certificate=tmp_path / "certificate.pem",
        private_key=tmp_path / "private.key",
        data_directory=tmp_path,
    )
    connection = Connection(config, client_id="anybody")
    options = ClientOptions(
        max_request_response_subscriptions=4, max_streaming_subscriptions=0, operation_timeout_in_seconds=3
    )
    request = iotidentity.CreateCertificateFromCsrRequest(
        certificate_signing_request=signing_request(make_key(), "anybody")
    )
    with connection:
        answer = iotidentity.IotIdentityClientV2(connection.client, options).create_certificate_from_csr(request)
        with pytest.raises(V2ServiceException) as unanswered:
            answer.result(10)
    assert unanswered.value.modeled_error is None, (
        "MiniStack signs requests over MQTT by itself now: "
        "delete localcloud/certificates_by_csr.py, its call in localcloud/launcher.py, and this test."
    )


@pytest.fixture
def enrolled(operator: Operator, announced: Device, claim: Claim) -> Device:
    """A device that has enrolled and connected."""
    assert announced.enroll(claim).returncode == 0
    with own_connection(announced):
        eventually(lambda: announced.is_registered(operator), seconds=60, what="the device is registered")
    return announced


def test_rotate_renews_key_and_certificate_and_the_old_ones_are_good_for_nothing(
    operator: Operator, enrolled: Device, tmp_path: Path
) -> None:
    config = enrolled.config()
    old_key = config.private_key.read_bytes()
    old = [tmp_path / "old.pem", tmp_path / "old.key"]
    old[0].write_bytes(config.certificate.read_bytes())
    old[1].write_bytes(old_key)
    done = enrolled.rotate()
    assert (done.returncode, done.stderr) == (0, "")
    assert config.private_key.read_bytes() != old_key
    eventually(lambda: enrolled.is_registered(operator), seconds=60, what="the new certificate is the device's")
    eventually(
        lambda: enrolled.good_certificates() == [enrolled.certificate_id()], seconds=60, what="it is the only one"
    )
    revoked = claim_connection(enrolled.stack, Claim("", *old), enrolled.device_id, patience=3)
    with pytest.raises(Unreachable), revoked:
        pytest.fail("the old certificate still lets somebody in")
    assert enrolled.rotate().returncode == 0, "and once more"


def test_an_agent_that_runs_renews_its_certificate_on_sighup(operator: Operator, enrolled: Device) -> None:
    before = enrolled.certificate_id()
    with enrolled.program().running() as process:
        assert operator.deploy(operator.flow(), [enrolled.device_id], strategy="all_at_once")["status"] == "completed"
        process.send_signal(signal.SIGHUP)
        eventually(lambda: enrolled.certificate_id() != before, seconds=60, what="another certificate is in use")
        eventually(
            lambda: enrolled.good_certificates() == [enrolled.certificate_id()], seconds=60, what="it is the only one"
        )
        assert operator.deploy(operator.flow(), [enrolled.device_id], strategy="all_at_once")["status"] == "completed"


def test_flows_go_on_and_jobs_come_while_the_certificate_is_renewed(operator: Operator, enrolled: Device) -> None:
    flow_id = operator.flow()
    agent = Agent(enrolled.config().model_copy(update={"jitter": 0.0}))
    agent.start()
    try:
        assert operator.deploy(flow_id, [enrolled.device_id], strategy="all_at_once")["status"] == "completed"
        process = process_of(agent, flow_id)
        before = enrolled.certificate_id()
        agent.renew_certificate()
        eventually(lambda: enrolled.certificate_id() != before, seconds=60, what="another certificate is in use")
        assert operator.deploy(operator.flow(), [enrolled.device_id], strategy="all_at_once")["status"] == "completed"
        assert process_of(agent, flow_id) == process, "it was not started anew"
    finally:
        agent.stop()


def process_of(agent: Agent, flow_id: str) -> int:
    """The id of the process that runs a flow."""
    runtime = agent.runtime
    assert isinstance(runtime, WorkerRuntime)
    return runtime.processes()[flow_id]


def test_a_device_renews_no_certificate_but_its_own(operator: Operator, enrolled: Device) -> None:
    neighbour = f"{enrolled.device_id}_neighbour"
    template = enrolled.stack.outputs["ProvisioningTemplateName"]
    operator.rest.call("POST", "/devices", {"device_id": neighbour, "enrolment": "claim"})
    with own_connection(enrolled) as connection:
        identity = Identity(connection.client)
        signed = identity.sign(signing_request(make_key(), neighbour))
        with pytest.raises(Refused, match="AccessDenied"):
            identity.register(template=template, device_id=neighbour, token=signed.token)
    iot: IoTClient = enrolled.stack.client("iot")
    assert iot.list_thing_principals(thingName=neighbour)["principals"] == []
