"""Enrolment by claim, as the owner of a fleet and its devices do it: with AWS IoT, and the agent's own program."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from deployed.device_files import ARTIFACT_KEY, ORDER_KEY
from deployed.operator import Operator
from deployed.stack import Stack
from edge_agent.config import AgentConfig, load_config

COMMAND_SECONDS: Final = 90


@dataclass(frozen=True)
class Claim:
    """A claim certificate, made as docs/operations.md says."""

    certificate_id: str
    certificate: Path
    key: Path

    @classmethod
    def make(cls, stack: Stack, folder: Path) -> Self:
        """Make one with the stack's claim policy."""
        iot = stack.client("iot")
        made = iot.create_keys_and_certificate(setAsActive=True)
        iot.attach_policy(policyName=stack.outputs["ClaimPolicyName"], target=made["certificateArn"])
        (folder / "claim.pem").write_text(made["certificatePem"])
        (folder / "claim.key").touch(mode=0o600)
        (folder / "claim.key").write_text(made["keyPair"]["PrivateKey"])
        return cls(made["certificateId"], folder / "claim.pem", folder / "claim.key")

    def remove(self, stack: Stack) -> None:
        """Let nobody enrol by it any more, and delete it."""
        iot = stack.client("iot")
        arn = iot.describe_certificate(certificateId=self.certificate_id)["certificateDescription"]["certificateArn"]
        iot.update_certificate(certificateId=self.certificate_id, newStatus="INACTIVE")
        iot.detach_policy(policyName=stack.outputs["ClaimPolicyName"], target=arn)
        iot.delete_certificate(certificateId=self.certificate_id)


@dataclass(frozen=True)
class Device:
    """A device on its way into the fleet; what is on its disk is in ``folder``."""

    stack: Stack
    device_id: str
    folder: Path

    @property
    def settings(self) -> Path:
        """Where enrolment writes the agent's settings."""
        return self.folder / "etc" / "agent.toml"

    def enroll(self, claim: Claim, *more: str) -> "subprocess.CompletedProcess[str]":
        """Run ``edgeflow-agent enroll``; the device is to trust the stack's keys alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keys = {ARTIFACT_KEY: self.stack.artifact_key, ORDER_KEY: self.stack.order_key}
        for name, key in keys.items():
            (self.folder / name).write_text(key)
        authority = () if self.stack.ca_path is None else ("--ca", str(self.stack.ca_path))
        return _run(
            "enroll",
            *("--endpoint", self.stack.mqtt_host, "--port", str(self.stack.mqtt_port), *authority),
            *("--template", self.stack.outputs["ProvisioningTemplateName"], "--topic-rules", self.stack.topic_rules),
            *("--device-id", self.device_id, "--data-directory", str(self.folder / "data")),
            *("--artifact-key", str(self.folder / ARTIFACT_KEY), "--order-key", str(self.folder / ORDER_KEY)),
            *("--claim-certificate", str(claim.certificate), "--claim-key", str(claim.key)),
            *("--config", str(self.settings), *more),
        )

    def rotate(self) -> "subprocess.CompletedProcess[str]":
        """Run ``edgeflow-agent rotate``."""
        return _run("rotate", "--config", str(self.settings))

    def config(self) -> AgentConfig:
        """Return the settings that enrolment wrote."""
        return load_config(self.settings)

    def certificate_id(self) -> str:
        """Return the id that AWS IoT has for the certificate on the disk."""
        return x509.load_pem_x509_certificate(self.config().certificate.read_bytes()).fingerprint(hashes.SHA256()).hex()

    def good_certificates(self) -> list[str]:
        """Return the ids of all certificates of the device's thing."""
        principals = self.stack.client("iot").list_thing_principals(thingName=self.device_id)["principals"]
        return [arn.rpartition("/")[2] for arn in principals]

    def seen_by(self, operator: Operator) -> dict[str, Any]:
        """Return what the API tells of it."""
        return operator.rest.call("GET", f"/devices/{self.device_id}")

    def is_registered(self, operator: Operator) -> bool:
        """Tell whether the API knows it by the certificate on its disk."""
        shown = self.seen_by(operator)
        return shown["state"] == "registered" and str(shown["certificate_arn"]).endswith(self.certificate_id())


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "edge_agent.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
