"""Amazon EventBridge: publishing events."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.contract.events import EVENT_SOURCE, STATUS_CHANGED, DeploymentStatusChanged
from edgeflow.domain.errors import Unavailable
from edgeflow.domain.jobs import chunked

if TYPE_CHECKING:
    from types_boto3_events.client import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# EventBridge: entries a PutEvents takes. Their 256 KB together hold that many, as a test shows: the only text of an
# event without a length of its own, its reason, is cut.
MAX_ENTRIES: Final = 10
TRIES: Final = 3

_SERVICE: Final = "EventBridge"


class EventBridge:
    """One event bus; implements ``EventBus``."""

    def __init__(self, client: "EventBridgeClient", *, bus_name: str) -> None:
        """Publish on the bus of this name."""
        self._client = client
        self._bus_name = bus_name

    def publish(self, events: Sequence[DeploymentStatusChanged]) -> int:
        """Publish them in order, 10 a call; see ``EventBus``. Those that a call leaves out are sent again.

        Raises:
            Unavailable: the first was left out in every try, or EventBridge throttles.
        """
        published = 0
        for chunk in chunked([self._entry(event) for event in events], MAX_ENTRIES):
            try:
                taken = self._put(chunk)
            except Unavailable:
                if not published:
                    raise
                return published
            published += taken
            if taken < len(chunk):
                break  # what comes behind it comes again with it
        if events and not published:
            message = f"EventBridge left events out in {TRIES} tries; try again"
            raise Unavailable(message)
        return published

    def _put(self, entries: "Sequence[PutEventsRequestEntryTypeDef]") -> int:
        """Return how many went out before the first that did not."""
        pending = dict(enumerate(entries))
        for _ in range(TRIES):
            with unavailable(_SERVICE):
                answers = self._client.put_events(Entries=list(pending.values()))["Entries"]
            told = zip(pending.items(), answers, strict=True)
            pending = {position: entry for (position, entry), answer in told if "ErrorCode" in answer}
            if not pending:
                return len(entries)
        return min(pending)

    def _entry(self, event: DeploymentStatusChanged) -> "PutEventsRequestEntryTypeDef":
        return {
            "Time": datetime.fromisoformat(event.occurred_at),
            "Source": EVENT_SOURCE,
            "DetailType": STATUS_CHANGED,
            "Detail": event.model_dump_json(by_alias=True),
            "EventBusName": self._bus_name,
            "Resources": [event.execution_arn] if event.execution_arn else [],
        }
