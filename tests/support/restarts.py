"""An emulator that a test stops, kills and starts again, with a table in it and a function that reads its stream."""

import io
import json
import os
import signal
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from localcloud.clients import root_client
from localcloud.emulator import PATCHED, Emulator
from localcloud.settings import Settings
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

BARE: Final = "ministack"
"""The emulator as it comes."""
SOON_SECONDS: Final = 30
"""What is to happen happens by then, however busy the machine."""
LONG_ENOUGH_SECONDS: Final = 6
"""What has not happened by then would not happen."""
_TABLE: Final = "things"
_READER: Final = "reader"
_PROGRAM: Final = """
def handler(event, context):
    for record in event["Records"]:
        print("seen", record["dynamodb"]["Keys"]["id"]["S"])
"""
_SLOW_STACK: Final = {
    "Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "DependsOn": "Handle",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "600"},
        },
    }
}
_LOOKS_EVERY_SECONDS: Final = 0.1


@dataclass
class Restartable:
    """An emulator with a data folder and ports of its own; what is in the folder is there again at each start."""

    settings: Settings

    @classmethod
    def make(cls, data_dir: Path) -> "Restartable":
        """Return one that does not run yet."""
        gateway_port, mqtt_port = free_ports(2)
        return cls(Settings(data_dir=data_dir, gateway_port=gateway_port, mqtt_port=mqtt_port))

    def __post_init__(self) -> None:
        """Nothing is started yet."""
        self._emulator = Emulator(self.settings)

    def start(self, module: str = PATCHED) -> None:
        """Start it: as ``make up`` does, or BARE."""
        self._emulator = Emulator(self.settings, module=module)
        self._emulator.start()

    def stop(self) -> None:
        """End it as ``make down`` does."""
        self._emulator.stop()

    def kill(self) -> None:
        """End it as a lack of memory would."""
        pid = self._emulator.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert self._is(lambda: self._emulator.pid() is None, SOON_SECONDS)

    def ends(self, *, within: float) -> bool:
        """Tell it to end, as ``make down`` does, and say whether it does so in time."""
        pid = self._emulator.pid()
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        return self._is(lambda: self._emulator.pid() is None, within)

    def begin_slow_stack(self) -> None:
        """Begin to make a stack that waits for a signal which never comes."""
        self.client("cloudformation").create_stack(StackName="slow", TemplateBody=json.dumps(_SLOW_STACK))
        assert self.slow_stack() == "CREATE_IN_PROGRESS"

    def slow_stack(self) -> str | None:
        """Return the status of that stack; None when there is none."""
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName="slow")["Stacks"]
        except ClientError:
            return None
        return str(stacks[0]["StackStatus"])

    def is_saved(self, *, within: float = SOON_SECONDS) -> bool:
        """Tell whether all that happened up to now gets into the data folder in time."""
        marker = uuid4().hex
        self.client("ssm").put_parameter(Name="marker", Value=marker, Type="String", Overwrite=True)
        saved = self.settings.data_dir / "state" / "ssm.json"
        return self._is(lambda: saved.exists() and marker in saved.read_text(), within)

    def client(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        """Return a client with the root user's keys."""
        return root_client(service, self.settings.endpoint_url)

    def furnish(self, *, listening: bool = True) -> str:
        """Make the table, the function and the mapping between them; returns the mapping's id."""
        table = self.client("dynamodb").create_table(
            TableName=_TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]
        functions = self.client("lambda")
        functions.create_function(
            FunctionName=_READER,
            Runtime="python3.11",
            Handler="reader.handler",
            Role=self._role(),
            Code={"ZipFile": _zipped(_PROGRAM)},
        )
        mapping = functions.create_event_source_mapping(
            FunctionName=_READER,
            EventSourceArn=table["LatestStreamArn"],
            StartingPosition="TRIM_HORIZON",
            Enabled=listening,
        )
        return str(mapping["UUID"])

    def listen(self, mapping: str) -> None:
        """Let the function be called from now on."""
        self.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)

    def write(self, *ids: str) -> None:
        """Write items to the table."""
        for item in ids:
            self.client("dynamodb").put_item(TableName=_TABLE, Item={"id": {"S": item}})

    def sees(self, *ids: str, within: float = SOON_SECONDS) -> bool:
        """Wait until the function was called with all of these; tell whether it came so, and with nothing else."""
        return self._is(lambda: set(ids) <= set(self._seen()), within) and sorted(self._seen()) == sorted(ids)

    @staticmethod
    def _is(condition: Callable[[], bool], within: float) -> bool:
        """Wait until a condition holds; tell whether it did in time."""
        try:
            wait_for(lambda: condition() or None, what="", seconds=within, every=_LOOKS_EVERY_SECONDS)
        except AssertionError:
            return False
        return True

    def _seen(self) -> list[str]:
        """Return what the function was called with since the folder was empty."""
        logs = self.client("logs")
        group = f"/aws/lambda/{_READER}"
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        words = " ".join(event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]).split()
        return [word for before, word in pairwise(words) if before == "seen"]

    def _role(self) -> str:
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        use = {"Effect": "Allow", "Action": ["dynamodb:*", "logs:*"], "Resource": "*"}
        made = iam.create_role(RoleName=_READER, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=_READER, PolicyName="use", PolicyDocument=_policy(use))
        return str(made)


def _zipped(program: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("reader.py", program)
    return packed.getvalue()


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
