"""The web console in the local cloud: its addresses are others than AWS has, and somebody must be able to sign in."""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack

GROUPS: Final = ("viewer", "author", "operator")
FILE: Final = "users.json"
_PAGE: Final = ROOT / "console" / "dist" / "python" / "console_files" / "index.html"


def parameters(settings: Settings) -> Mapping[str, str]:
    """Return the template's parameters: the console is deployed when it was built, as `make up` does."""
    return {"Console": str(_PAGE.exists()).lower(), "ConsoleConnectSrc": settings.endpoint_url}


def adapt(stack: Stack) -> None:
    """Tell the console and the user pool the addresses that things have in here.

    The emulator serves distributions below ``cloudfront.localhost``, and has the pool's pages at its own address.
    """
    url = stack.console_url
    if url is None:
        return
    pool, client_id = stack.outputs["UserPoolId"], stack.outputs["ConsoleClientId"]
    cognito = stack.client("cognito-idp")
    client = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)["UserPoolClient"]
    made = {"ClientSecret", "CreationDate", "LastModifiedDate"}
    # The emulator tells "" of what nobody has set, which no request may have.
    kept = {name: value for name, value in client.items() if name not in made and value != ""}
    cognito.update_user_pool_client(**kept | {"CallbackURLs": [url], "LogoutURLs": [url]})
    config = {
        "api_url": f"{url}api",
        "authorize_url": f"{stack.endpoint_url}/oauth2/authorize",
        "token_url": f"{stack.endpoint_url}/oauth2/token",
        "client_id": client_id,
    }
    stack.client("s3").put_object(
        Bucket=stack.outputs["ConsoleBucketName"],
        Key="config.json",
        Body=json.dumps(config).encode(),
        ContentType="application/json",
        CacheControl="no-cache",
    )


def users(stack: Stack, data_dir: Path) -> Mapping[str, str]:
    """Return a user of each group, named after it, with the password; those that are missing are made.

    Passwords are kept beside the local cloud's data, readable by its owner alone.
    """
    path = data_dir / FILE
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    for group in GROUPS:
        known.setdefault(group, f"Aa1-{secrets.token_urlsafe(9)}")
    path.touch(mode=0o600)
    path.write_text(json.dumps(known, indent=2) + "\n")
    for name in GROUPS:
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=known[name], Permanent=True)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=name)
    return {name: known[name] for name in GROUPS}
