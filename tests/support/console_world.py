"""The built console on one port of loopback, with what it talks to: the API's own handler, over moto, and a user pool.

``python -m tests.support.console_world PORT`` serves it until it is ended. The page comes with the content security
policy of template.yaml, so a browser holds it to the same as on CloudFront. The user pool knows three users, named
after their groups; its sign-in page lets one choose.
"""

import base64
import hashlib
import json
import logging
import mimetypes
import os
import re
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
from moto import mock_aws

from tests.support.api_world import POLICY_NAME, PREFIX, create_machines, register, settings
from tests.support.aws import FAKE_CREDENTIALS, create_bucket, create_table
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

ROOT: Final = Path(__file__).parents[2]
DIST: Final = ROOT / "console" / "dist" / "python" / "console_files"
USERS: Final = ("viewer", "author", "operator")
DEVICES: Final = [f"dev_{number:03d}" for number in range(1, 13)]
SIGN_IN: Final = """<!doctype html><html lang="en"><title>Sign in</title>
<form method="post" action="/login?{query}">{buttons}</form></html>"""


class World:
    """What all requests share; moto and the handler take one at a time."""

    def __init__(self) -> None:
        """Make the stack's resources, and rollouts to look at."""
        self._turn = Lock()
        self._challenges: dict[str, tuple[str, str]] = {}
        create_table(boto3.client("dynamodb"))
        create_bucket(boto3.client("s3"))
        key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        queue = boto3.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
        boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
        os.environ |= settings("edgeflow-test-artifacts", key, queue) | {"STATE_MACHINE_ARN_PREFIX": PREFIX}
        create_machines()
        register(DEVICES)
        self._fill()

    def _fill(self) -> None:
        rest = Rest()
        flow = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
        rest("POST", f"/v1/flows/{flow}/publish")
        for number, strategy in enumerate(("rolling", "canary", "blue_green", "all_at_once")):
            targets = DEVICES[number * 3 : number * 3 + 3]
            body = {"flow_id": flow, "strategy": strategy, "target_devices": targets}
            made = rest("POST", "/v1/deployments", body).body["id"]
            if strategy in {"rolling", "canary"}:
                rest("POST", f"/v1/deployments/{made}/start")

    def call(
        self, method: str, target: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        """Hand a request to the API, with the claims of its token, which were signed by nobody."""
        address = urlsplit(target)
        token = headers.pop("Authorization", "").removeprefix("Bearer ")
        with self._turn:
            answer = Rest(claims=_claims(token))(
                method, address.path.removeprefix("/api"), body, query=parse_qs(address.query), headers=headers
            )
        return answer.status, answer.headers, answer.text

    def code(self, user: str, challenge: str) -> str:
        """Return a code for this user, which only the holder of the challenge's verifier can exchange."""
        code = f"code-{len(self._challenges)}"
        self._challenges[code] = (user, challenge)
        return code

    def exchange(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the tokens for a code or a refresh token; None where it is not the caller's."""
        if form.get("grant_type") == "refresh_token":
            return _tokens(form["refresh_token"])
        user, challenge = self._challenges.pop(form.get("code", ""), ("", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
        return _tokens(user) if proven else None


def _tokens(user: str) -> dict[str, Any]:
    scope = "openid edgeflow/read edgeflow/flows edgeflow/deploy"
    claims = {"sub": f"sub-{user}", "client_id": "console", "username": user, "cognito:groups": [user], "scope": scope}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({}, claims))
    return {"access_token": ".".join([*parts, ""]), "refresh_token": user, "expires_in": 900}


def _claims(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims | {"cognito:groups": f"[{' '.join(claims['cognito:groups'])}]"}


def security_policy() -> str:
    """Return the content security policy that CloudFront sends by template.yaml, for this address alone."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    policy = template.partition("ContentSecurityPolicy: !Sub >-")[2].partition("Override")[0]
    return re.sub(r" (https://)?\$\{.+?\}[^ ;]*", "", " ".join(policy.split()))


class Handler(BaseHTTPRequestHandler):
    """Answers for CloudFront, the user pool and API Gateway."""

    protocol_version = "HTTP/1.1"
    world: World

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request."""
        address = urlsplit(self.path)
        match address.path:
            case "/config.json":
                self._answer(200, "application/json", json.dumps(self._config()).encode())
            case "/oauth2/authorize":
                buttons = "".join(f'<button name="user" value="{user}">{user}</button>' for user in USERS)
                page = SIGN_IN.format(query=address.query.replace("&", "&amp;"), buttons=buttons)
                self._answer(200, "text/html", page.encode())
            case path if path.startswith("/api/"):
                self._api()
            case path:
                self._file(path)

    def do_POST(self) -> None:
        """Answer one request."""
        address = urlsplit(self.path)
        match address.path:
            case "/login":
                asked = {name: values[0] for name, values in parse_qs(address.query).items()}
                code = self.world.code(self._form()["user"], asked["code_challenge"])
                back = urlencode({"code": code, "state": asked["state"]})
                self._answer(302, "text/plain", b"", {"Location": f"{asked['redirect_uri']}?{back}"})
            case "/oauth2/token":
                tokens = self.world.exchange(self._form())
                status = 400 if tokens is None else 200
                self._answer(status, "application/json", json.dumps(tokens or {"error": "invalid_grant"}).encode())
            case _:
                self._api()

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815  names of the standard library's

    def _api(self) -> None:
        wanted = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key")
        headers = {name: self.headers[name] for name in wanted if name in self.headers}
        body = self._body().decode() or None
        status, told, text = self.world.call(self.command, self.path, body, headers)
        kind = told.pop("Content-Type", "application/json")
        self._answer(status, kind, text.encode(), told)

    def _file(self, path: str) -> None:
        found = DIST / (path.removeprefix("/") if path.startswith("/assets/") else "index.html")
        if not found.is_file():
            self._answer(404, "text/plain", b"")
            return
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        self._answer(200, kind, found.read_bytes(), {"Content-Security-Policy": security_policy()})

    def _config(self) -> dict[str, str]:
        here = f"http://{self.headers['Host']}"
        return {
            "api_url": f"{here}/api",
            "authorize_url": f"{here}/oauth2/authorize",
            "token_url": f"{here}/oauth2/token",
            "client_id": "console",
        }

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self._body().decode()).items()}

    def _answer(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # the browser has left the page
            self.wfile.write(body)


def main(port: int) -> None:
    """Serve until the process is ended."""
    logging.disable()
    os.environ |= FAKE_CREDENTIALS
    os.environ.pop("AWS_ENDPOINT_URL", None)
    with mock_aws():
        Handler.world = World()
        with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
            server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
