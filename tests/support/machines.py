"""The state machines of statemachines/, run by moto's interpreter; the test stands in for the dispatch function."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import boto3
from moto.sqs.models import sqs_backends
from moto.stepfunctions.responses import get_backend

from dispatch_wave.commands import COMMAND, AwaitResume, GiveUp, StateCommand, WatchWaves, WindDown
from edgeflow.adapters.keys import deployment_key
from tests.support.aws import REGION, TABLE_NAME, create_table
from tests.support.functions import Functions
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_sqs.client import SQSClient
    from types_boto3_stepfunctions.client import SFNClient
    from types_boto3_stepfunctions.type_defs import HistoryEventTypeDef

ACCOUNT: Final = "123456789012"
ROLE: Final = "arn:aws:iam::123456789012:role/machines"
MACHINE_ARN: Final = f"arn:aws:states:{REGION}:123456789012:stateMachine"
FUNCTION_ARN: Final = f"arn:aws:lambda:{REGION}:123456789012:function"

PLAN_ROLLOUT: Final = "plan-rollout"
PLAN_ROLLBACK: Final = "plan-rollback"
CONCLUDE_ROLLOUT: Final = "conclude-rollout"
CONCLUDE_ROLLBACK: Final = "conclude-rollback"

QUICK: Final = (AwaitResume, WatchWaves)
"""What is carried out in a moment, and must not wait behind waves."""

C = TypeVar("C", bound=StateCommand)


def definition(folder: Path, machine: str, substitutions: Mapping[str, str]) -> str:
    """Return a machine's definition with its ``${…}`` filled in; one that is not named is an error."""
    text = (folder / f"{machine}.asl.json").read_text(encoding="utf-8")
    return re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], text)


@dataclass(frozen=True)
class Run:
    """One execution, and the messages it sends."""

    cloud: "Cloud"
    arn: str

    def command(self, kind: type[C]) -> C:
        """Take the next message off the dispatch queue; it is of this kind."""
        taken = wait_for(self._message, what=lambda: f"{kind.__name__}, after {self.states()}")
        assert isinstance(taken, kind)
        return taken

    def succeed(self, command: StateCommand, output: Mapping[str, object]) -> None:
        """Answer a message's task token."""
        self.cloud.states.send_task_success(taskToken=command.task_token, output=json.dumps(output))

    def fail(self, command: StateCommand, error: str) -> None:
        """Have the task of a message fail. moto would not pass a cause on."""
        self.cloud.states.send_task_failure(taskToken=command.task_token, error=error)

    def ended(self) -> str:
        """Wait until the execution has ended; returns its status. Every message it sent was taken."""
        status = wait_for(self._end, what=lambda: f"the execution ends, after {self.states()}")
        assert self._message() is None
        return status

    def states(self) -> list[str]:
        """Return the states entered so far."""
        return [
            event["stateEnteredEventDetails"]["name"] for event in self.history() if "stateEnteredEventDetails" in event
        ]

    def part(self, machine: str, name: str) -> "Run":
        """Return an execution that this one has started and waits for; ``name`` is what its own name ends in."""
        own = self.arn.rpartition(":")[2]
        return self.cloud.started(machine, f"{own}-{name}")

    def history(self) -> "list[HistoryEventTypeDef]":
        """Return everything that happened so far."""
        return self.cloud.states.get_execution_history(executionArn=self.arn, maxResults=1_000)["events"]

    def error(self) -> str:
        """Return the error an execution failed with."""
        return self.cloud.states.describe_execution(executionArn=self.arn)["error"]

    def input(self) -> dict[str, Any]:
        """Return what the execution was started with."""
        given: dict[str, Any] = json.loads(self.cloud.states.describe_execution(executionArn=self.arn)["input"])
        return given

    def _end(self) -> str | None:
        if get_backend(ACCOUNT, REGION).describe_execution(self.arn).status == "RUNNING":
            return None  # such a look costs less than a call
        return self.cloud.states.describe_execution(executionArn=self.arn)["status"]

    def _message(self) -> StateCommand | None:
        for url in (self.cloud.dispatch_url, self.cloud.control_url):
            if self.cloud.is_empty(url):
                continue
            answer = self.cloud.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
            for message in answer.get("Messages", []):
                self.cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                command = COMMAND.validate_json(message["Body"])
                assert not isinstance(command, WindDown | GiveUp), "no machine gives that order"
                assert isinstance(command, QUICK) is (url == self.cloud.control_url), "it came by the other queue"
                return command
        return None


@dataclass
class Cloud:
    """What the state machines reach: the functions, the dispatch queue, the table, and one another."""

    folder: Path
    functions: Functions
    backoffs: list[float]
    """Seconds the interpreter would have waited before each further try."""
    states: "SFNClient" = field(default_factory=lambda: boto3.client("stepfunctions"))
    sqs: "SQSClient" = field(default_factory=lambda: boto3.client("sqs"))
    dynamodb: "DynamoDBClient" = field(default_factory=lambda: boto3.client("dynamodb"))
    dispatch_url: str = field(init=False)
    control_url: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the queues and the table."""
        self.dispatch_url = self.sqs.create_queue(QueueName="dispatch")["QueueUrl"]
        self.control_url = self.sqs.create_queue(QueueName="control")["QueueUrl"]
        create_table(self.dynamodb)

    def create(self, machine: str, *, change: Callable[[str], str] = lambda text: text) -> None:
        """Make a state machine from its file, as ``change`` makes it.

        Reading it takes the interpreter longer than most executions.
        """
        substitutions = {
            "PlanRolloutFunctionArn": f"{FUNCTION_ARN}:{PLAN_ROLLOUT}",
            "PlanRollbackFunctionArn": f"{FUNCTION_ARN}:{PLAN_ROLLBACK}",
            "ConcludeRolloutFunctionArn": f"{FUNCTION_ARN}:{CONCLUDE_ROLLOUT}",
            "ConcludeRollbackFunctionArn": f"{FUNCTION_ARN}:{CONCLUDE_ROLLBACK}",
            "DispatchQueueUrl": self.dispatch_url,
            "ControlQueueUrl": self.control_url,
            "TableName": TABLE_NAME,
            "DeployWaveStateMachineArn": f"{MACHINE_ARN}:deploy_wave",
            "HandleBreachStateMachineArn": f"{MACHINE_ARN}:handle_breach",
            "RollbackStateMachineArn": f"{MACHINE_ARN}:rollback",
        }
        text = definition(self.folder, machine, substitutions)
        self.states.create_state_machine(name=machine, definition=change(text), roleArn=ROLE)

    def start(self, machine: str, name: str, given: Mapping[str, object]) -> Run:
        """Start an execution."""
        answer = self.states.start_execution(
            stateMachineArn=f"{MACHINE_ARN}:{machine}", name=name, input=json.dumps(given)
        )
        return Run(self, answer["executionArn"])

    def started(self, machine: str, name: str) -> Run:
        """Return an execution that something else has started."""
        return Run(self, f"{MACHINE_ARN.replace(':stateMachine', ':execution')}:{machine}:{name}")

    def running(self) -> list[str]:
        """Return the executions that have not ended."""
        machines = [machine["stateMachineArn"] for machine in self.states.list_state_machines()["stateMachines"]]
        found = [self.states.list_executions(stateMachineArn=arn)["executions"] for arn in machines]
        return [execution["name"] for some in found for execution in some if execution["status"] == "RUNNING"]

    def executions(self, machine: str) -> list[str]:
        """Return the names of a machine's executions."""
        found = self.states.list_executions(stateMachineArn=f"{MACHINE_ARN}:{machine}")["executions"]
        return [execution["name"] for execution in found]

    @staticmethod
    def is_empty(url: str) -> bool:
        """Tell whether a queue is there and holds nothing: a look into moto, which costs less than a call to it."""
        queue = sqs_backends[ACCOUNT][REGION].queues.get(url.rpartition("/")[2])
        return queue is not None and not queue.messages

    def set_status(self, deployment_id: str, status: str) -> None:
        """Write a deployment's item as far as the machines read it."""
        pk, sk = deployment_key(deployment_id)
        self.dynamodb.put_item(TableName=TABLE_NAME, Item={"pk": {"S": pk}, "sk": {"S": sk}, "status": {"S": status}})
