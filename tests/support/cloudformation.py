"""CloudFormation, as far as a custom resource's function meets it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class CloudFormation:
    """Takes answers as CloudFormation does, at ``url``; ``status`` is what it says to them."""

    url: str = ""
    status: int = 200
    answers: list[dict[str, Any]] = field(default_factory=list)

    def event(self, request_type: str, **more: object) -> dict[str, Any]:
        """Return what it calls the function with."""
        ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Resource"}
        return {"RequestType": request_type, "ResponseURL": self.url, **ids, **more}


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its invocation, as far as it is looked at."""

    function_name: str = "custom_resource"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:custom_resource"
    aws_request_id: str = "request"
    log_stream_name: str = "2026/11/23/[1]abc"


@contextmanager
def listening() -> Iterator[CloudFormation]:
    """Listen on loopback."""
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
