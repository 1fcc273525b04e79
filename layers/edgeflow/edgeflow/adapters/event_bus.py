"""Amazon EventBridge: publishing events."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.contract.events import EVENT_SOURCE, STATUS_CHANGED, DeploymentStatusChanged
from edgeflow.domain.errors import Unavailable
from edgeflow.domain.jobs import chunked

if TYPE_CHECKING:
    from types_boto3_events.client import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MAX_ENTRIES: Final = 10  # EventBridge: entries a PutEvents takes
TRIES: Final = 3

_SERVICE: Final = "EventBridge"


class EventBridge:
    """One event bus; implements ``EventBus``."""

    def __init__(self, client: "EventBridgeClient", *, bus_name: str) -> None:
        """Publish on the bus of this name."""
        self._client = client
        self._bus_name = bus_name

    def publish(self, events: Sequence[DeploymentStatusChanged]) -> None:
        """Publish all of them, in order, 10 a call; those that a call leaves out are sent again.

        Raises:
            Unavailable: some were left out in every try. The caller sends all again: a repeat has its id again.
        """
        entries: list[PutEventsRequestEntryTypeDef] = [
            {
                "Source": EVENT_SOURCE,
                "DetailType": STATUS_CHANGED,
                "Detail": event.model_dump_json(by_alias=True),
                "EventBusName": self._bus_name,
                "Resources": [event.execution_arn] if event.execution_arn else [],
            }
            for event in events
        ]
        for chunk in chunked(entries, MAX_ENTRIES):
            self._publish(list(chunk))

    def _publish(self, entries: "list[PutEventsRequestEntryTypeDef]") -> None:
        for _ in range(TRIES):
            with unavailable(_SERVICE):
                answer = self._client.put_events(Entries=entries)
            if not answer["FailedEntryCount"]:
                return
            entries = [entry for entry, told in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in told]
        message = f"EventBridge left out {len(entries)} events in {TRIES} tries"
        raise Unavailable(message)
