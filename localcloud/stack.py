"""The deployed stack, as its users know it: addresses, names, tokens, clients."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import requests
from botocore.config import Config

from localcloud.emulator import Emulator
from localcloud.errors import LocalCloudError
from localcloud.settings import ROOT_KEYS, Settings

SCOPES: Final = ("edgeflow/read", "edgeflow/flows", "edgeflow/deploy")
FILE: Final = "stack.json"
_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=30)


@dataclass(frozen=True)
class Stack:
    """One stack in one local cloud; ``outputs`` are the template's, by name.

    ``api_url`` is the base of all routes and ends in ``/api/v1``. ``ca_path`` is the certificate (PEM) that
    devices trust.
    """

    name: str
    region: str
    account_id: str
    endpoint_url: str
    api_url: str
    mqtt_host: str
    mqtt_port: int
    ca_path: Path
    outputs: Mapping[str, str]

    def client(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        """Return a boto3 client with the root user's keys."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs know literals only
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
            config=_CONFIG,
        )

    @cached_property
    def artifact_key(self) -> str:
        """The public half of the key that published versions are signed with, in PEM."""
        return as_pem(self.client("kms").get_public_key(KeyId=self.outputs["ArtifactSigningKeyArn"])["PublicKey"])

    def reconcile(self) -> dict[str, Any]:
        """Let the safety net do a round, as its schedule would; returns what it found (functions/reconcile).

        Raises:
            LocalCloudError: its function failed.
        """
        answer = self.client("lambda").invoke(FunctionName=self.outputs["ReconcileFunctionName"], Payload=b"{}")
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            message = f"The safety net failed: {told}. See the log of the function reconcile."
            raise LocalCloudError(message)
        return told

    def token(self, *scopes: str) -> str:
        """Return an operator's access token for these scopes; for all three when none is named.

        Raises:
            LocalCloudError: there is no such scope.
        """
        answer = self.client("cognito-idp").describe_user_pool_client(
            UserPoolId=self.outputs["UserPoolId"], ClientId=self.outputs["OperatorClientId"]
        )
        client = answer["UserPoolClient"]
        response = requests.post(
            f"{self.endpoint_url}/oauth2/token",
            auth=(client["ClientId"], client["ClientSecret"]),
            data={"grant_type": "client_credentials", "scope": " ".join(scopes or SCOPES)},
            timeout=10,
        )
        if not response.ok:
            message = f"No token for {' '.join(scopes or SCOPES)}: {response.text}. The scopes are {', '.join(SCOPES)}."
            raise LocalCloudError(message)
        token: str = response.json()["access_token"]
        return token

    @property
    def console_url(self) -> str | None:
        """Where the emulator serves the console; None where it was not deployed."""
        told = self.outputs.get("ConsoleUrl")
        if told is None:
            return None
        distribution = (urlsplit(told).hostname or "").partition(".")[0]
        # Browsers take every name below localhost for this machine, and for a safe place, as PKCE needs one.
        return f"http://{distribution}.cloudfront.localhost:{urlsplit(self.endpoint_url).port}/"

    def save(self, data_dir: Path) -> None:
        """Write it where :func:`load` finds it."""
        (data_dir / FILE).write_text(json.dumps(asdict(self), indent=2, default=str) + "\n")


def load(data_dir: Path) -> Stack:
    """Return the stack that the last deployment into this local cloud wrote down.

    Raises:
        LocalCloudError: nothing was deployed yet.
    """
    try:
        kept = json.loads((data_dir / FILE).read_text())
    except FileNotFoundError as error:
        message = "Nothing is deployed yet. Run `make up` first."
        raise LocalCloudError(message) from error
    return Stack(**kept | {"ca_path": Path(kept["ca_path"])})


def running(settings: Settings) -> Stack:
    """Return the stack in a local cloud that runs.

    Raises:
        LocalCloudError: it does not run, or nothing was deployed yet.
    """
    if Emulator(settings).pid() is None:
        message = "The local cloud does not run. Start it: make up"
        raise LocalCloudError(message)
    return load(settings.data_dir)


def as_pem(public_key: bytes) -> str:
    """Return a public key (DER SubjectPublicKeyInfo) as PEM."""
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(public_key).decode()}-----END PUBLIC KEY-----\n"
