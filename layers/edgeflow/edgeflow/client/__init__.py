"""A client of the REST API, typed by the contract's own models.

    with Client(url, ClientCredentials(token_url, client_id, client_secret)) as edgeflow:
        flow = edgeflow.flows.get("flow_abc123")

It needs httpx, which the extra ``cli`` brings. Neither the functions nor the agent import it.
"""

from edgeflow.client.auth import BearerToken, ClientCredentials, SignedInUser, Token
from edgeflow.client.client import Client
from edgeflow.client.deployments import ENDED
from edgeflow.client.errors import (
    ApiError,
    EdgeFlowError,
    InvalidArgument,
    KeyLost,
    SignInRefused,
    TimedOut,
    Unreachable,
    UnreadableAnswer,
)
from edgeflow.client.flows import Flow
from edgeflow.client.retries import Retries
from edgeflow.client.sign_in import SignIn

__all__ = [
    "ENDED",
    "ApiError",
    "BearerToken",
    "Client",
    "ClientCredentials",
    "EdgeFlowError",
    "Flow",
    "InvalidArgument",
    "KeyLost",
    "Retries",
    "SignIn",
    "SignInRefused",
    "SignedInUser",
    "TimedOut",
    "Token",
    "Unreachable",
    "UnreadableAnswer",
]
