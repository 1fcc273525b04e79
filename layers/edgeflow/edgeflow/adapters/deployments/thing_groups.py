"""Thing groups in AWS IoT."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.domain.errors import NotFound

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

MAX_PAGE: Final = 250  # AWS IoT: ListThingsInThingGroup, maxResults

_SERVICE: Final = "AWS IoT"


class AwsThingGroups:
    """Implements ``ThingGroups``."""

    def __init__(self, client: "IoTClient") -> None:
        """Ask this client."""
        self._client = client

    def unknown(self, group_names: Iterable[str]) -> list[str]:
        """Return those of the groups that do not exist, in order. Raises Unavailable when AWS IoT throttles."""
        return [name for name in group_names if not self._exists(name)]

    def members(self, group_name: str) -> Iterator[str]:
        """Yield the things of a group and of the groups below it, page after page; some perhaps twice.

        Raises:
            NotFound: there is no such group.
            Unavailable: AWS IoT throttles.
        """
        pages = self._client.get_paginator("list_things_in_thing_group").paginate(
            thingGroupName=group_name, recursive=True, PaginationConfig={"PageSize": MAX_PAGE}
        )
        try:
            with unavailable(_SERVICE):
                for page in pages:
                    yield from page["things"]
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                message = f"there is no thing group {group_name}"
                raise NotFound(message) from error
            raise

    def _exists(self, group_name: str) -> bool:
        try:
            with unavailable(_SERVICE):
                self._client.describe_thing_group(thingGroupName=group_name)
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return False
            raise
        return True
