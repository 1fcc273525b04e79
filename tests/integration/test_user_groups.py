"""A user's groups in tokens that are renewed: tests/integration/test_browser.py looks at them with the patch."""

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from localcloud.clients import root_client
from localcloud.settings import Settings
from tests.support.sign_in import TIMEOUT_SECONDS, user_tokens

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

BACK = "http://localhost:8976/"
PASSWORD = "Aa1-of-a-test"

pytestmark = pytest.mark.timeout(180)


def test_bare_emulator_still_needs_the_patch(bare: Settings) -> None:
    cognito: CognitoIdentityProviderClient = root_client("cognito-idp", bare.endpoint_url)
    pool = cognito.create_user_pool(PoolName="users")["UserPool"]["Id"]
    scopes: Any = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "flows", "deploy")]
    cognito.create_resource_server(UserPoolId=pool, Identifier="edgeflow", Name="EdgeFlow", Scopes=scopes)
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="browser",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", *(f"edgeflow/{scope['ScopeName']}" for scope in scopes)],
        CallbackURLs=[BACK],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="viewer")
    cognito.admin_create_user(UserPoolId=pool, Username="viewer", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="viewer", Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="viewer", GroupName="viewer")
    first = user_tokens(bare, client_id, BACK, name="viewer", password=PASSWORD)
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": first["refresh_token"]}
    renewed = requests.post(f"{bare.endpoint_url}/oauth2/token", data=form, timeout=TIMEOUT_SECONDS).json()
    assert _claims(first["access_token"])["cognito:groups"] == ["viewer"]
    assert "cognito:groups" not in _claims(renewed["access_token"]), (
        "MiniStack names the groups in renewed tokens by itself now: "
        "delete localcloud/user_groups.py, its call in localcloud/launcher.py, and this test."
    )


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
