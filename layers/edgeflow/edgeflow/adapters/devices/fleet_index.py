"""What the index ``by_fleet`` holds of a device: whether it is connected, and ``fleet``, made of its newest report.

DynamoDB writes an index only where what it holds has changed. Most reports of a device change nothing here, so they
cost nothing more, and thousands of devices are looked through for what a few whole records cost. Records of releases
before this index have no ``fleet`` until the next report; who filters looks at those whole.
"""

import re
from typing import Any, Final

from edgeflow.adapters.attributes import Item, flag, mapping, text
from edgeflow.adapters.expressions import Change, names
from edgeflow.contract.report import HealthReport
from edgeflow.domain.fleet import (
    Connection,
    DeviceFilter,
    DeviceGlance,
    DeviceHealth,
    connection_of,
    health_of,
    live_flows,
)

FLEET: Final = "fleet"
PROJECTED: Final = ("connected", FLEET)
"""Attributes of the index beside keys; template.yaml names the same."""

_RUN: Final = re.compile(r"(flow_[0-9A-Za-z]+):([a-z]+)@([0-9]{1,8})")
_REPORTED: Final = tuple(health.value for health in DeviceHealth if health is not DeviceHealth.UNKNOWN)


def fleet_of(device_id: str, report: HealthReport | None) -> dict[str, str]:
    """Return what the index shall hold of a device with this report, or with none yet.

    ``runs`` is one text, such as `` flow_1:healthy@3 flow_2:unhealthy@7 ``: a filter looks for a part of it.
    """
    runs = sorted({f"{flow.flow_id}:{flow.health}@{flow.version}" for flow in live_flows(report)})
    return {
        "id": device_id.lower(),
        "health": health_of(report).value,
        "runs": f" {' '.join(runs)} ",
        **({"agent": report.agent_version} if report else {}),
    }


def condition_of(wanted: DeviceFilter) -> Change:
    """Return what an entry of the index has to be; nothing where any will do.

    It lets every device through that the filter wants, and others only where they have no ``fleet``.
    """
    asked: list[tuple[str, str, list[str]]] = []
    if wanted.flow_id is not None:
        asked.append(("runs", "contains(#fleet.#runs, {})", _runs(wanted, wanted.flow_id)))
    elif wanted.health is not None:
        asked.append(("health", "#fleet.#health = {}", [wanted.health.value]))
    if wanted.agent_version is not None:
        asked.append(("agent", "#fleet.#agent = {}", [wanted.agent_version]))
    if wanted.text is not None:
        asked.append(("id", "contains(#fleet.#id, {})", [wanted.text.lower()]))
    inside: list[str] = []
    values: dict[str, Any] = {}
    for name, expression, choices in asked:
        marks = {f":{name}{number}": choice for number, choice in enumerate(choices)}
        either = " OR ".join(expression.format(mark) for mark in marks)
        inside.append(f"({either})" if len(marks) > 1 else either)  # DynamoDB refuses parentheses around one thing
        values |= marks
    used = [name for name, _, _ in asked]
    conditions: list[str] = []
    if inside:
        conditions.append(f"(attribute_not_exists(#fleet) OR {' AND '.join(inside)})")
        used.append(FLEET)
    if wanted.connected is Connection.UNKNOWN:
        conditions.append("attribute_not_exists(#connected)")
    elif wanted.connected is not None:
        conditions.append("#connected = :connected")
        values[":connected"] = wanted.connected is Connection.YES
    used += ["connected"] if wanted.connected is not None else []
    return Change(" AND ".join(conditions), names(*used), values)


def shows(item: Item, wanted: DeviceFilter) -> bool:
    """Tell whether an entry that the condition let through has what the filter looks at, and not merely lacks it."""
    return FLEET in item or wanted == DeviceFilter(connected=wanted.connected)


def read_glance(item: Item) -> DeviceGlance:
    """Return a device as the index has it. Raises ValueError."""
    connected = connection_of(flag(item, "connected") if "connected" in item else None)
    if FLEET not in item:
        return DeviceGlance(connected=connected, health=DeviceHealth.UNKNOWN, agent_version=None, runs=())
    fleet = mapping(item, FLEET)
    return DeviceGlance(
        connected=connected,
        health=DeviceHealth(text(fleet, "health")),
        agent_version=text(fleet, "agent") if "agent" in fleet else None,
        runs=tuple(_read_run(run) for run in text(fleet, "runs").split()),
    )


def _runs(wanted: DeviceFilter, flow_id: str) -> list[str]:
    """Return the parts of ``runs`` of which one has to be there."""
    if wanted.version is None:
        return [f" {flow_id}:{wanted.health}@" if wanted.health is not None else f" {flow_id}:"]
    healths = _REPORTED if wanted.health is None else (wanted.health.value,)
    return [f" {flow_id}:{health}@{wanted.version} " for health in healths]


def _read_run(run: str) -> tuple[str, int, DeviceHealth]:
    found = _RUN.fullmatch(run)
    if found is None:
        message = "runs holds what is no flow, health and version"
        raise ValueError(message)
    return found[1], int(found[3]), DeviceHealth(found[2])
