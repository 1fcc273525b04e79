"""What outlives a stack: its table, its bucket and its signing key; where they are, and how they go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.clients import Clients, code_of
from operations.errors import NotFinished
from operations.stack import Stack

TABLE: Final = "AWS::DynamoDB::Table"
BUCKET: Final = "AWS::S3::Bucket"
KEY: Final = "AWS::KMS::Key"
PENDING_DAYS: Final = 7
"""The shortest time that AWS KMS takes; until then `aws kms cancel-key-deletion` takes it back."""
_ABSENT: Final = frozenset({"404", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException"})


@dataclass(frozen=True)
class Kept:
    """Something that is there; ``commands`` remove it."""

    kind: str
    name: str
    commands: tuple[str, ...]


def kept(clients: Clients, stack: Stack) -> list[Kept]:
    """Return what is there of the stack's table, bucket and key."""
    found = []
    for kind, (is_there, commands) in _KINDS.items():
        for resource in stack.of_kind(kind):
            name = resource.physical_id
            try:
                there = is_there(clients, name)
            except ClientError as error:
                if code_of(error) not in _ABSENT:
                    raise
                there = False
            if there:
                found.append(Kept(kind, name, tuple(each.format(name=name) for each in commands)))
    return found


def remove(clients: Clients, found: Kept, say: Callable[[str], None]) -> None:
    """Delete it with all that it holds; a key goes after seven days.

    Raises:
        NotFinished: objects of the bucket could not be deleted.
    """
    match found.kind:
        case "AWS::DynamoDB::Table":
            clients("dynamodb").delete_table(TableName=found.name)
            say(f"Deleted the table {found.name}")
        case "AWS::S3::Bucket":
            _empty(clients("s3"), found.name)
            clients("s3").delete_bucket(Bucket=found.name)
            say(f"Deleted the bucket {found.name} with all versions of all objects")
        case _:
            clients("kms").schedule_key_deletion(KeyId=found.name, PendingWindowInDays=PENDING_DAYS)
            say(
                f"The key {found.name} goes in {PENDING_DAYS} days; until then "
                f"`aws kms cancel-key-deletion --key-id {found.name}` takes that back"
            )


def _empty(s3: Any, bucket: str) -> None:  # noqa: ANN401  a client of Amazon S3
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in entries]
        if not objects:
            continue
        refused = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
        if refused:
            first = refused[0]
            message = f"{len(refused)} objects of {bucket} stay, {first['Key']} first: {first['Message']}"
            raise NotFinished(message)


def _table_is_there(clients: Clients, name: str) -> bool:
    return bool(clients("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"] != "DELETING")


def _bucket_is_there(clients: Clients, name: str) -> bool:
    clients("s3").head_bucket(Bucket=name)
    return True


def is_ending_key(clients: Clients, arn: str) -> bool:
    """Tell whether an ARN is that of a key of AWS KMS which waits for its deletion, or is gone."""
    if arn.split(":")[2] != "kms":
        return False
    try:
        return not _key_is_there(clients, arn)
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise
        return True


def _key_is_there(clients: Clients, name: str) -> bool:
    return bool(clients("kms").describe_key(KeyId=name)["KeyMetadata"]["KeyState"] != "PendingDeletion")


_KINDS: Final[Mapping[str, tuple[Callable[[Clients, str], bool], tuple[str, ...]]]] = {
    TABLE: (_table_is_there, ("aws dynamodb delete-table --table-name {name}",)),
    BUCKET: (
        _bucket_is_there,
        (
            "aws s3api delete-objects …, for every version that `aws s3api list-object-versions --bucket {name}` lists",
            "aws s3api delete-bucket --bucket {name}",
        ),
    ),
    KEY: (
        _key_is_there,
        (f"aws kms schedule-key-deletion --key-id {{name}} --pending-window-in-days {PENDING_DAYS}",),
    ),
}
