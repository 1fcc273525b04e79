"""The demo ends in a sentence whatever is in its way, and clears away what is its own only."""

import signal
import socket
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from deployed.rest import ProblemError, Rest
from edgeflow.cli.picture import picture
from edgeflow.contract.rest.deployments import DeploymentView
from localcloud import stack as stacks
from localcloud.demo import __main__ as demo
from localcloud.demo import screen
from localcloud.demo.earlier import clear_away, only_demo
from localcloud.demo.screen import DemoFailed
from localcloud.demo.stage import TAG
from localcloud.errors import LocalCloudError
from localcloud.stack import Stack
from tests.support.deployment_views import target, view

DEVICES: Final = ["demo_01", "demo_02"]
STATES: Final = [("deploying", "running"), ("success", "completed")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The local cloud's folder, empty. The demo's way of taking Ctrl-C does not outlive the test."""
    monkeypatch.setenv("LOCALCLOUD_DIR", str(tmp_path))
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield tmp_path
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stack seem to run, at a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    stack = Stack(
        name="edgeflow",
        region="us-east-1",
        account_id="000000000000",
        endpoint_url=f"http://127.0.0.1:{port}",
        api_url=f"http://127.0.0.1:{port}/api/v1",
        mqtt_host="127.0.0.1",
        mqtt_port=port,
        ca_path=Path("ca.pem"),
        outputs={"UserPoolId": "us-east-1_pool", "OperatorClientId": "client"},
    )
    monkeypatch.setattr(stacks, "running", lambda _settings: stack)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was said, without the breaks between lines."""
    return " ".join(capsys.readouterr().out.split())


def test_a_cloud_that_does_not_run_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([]) == 1
    assert told(capsys) == "the demo failed: The local cloud does not run. Start it: make up"


@pytest.mark.usefixtures("nowhere")
def test_a_cloud_that_does_not_answer_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([]) == 1
    assert "the local cloud does not answer (EndpointConnectionError). Start it anew: make down up" in told(capsys)


@pytest.mark.usefixtures("nowhere")
def test_a_second_demo_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_demo(folder):
        assert demo.main([]) == 1
    assert "Another demo runs on this local cloud" in told(capsys)


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (DemoFailed("waited 20 s in vain: all devices run version 1"), "in vain: all devices run version 1"),
        (LocalCloudError("The safety net failed."), "The safety net failed."),
        (ProblemError(409, {"title": "Conflict", "detail": "dep_1 claims demo_01"}), "dep_1 claims demo_01"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "Invoke"), "AccessDenied"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_whatever_goes_wrong_is_told_in_a_sentence(
    fault: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> bool:
        raise fault

    monkeypatch.setattr(demo, "show", fail)
    assert demo.main([]) == 1
    assert words in told(capsys)


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_in_a_sentence(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> bool:
        signal.raise_signal(number)
        return True

    monkeypatch.setattr(demo, "show", interrupted)
    assert demo.main([]) == 130
    assert "the next `make demo` clears it away" in told(capsys)


ARN: Final = {"arn": "arn:the-execution"}


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"execution": ARN, "rollback_execution": {"arn": "arn:back"}}, "and its way back arn:back"),
        ({"execution": ARN, "rollback_execution": None}, "and its way back none: it was not rolled back"),
        ({"execution": None, "rollback_execution": None}, "the last rollout none: it never began"),
    ],
)
def test_the_summary_says_so_where_there_is_no_execution(ended: dict[str, Any], words: str) -> None:
    story = screen.Story(Console(file=StringIO(), width=120), checks=[(False, "REST: the deployment is rolled_back")])
    demo.summary(story, 1, ended, "http://127.0.0.1/api/v1")
    assert isinstance(story.console.file, StringIO)
    assert words in " ".join(story.console.file.getvalue().split())
    assert "0 of 1 promises kept" in story.console.file.getvalue()


class Api(Rest):
    """A REST API with the records that it is given; notes what is deleted."""

    def __init__(self, deployments: dict[str, tuple[str, str]], flows: dict[str, list[str]]) -> None:
        """``deployments``: status and device by id; ``flows``: tags by id."""
        self.deployments = deployments
        self.flows = flows
        self.deleted: list[str] = []

    def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Answer one of the few routes that are used."""
        assert (body, headers) == (None, None)
        if method == "DELETE":
            if path == "/flows/flow_held":
                raise ProblemError(409, {"title": "Conflict"})
            self.deleted.append(path)
            return {}
        what, _, query = path.partition("?")
        match what.split("/")[1:]:
            case ["deployments"]:
                status = query.partition("status=")[2].partition("&")[0]
                return {"deployments": [{"id": key} for key, (own, _) in self.deployments.items() if own == status]}
            case ["deployments", key]:
                arn = {"arn": f"arn:{key}"}
                return {"id": key, "status": self.deployments[key][0], "execution": arn, "rollback_execution": None}
            case ["deployments", key, "targets"]:
                return {"targets": [{"device_id": self.deployments[key][1]}]}
            case ["devices"]:
                return {"devices": [{"device_id": device} for device in ["mine", *DEVICES]]}
            case _:
                return {
                    "flows": [{"id": key} for key, tags in self.flows.items() if query.startswith(f"tag={tags[0]}")]
                }


class Executions:
    """Step Functions, where everything runs; notes what is stopped."""

    class exceptions:  # noqa: N801  as boto3 names it
        """What the client raises."""

        ExecutionDoesNotExist = LookupError

    def __init__(self) -> None:
        """Nothing is stopped yet."""
        self.stopped: list[str] = []

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803  as boto3 names it
        """Tell whether it runs."""
        return {"status": "ABORTED" if executionArn in self.stopped else "RUNNING"}

    def stop_execution(self, *, executionArn: str, cause: str) -> None:  # noqa: N803
        """Stop it."""
        assert cause
        self.stopped.append(executionArn)


class Cloud:
    """Of a stack what is used here: its safety net concludes, in its second round, what has stopped."""

    def __init__(self, api: Api) -> None:
        """Work on the records of this API."""
        self._api = api
        self._executions = Executions()
        self._rounds = 0

    def client(self, service: str) -> Executions:
        """Return Step Functions."""
        assert service == "stepfunctions"
        return self._executions

    def reconcile(self) -> None:
        """Do a round."""
        self._rounds += 1
        for arn in self._executions.stopped if self._rounds > 1 else []:
            key = arn.removeprefix("arn:")
            self._api.deployments[key] = ("failed", self._api.deployments[key][1])


@pytest.mark.slow
def test_only_the_demos_own_is_cleared_away() -> None:
    api = Api(
        {
            "dep_running": ("running", "demo_01"),
            "dep_paused": ("paused", "demo_02"),
            "dep_back": ("rolling_back", "demo_01"),
            "dep_done": ("completed", "demo_01"),
            "dep_mine": ("running", "mine"),
        },
        {"flow_demo": [TAG], "flow_held": [TAG], "flow_mine": ["alerts"]},
    )
    clear_away(cast("Stack", Cloud(api)), api, DEVICES)
    ended = {key: status for key, (status, _) in api.deployments.items()}
    assert ended == {
        "dep_running": "failed",
        "dep_paused": "failed",
        "dep_back": "failed",
        "dep_done": "completed",
        "dep_mine": "running",
    }
    assert api.deleted == ["/devices/demo_01", "/devices/demo_02", "/flows/flow_demo"]


def test_a_rollout_is_shown_by_the_picture_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [view([target(1, status, 1)], status=of_all).model_dump(mode="json") for status, of_all in STATES]

    class Looks(Api):
        def call(
            self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
        ) -> dict[str, Any]:
            assert (method, path, body, headers) == ("GET", "/deployments/dep_1", None, None)
            return documents.pop(0)

    monkeypatch.setattr(screen, "LOOKS_EVERY_SECONDS", 0)
    console = Console(file=StringIO(), width=120)
    ended = screen.watch(Looks({}, {}), console, "dep_1", until=lambda shown: shown["status"] == "completed")
    assert ended["status"] == "completed"
    drawn = Console(file=StringIO(), width=120)
    drawn.print(picture(DeploymentView.model_validate(ended)))
    assert isinstance(console.file, StringIO)
    assert isinstance(drawn.file, StringIO)
    assert console.file.getvalue().strip() == drawn.file.getvalue().strip()
