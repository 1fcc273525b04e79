"""The deployments of one device, the newest first or the oldest, by the index of its targets."""

from edgeflow.adapters import keys
from edgeflow.adapters.creation_list import Span, bounds_of, record_at
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.deployments.deployment_list import attributes_of
from edgeflow.adapters.pages import LOOKED_AT_A_QUERY, Start, page_of
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import BY_DEVICE, Page, Table
from edgeflow.domain.deployments import Deployment, DeploymentFilter
from edgeflow.domain.unreadable import Unreadable


class DeviceDeploymentStore:
    """Looks them up by their targets; implements ``DeviceDeployments``."""

    def __init__(self, table: Table) -> None:
        """Look in this table."""
        self._table = table

    def page(
        self, device_id: str, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return at most ``limit`` deployments that were planned for a device, and the position to go on from.

        The index has keys alone: each deployment that is looked at is read by its own key. With a filter a page may
        hold fewer, even none, and still name a position: only so many are looked at.

        Raises:
            InvalidRequest: ``after`` is no position that a page gave.
        """
        partition = keys.device_partition(device_id)
        between = bounds_of(Span(since=wanted.created_from, until=wanted.created_to))
        asked_for = attributes_of(wanted)

        def query(looked_at: int, start: Start) -> Page:
            page = self._table.query(
                partition, index=BY_DEVICE, between=between, limit=looked_at, start=start, forward=oldest_first
            )
            places = {keys.deployment_key_of(target): target["gsi2sk"] for target in page.items}
            found = self._table.get_many(places)
            fitting = [
                found[key] | {"gsi2sk": place}
                for key, place in places.items()
                # One that is not there was deleted a moment ago.
                if key in found and all(found[key].get(name) in values for name, values in asked_for.items())
            ]
            return Page(fitting, page.last_key)

        start: dict[str, str] | None = None
        if after is not None:
            pk, sk = keys.target_key(record_at(after, between, of="deployments"), device_id)
            start = {"pk": pk, "sk": sk, "gsi2pk": partition, "gsi2sk": after}
        items, last = page_of(query, limit=limit, start=start, at_a_time=LOOKED_AT_A_QUERY if asked_for else 1)
        return [readable(item, read_deployment) for item in items], last["gsi2sk"] if last else None
