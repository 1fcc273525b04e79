"""Clients of the local cloud's AWS APIs with the keys of the root user, who made the account."""

from typing import Any

import boto3
from botocore.config import Config

from localcloud.settings import REGION, ROOT_KEYS


def root_client(service: str, endpoint_url: str, *, config: Config | None = None) -> Any:  # noqa: ANN401
    """Return a client of any service of the emulator at ``endpoint_url``."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs know literals only
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
        config=config,
    )
