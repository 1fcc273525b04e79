"""Enrolment by claim on the local cloud: real MQTT with mutual TLS, the template, its hook, the agent's own program."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3
import pytest
import requests
from awscrt import mqtt5
from awscrt.mqtt_request_response import ClientOptions
from awsiot import V2ServiceException, iotidentity
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from edge_agent.agent import Agent
from edge_agent.cloud.identity import Connection, Identity
from edge_agent.config import AgentConfig, load_config
from edge_agent.enrolment.keys import make_key, signing_request
from edge_agent.enrolment.ports import Refused, Unreachable
from edge_agent.flows.workers.runtime import WorkerRuntime
from edgeflow.contract.report import health_topic
from localcloud.rest import ProblemError
from localcloud.settings import HOST, REGION, ROOT_KEYS, Settings
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram
from tests.support.rollouts import Operator, eventually

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

pytestmark = pytest.mark.timeout(180)

COMMAND_SECONDS: Final = 90
NOT_AUTHORIZED: Final = 0x87  # MQTT 5: reason code of PUBACK


@dataclass(frozen=True)
class Claim:
    """A claim certificate, made as docs/operations.md says."""

    certificate_id: str
    certificate: Path
    key: Path


@pytest.fixture(scope="module")
def claim(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Claim]:
    """A claim certificate with the stack's claim policy."""
    iot: IoTClient = stack.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_policy(policyName=stack.outputs["ClaimPolicyName"], target=made["certificateArn"])
    folder = tmp_path_factory.mktemp("claim")
    (folder / "claim.pem").write_text(made["certificatePem"])
    (folder / "claim.key").write_text(made["keyPair"]["PrivateKey"])
    yield Claim(made["certificateId"], folder / "claim.pem", folder / "claim.key")
    iot.update_certificate(certificateId=made["certificateId"], newStatus="REVOKED")


@pytest.fixture
def device_id() -> str:
    """A name that nobody has."""
    return f"claimed_{uuid4().hex[:8]}"


@dataclass(frozen=True)
class Device:
    """A device on its way into the fleet."""

    stack: Stack
    device_id: str
    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "etc" / "agent.toml"

    def enroll(self, claim: Claim, *more: str) -> "subprocess.CompletedProcess[str]":
        """Run the program."""
        return _run(
            "enroll",
            *("--endpoint", self.stack.mqtt_host, "--port", str(self.stack.mqtt_port)),
            *("--ca", str(self.stack.ca_path), "--template", self.stack.outputs["ProvisioningTemplateName"]),
            *("--device-id", self.device_id, "--data-directory", str(self.folder / "data")),
            *("--claim-certificate", str(claim.certificate), "--claim-key", str(claim.key)),
            *("--config", str(self.settings), *more),
        )

    def rotate(self) -> "subprocess.CompletedProcess[str]":
        """Run the program."""
        return _run("rotate", "--config", str(self.settings))

    def config(self) -> AgentConfig:
        return load_config(self.settings)

    def certificate_id(self) -> str:
        """The id that AWS IoT has for the certificate on the disk."""
        return x509.load_pem_x509_certificate(self.config().certificate.read_bytes()).fingerprint(hashes.SHA256()).hex()

    def program(self) -> AgentProgram:
        """The agent, with no pause before updates."""
        self.settings.write_text(self.settings.read_text() + "jitter = 0\n")
        return AgentProgram(self.device_id, self.settings, self.config().data_directory)


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "edge_agent.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )


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


def seen(operator: Operator, device: Device) -> dict[str, Any]:
    shown: dict[str, Any] = operator.rest.call("GET", f"/devices/{device.device_id}")
    return shown


def registered(operator: Operator, device: Device) -> bool:
    shown = seen(operator, device)
    return shown["state"] == "registered" and str(shown["certificate_arn"]).endswith(device.certificate_id())


def good_certificates(device: Device) -> list[str]:
    """The ids of all certificates of the device's thing."""
    iot: IoTClient = device.stack.client("iot")
    principals = iot.list_thing_principals(thingName=device.device_id)["principals"]
    return [arn.rpartition("/")[2] for arn in principals]


def test_an_announced_device_enrols_takes_a_deployment_and_is_locked_out_when_removed(
    operator: Operator, announced: Device, claim: Claim
) -> None:
    done = announced.enroll(claim)
    assert (done.returncode, done.stderr) == (0, "")
    config = announced.config()
    assert config.private_key.stat().st_mode & 0o777 == 0o600
    assert seen(operator, announced)["state"] == "announced", "nothing has connected yet"
    flow_id = operator.flow()
    with announced.program().running():
        eventually(lambda: registered(operator, announced), seconds=60, what="the device is registered")
        ended = operator.deploy(flow_id, [announced.device_id], strategy="all_at_once")
        assert ended["status"] == "completed", ended["status_reason"]
    assert good_certificates(announced) == [announced.certificate_id()]
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
        seen(operator, device)
    assert unknown.value.status == 404


def test_enrolling_twice_is_refused_until_it_is_permitted(
    operator: Operator, announced: Device, claim: Claim, tmp_path: Path
) -> None:
    assert announced.enroll(claim).returncode == 0
    with own_connection(announced):
        eventually(lambda: registered(operator, announced), seconds=60, what="the device is registered")
    first = announced.certificate_id()
    here = announced.enroll(claim)
    assert (here.returncode, "enrolled already" in here.stderr) == (1, True)

    imposter = Device(announced.stack, announced.device_id, tmp_path / "imposter")
    elsewhere = imposter.enroll(claim)
    assert (elsewhere.returncode, "AccessDenied" in elsewhere.stderr) == (1, True)
    assert good_certificates(announced) == [first]

    body = {"device_id": announced.device_id, "enrolment": "claim", "re_enrol": True}
    assert operator.rest.call("POST", "/devices", body)["state"] == "registered"
    renewed = Device(announced.stack, announced.device_id, tmp_path / "new disk")
    assert renewed.enroll(claim).returncode == 0
    with own_connection(renewed):
        eventually(lambda: good_certificates(announced) == [renewed.certificate_id()], seconds=60, what="one is left")


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
    iot: IoTClient = boto3.client(
        "iot",
        endpoint_url=bare.endpoint_url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
    )
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
        eventually(lambda: registered(operator, announced), seconds=60, what="the device is registered")
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
    eventually(lambda: registered(operator, enrolled), seconds=60, what="the new certificate is the device's")
    eventually(
        lambda: good_certificates(enrolled) == [enrolled.certificate_id()], seconds=60, what="it is the only one"
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
            lambda: good_certificates(enrolled) == [enrolled.certificate_id()], seconds=60, what="it is the only one"
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
