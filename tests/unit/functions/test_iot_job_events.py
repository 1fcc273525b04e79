"""The custom resource answers CloudFormation whatever happens: one that stays silent hangs the stack for an hour."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from iot_job_events.app import PHYSICAL_ID, UnansweredError, handler

ON = {"JOB": {"Enabled": True}, "JOB_EXECUTION": {"Enabled": True}}


@dataclass
class CloudFormation:
    """Takes answers as CloudFormation does, at ``url``; ``status`` is what it says to them."""

    url: str = ""
    status: int = 200
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its invocation, as far as it is looked at."""

    function_name: str = "iot_job_events"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:iot_job_events"
    aws_request_id: str = "request"
    log_stream_name: str = "2026/11/23/[1]abc"


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    taker = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taker.answers.append(json.loads(body))
            self.send_response(taker.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taker.url = f"http://127.0.0.1:{server.server_port}/answer?signature=abc"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield taker
        server.shutdown()
        thread.join(timeout=5)


@pytest.fixture
def iot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """AWS IoT, which expects what the test says (moto has no event configurations)."""
    client = boto3.client("iot", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber


def event(cloudformation: CloudFormation, request_type: str, **more: str) -> dict[str, Any]:
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "IotJobEvents"}
    return {"RequestType": request_type, "ResponseURL": cloudformation.url, **ids, **more}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_events_are_turned_on_and_success_is_answered(
    cloudformation: CloudFormation, iot: Stubber, request_type: str
) -> None:
    iot.add_response("update_event_configurations", {}, {"eventConfigurations": ON})
    handler(event(cloudformation, request_type), Context())
    iot.assert_no_pending_responses()
    (answer,) = cloudformation.answers
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": PHYSICAL_ID,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "IotJobEvents",
    }


def test_delete_leaves_the_events_on(cloudformation: CloudFormation, iot: Stubber) -> None:
    handler(event(cloudformation, "Delete", PhysicalResourceId="given"), Context())
    iot.assert_no_pending_responses()  # and a call would have failed: none is expected
    (answer,) = cloudformation.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "given")


def test_a_failure_is_answered_with_its_reason_and_where_to_read_on(
    cloudformation: CloudFormation, iot: Stubber
) -> None:
    iot.add_client_error("update_event_configurations", "AccessDeniedException", "not allowed")
    handler(event(cloudformation, "Create"), Context())
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "not allowed" in answer["Reason"]
    assert Context.log_stream_name in answer["Reason"]


def test_an_answer_that_is_not_taken_fails_the_invocation(cloudformation: CloudFormation, iot: Stubber) -> None:
    iot.add_response("update_event_configurations", {}, {"eventConfigurations": ON})
    cloudformation.status = 403
    with pytest.raises(UnansweredError):
        handler(event(cloudformation, "Create"), Context())
