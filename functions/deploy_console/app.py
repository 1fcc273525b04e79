"""Entry point: a custom resource. It puts the console's files, and where the stack's services are, into the bucket.

Its properties are ``Bucket``, ``Config`` (the content of ``/config.json``, see docs/console.md), and ``Files``, the
version of the layer that the files are in: with each new one CloudFormation calls again, also on the way back to an
older one.
"""

import json
import mimetypes
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from edgeflow.adapters.custom_resource import answer

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

logger = Logger()
tracer = Tracer()

PHYSICAL_ID: Final = "console"
PACKAGE: Final = "console_files"
"""What the layer holds below ``python/``."""
PAGE: Final = "index.html"
CONFIG: Final = "config.json"
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For what has its content's hash in its name."""
ANEW: Final = "no-cache"
"""For what keeps its name: the browser asks each time whether it has changed."""

_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)


class NothingBuiltError(Exception):
    """The layer has no console in it."""


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Fill the bucket at Create and Update; empty it at Delete, for CloudFormation deletes no bucket with objects.

    Raises:
        UnansweredError: CloudFormation did not take the answer.
    """
    reason = ""
    try:
        bucket = event["ResourceProperties"]["Bucket"]
        if event["RequestType"] == "Delete":
            empty(bucket)
        else:
            fill(bucket, event["ResourceProperties"]["Config"])
    except (BotoCoreError, ClientError, NothingBuiltError) as error:
        logger.exception("the console could not be deployed")
        reason = f"{error} (log stream {context.log_stream_name})"
    answer(event, PHYSICAL_ID, reason)


def fill(bucket: str, config: dict[str, str]) -> None:
    """Put all files there, the page last: whoever loads it finds what it names.

    Those of builds before stay, for pages that are open still load them: about 1 MB a build.

    Raises:
        NothingBuiltError: there are no files.
    """
    files = dict(sorted(_files(), key=lambda named: named[0] == PAGE))
    if PAGE not in files:
        message = "the console was not built: run `make console` before `sam build`, or deploy with Console=false"
        raise NothingBuiltError(message)
    client = _client()
    _put(client, bucket, CONFIG, json.dumps(config).encode())
    for name, file in files.items():
        _put(client, bucket, name, file.read_bytes())


def empty(bucket: str) -> None:
    """Delete every object."""
    client = _client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=found["Key"])


def _client() -> "S3Client":
    return boto3.client("s3", config=_CONFIG)


def _put(client: "S3Client", bucket: str, name: str, content: bytes) -> None:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kept = FOR_EVER if name.startswith("assets/") else ANEW
    client.put_object(Bucket=bucket, Key=name, Body=content, ContentType=kind, CacheControl=kept)


def _files() -> Iterator[tuple[str, Traversable]]:
    """Yield each file with its name in the bucket; those whose names begin with a dot are the build's own."""
    try:
        root = resources.files(PACKAGE)
    except ModuleNotFoundError:
        return
    yield from _below(root, "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for found in folder.iterdir():
        if found.name.startswith((".", "__")):
            continue
        if found.is_dir():
            yield from _below(found, f"{prefix}{found.name}/")
        else:
            yield f"{prefix}{found.name}", found
