"""An account of AWS: a stack of the proof's own, deployed by the SAM CLI, and torn down as `make teardown` does."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deployed.sam import ROOT, sam
from deployed.stack import Stack
from operations.clients import Clients
from operations.errors import Refused
from operations.preflight.environment import Environment
from operations.preflight.findings import Severity
from operations.preflight.run import preflight
from operations.stack import GONE, find
from operations.teardown import leftovers
from operations.teardown.kept import is_ending_key
from operations.teardown.run import teardown
from operations.waiting import Clock, rounds
from smoke.runner import NotAsExpected, Say, expect

BUILD_SECONDS: Final = 600
DEPLOY_SECONDS: Final = 1_800
LISTED_SECONDS: Final = 300
"""For so long AWS may list by their tags resources that are gone."""
LISTED_AGAIN_SECONDS: Final = 15
MQTT_PORT: Final = 8883
HTTPS_PORT: Final = 443


@dataclass(frozen=True, kw_only=True)
class AwsStack(Stack):
    """A stack on AWS, whose endpoint takes MQTT beside HTTPS as well."""

    clients: Clients

    def client(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        """Return a boto3 client with the caller's credentials."""
        return self.clients(service)

    @property
    def mqtt_ports(self) -> tuple[int, ...]:
        """The ports at which devices may connect, the usual one first."""
        return MQTT_PORT, HTTPS_PORT


@dataclass(frozen=True)
class AwsAccount:
    """Implements ``run.Account`` for one environment of samconfig.toml; ``log`` is where the SAM CLI writes."""

    clients: Clients
    environment: Environment
    region: str
    log: Path
    clock: Clock
    say: Say

    def look(self) -> str:
        """Build, and look as `make preflight` does. Raises Refused: the stack is there, or would not be well."""
        name = self.environment.stack_name
        there = find(self.clients, name)
        if there is not None and there.status != GONE:
            message = (
                f"There is a stack {name} already ({there.status}), which the proof would delete. Where it is what an "
                f"earlier run left: make teardown STACK={name} DATA=delete"
            )
            raise Refused(message)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self._sam(["build"], seconds=BUILD_SECONDS)
        findings = preflight(self.clients, self.environment, ROOT)
        errors = [each for each in findings if each.severity is Severity.ERROR]
        expect(not errors, "; ".join(f"{each.check}: {each.what}. Remedy: {each.remedy}" for each in errors))
        warnings = sum(each.severity is Severity.WARNING for each in findings)
        return f"{len(findings)} findings, no error, {warnings} warnings"

    def deploy(self) -> Stack:
        """See run.Account."""
        self._sam(["deploy"], seconds=DEPLOY_SECONDS)
        described = self.clients("cloudformation").describe_stacks(StackName=self.environment.stack_name)["Stacks"][0]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
        return AwsStack(
            name=self.environment.stack_name,
            region=self.region,
            account_id=self.clients("sts").get_caller_identity()["Account"],
            api_url=outputs["ApiUrl"],
            mqtt_host=self.clients("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"],
            mqtt_port=MQTT_PORT,
            ca_path=None,
            outputs=outputs,
            clients=self.clients,
        )

    def teardown(self) -> str:
        """See run.Account. AWS lists what was deleted for a while longer, so that is looked at again.

        Raises:
            NotAsExpected: something of the stack is still there after that, beside keys that wait for their end.
        """
        name = self.environment.stack_name
        teardown(self.clients, name, deletes_data=True, confirmed=lambda: True, clock=self.clock, say=self._aside)
        left: list[str] = []
        for _ in rounds(self.clock, every=LISTED_AGAIN_SECONDS, at_most=LISTED_SECONDS):
            left = [arn for arn in leftovers.tagged(self.clients, name) if not is_ending_key(self.clients, arn)]
            if not left:
                return "nothing is left, but for keys that AWS KMS deletes in some days"
        message = f"left with the tags of {name} after {LISTED_SECONDS} s: {', '.join(left)}"
        raise NotAsExpected(message)

    def _sam(self, arguments: list[str], *, seconds: float) -> None:
        env = {**os.environ, "AWS_DEFAULT_REGION": self.region, "SAM_CLI_TELEMETRY": "0"}
        sam(arguments, config_env=self.environment.name, environment=env, log=self.log, seconds=seconds)

    def _aside(self, line: str) -> None:
        self.say(f"          {line}")
