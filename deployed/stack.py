"""What all that use a stack need to know of it: addresses, names, tokens, clients."""

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import requests

from deployed.errors import StackError

SCOPES: Final = ("edgeflow/read", "edgeflow/flows", "edgeflow/deploy")


@dataclass(frozen=True, kw_only=True)
class Stack(ABC):
    """One stack; ``outputs`` are the template's, by name.

    ``api_url`` is the base of all routes and ends in ``/api/v1``. ``ca_path`` is the certificate (PEM) that devices
    trust; None for those that every system knows.
    """

    name: str
    region: str
    account_id: str
    api_url: str
    mqtt_host: str
    mqtt_port: int
    ca_path: Path | None
    outputs: Mapping[str, str]

    @abstractmethod
    def client(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        """Return a boto3 client with the rights of whoever deployed the stack."""

    @property
    def token_url(self) -> str:
        """Where operators get an access token."""
        return self.outputs["TokenUrl"]

    @property
    def mqtt_ports(self) -> tuple[int, ...]:
        """The ports at which devices may connect, the usual one first."""
        return (self.mqtt_port,)

    @property
    def topic_rules(self) -> str:
        """What the names of the stack's topic rules begin with, as registering a device tells."""
        return self.name.replace("-", "_")

    @cached_property
    def artifact_key(self) -> str:
        """The public half of the key that published versions are signed with, in PEM."""
        return self._public_key("ArtifactSigningKeyArn")

    @cached_property
    def order_key(self) -> str:
        """The public half of the key that orders to devices are signed with, in PEM."""
        return self._public_key("OrderSigningKeyArn")

    def _public_key(self, output: str) -> str:
        return as_pem(self.client("kms").get_public_key(KeyId=self.outputs[output])["PublicKey"])

    def reconcile(self) -> dict[str, Any]:
        """Let the safety net do a round, as its schedule would; returns what it found (functions/reconcile).

        Raises:
            StackError: its function failed.
        """
        answer = self.client("lambda").invoke(FunctionName=self.outputs["ReconcileFunctionName"], Payload=b"{}")
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            message = f"The safety net failed: {told}. See the log of the function reconcile."
            raise StackError(message)
        return told

    def token(self, *scopes: str) -> str:
        """Return an operator's access token for these scopes; for all three when none is named.

        Raises:
            StackError: there is no such scope.
        """
        answer = self.client("cognito-idp").describe_user_pool_client(
            UserPoolId=self.outputs["UserPoolId"], ClientId=self.outputs["OperatorClientId"]
        )
        client = answer["UserPoolClient"]
        response = requests.post(
            self.token_url,
            auth=(client["ClientId"], client["ClientSecret"]),
            data={"grant_type": "client_credentials", "scope": " ".join(scopes or SCOPES)},
            timeout=10,
        )
        if not response.ok:
            message = f"No token for {' '.join(scopes or SCOPES)}: {response.text}. The scopes are {', '.join(SCOPES)}."
            raise StackError(message)
        token: str = response.json()["access_token"]
        return token


def as_pem(public_key: bytes) -> str:
    """Return a public key (DER SubjectPublicKeyInfo) as PEM."""
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(public_key).decode()}-----END PUBLIC KEY-----\n"
