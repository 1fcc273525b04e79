"""The proxy before the local cloud: what it passes on, what it calls the calls, and what its rules do."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from localcloud.calls import recognise
from localcloud.edge import Edge
from localcloud.edge_rules import Hold, KillCaller, Repeat, Throttle, of
from tests.support.waiting import wait_for

PROGRAM = """
import os, urllib.error, urllib.request
for _ in range(2):
    try:
        urllib.request.urlopen(os.environ["ADDRESS"], timeout=20).read()
        break
    except urllib.error.HTTPError as refused:
        assert refused.code == 429
"""


class Cloud(BaseHTTPRequestHandler):
    """Answers everything alike, and keeps what it was asked."""

    asked: list[tuple[str, str, str]]

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).asked.append((self.command, self.path, self.headers["Host"]))
        answer = b'{"jobId": "one"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self.do_PUT()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


@pytest.fixture
def asked() -> list[tuple[str, str, str]]:
    """What reached the cloud: method, path and host."""
    Cloud.asked = []
    return Cloud.asked


@pytest.fixture
def edge(asked: list[tuple[str, str, str]]) -> Iterator[Edge]:
    """The proxy, before a cloud that answers everything alike."""
    with HTTPServer(("127.0.0.1", 0), Cloud) as cloud:
        serving = threading.Thread(target=cloud.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        with Edge(f"http://127.0.0.1:{cloud.server_address[1]}") as edge:
            yield edge
        cloud.shutdown()
        serving.join()


def iot(edge: Edge, *, attempts: int = 1) -> Any:  # noqa: ANN401  a client
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, user_agent_appid="tests")  # type: ignore[call-arg]  # not in the stubs
    return boto3.client(
        "iot",
        endpoint_url=edge.url,
        region_name="us-east-1",
        aws_access_key_id="one",
        aws_secret_access_key="two",
        config=config,
    )


def create_job(client: Any) -> str:  # noqa: ANN401
    return str(client.create_job(jobId="one", targets=["arn"], document="{}")["jobId"])


def test_passes_calls_on_with_the_host_that_was_signed_and_names_them(
    edge: Edge, asked: list[tuple[str, str, str]]
) -> None:
    assert create_job(iot(edge)) == "one"
    assert asked == [("PUT", "/jobs/one", edge.url.removeprefix("http://"))]
    ((call, status),) = edge.calls("iot:CreateJob", caller="tests")
    assert (status, call.parameters()["document"]) == (200, "{}")
    assert edge.calls("iot:CancelJob") == edge.calls(caller="another") == []
    edge.forget()
    assert edge.calls() == []


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "name"),
    [
        ("POST", "/", {"X-Amz-Target": "DynamoDB_20120810.UpdateItem"}, b"{}", "dynamodb:UpdateItem"),
        ("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=AssumeRole", "sts:AssumeRole"),
        ("GET", "/jobs/one/things?maxResults=250", {}, b"", "iot:ListJobExecutionsForJob"),
        ("GET", "/things/two/jobs/one", {}, b"", "iot:DescribeJobExecution"),
        ("GET", "/bucket/artifacts/one.json", {}, b"", "s3:GetObject"),
        ("PUT", "/bucket/one", {"x-amz-copy-source": "/bucket/two"}, b"", "s3:CopyObject"),
        ("PUT", "/bucket/one", {}, b"", "s3:PutObject"),
        ("GET", "/bucket?list-type=2&prefix=a", {}, b"", "s3:ListObjectsV2"),
        ("GET", "/no/such/thing/anywhere", {}, b"", "iot:GET /no/such/thing/anywhere"),
    ],
)
@pytest.mark.slow
def test_calls_are_named_as_aws_names_them(
    method: str, target: str, headers: dict[str, str], body: bytes, name: str
) -> None:
    service, _, operation = name.partition(":")
    message = Message()
    message["Authorization"] = f"AWS4-HMAC-SHA256 Credential=KEY/20300101/us-east-1/{service}/aws4_request, Signed="
    for header, value in headers.items():
        message[header] = value
    assert recognise(method, target, message, body) == (service, operation)


def test_a_throttled_call_never_reaches_the_cloud_and_the_sdk_tries_again(
    edge: Edge, asked: list[tuple[str, str, str]]
) -> None:
    with edge.under(Throttle(of("iot:CreateJob"), times=1)):
        assert create_job(iot(edge, attempts=2)) == "one"
    assert [status for _, status in edge.calls()] == [429, 200]
    assert len(asked) == 1
    with edge.under(Throttle(of("iot:CreateJob"))), pytest.raises(ClientError, match="ThrottlingException"):
        create_job(iot(edge))


def test_a_repeated_call_reaches_the_cloud_twice(edge: Edge, asked: list[tuple[str, str, str]]) -> None:
    with edge.under(Repeat(of("iot:CreateJob"))):
        assert create_job(iot(edge)) == "one"
    assert len(asked) == 2


def test_a_held_call_waits_until_it_is_released(edge: Edge, asked: list[tuple[str, str, str]]) -> None:
    hold = Hold(of("iot:CreateJob"))
    caller = threading.Thread(target=lambda: create_job(iot(edge)))
    with edge.under(hold):
        caller.start()
        wait_for(lambda: hold.treated or None, what="the call is held")
        assert asked == []
        hold.release()
        caller.join(10)
    assert len(asked) == 1


def test_a_cloud_that_is_gone_gives_no_answer() -> None:
    with Edge("http://127.0.0.1:1") as edge:
        with pytest.raises((EndpointConnectionError, HTTPClientError)):
            create_job(iot(edge))
        assert [status for _, status in edge.calls()] == [None]


@pytest.mark.parametrize("refusals", [0, 1])
def test_the_caller_dies_after_its_call_was_carried_out(
    edge: Edge, asked: list[tuple[str, str, str]], refusals: int
) -> None:
    parent = subprocess.Popen(  # noqa: S603  our own program, below a shell-less parent
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PROGRAM!r}])"],
        env={"ADDRESS": f"{edge.url}/bucket/one"},
        stderr=subprocess.DEVNULL,
    )
    death = KillCaller(lambda call: call.method == "GET", parent=parent.pid)
    with edge.under(death, Throttle(lambda call: call.method == "GET", times=refusals)), parent:
        wait_for(lambda: asked or None, what="the program called")
    wait_for(lambda: len(edge.calls()) > refusals or None, what="it is noted that there was no answer")
    assert death.treated == len(asked) == 1
    assert [status for _, status in edge.calls()] == [429] * refusals + [None]
