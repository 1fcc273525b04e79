"""Places for requests that wait, one item each in the table; one that is not given back is free after its time."""

from datetime import datetime
from math import ceil
from random import sample
from uuid import uuid4

from edgeflow.adapters.expressions import names
from edgeflow.adapters.keys import waiting_place_key
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.domain.clock import timestamp
from edgeflow.use_cases.deployments.ports import Place


class WaitingPlaces:
    """Implements ``WaitingPlaces`` of deployments."""

    def __init__(self, table: Table, *, count: int) -> None:
        """Have so many places."""
        self._table = table
        self._count = count

    def take(self, *, until: datetime, now: datetime) -> Place | None:
        """Take a free place; at most one write for each place there is, in an order that differs from call to call."""
        for number in sample(range(self._count), self._count):
            place = Place(number, uuid4().hex)
            pk, sk = waiting_place_key(number)
            item = {
                "pk": pk,
                "sk": sk,
                "kind": "waiting_place",
                "holder": place.holder,
                "held_until": timestamp(until),
                "expires_at": ceil(until.timestamp()),
            }
            try:
                self._table.put(
                    item,
                    condition="attribute_not_exists(pk) OR #held_until < :now",
                    values={":now": timestamp(now)},
                    names=names("held_until"),
                )
            except ConditionFailed:
                continue
            return place
        return None

    def give_back(self, place: Place) -> None:
        """Free a place; nothing when somebody else has it by now."""
        try:
            self._table.delete(
                waiting_place_key(place.number),
                condition="#holder = :holder",
                values={":holder": place.holder},
                names=names("holder"),
            )
        except ConditionFailed:
            return
