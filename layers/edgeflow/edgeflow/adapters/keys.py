"""Keys of the table's items. Every key of the project is built here, and nowhere else."""

from collections.abc import Mapping
from typing import Any

from edgeflow.domain.unreadable import Kind

Key = tuple[str, str]
"""Partition key and sort key."""

FLOW_SORT_KEY = "FLOW"
SLUG_SORT_KEY = "SLUG"
DEPLOYMENT_SORT_KEY = "DEPLOYMENT"
COUNTERS_SORT_KEY = f"{DEPLOYMENT_SORT_KEY}#COUNTERS"
"""Behind the deployment's own, so that one query reads both, the deployment first."""
DEVICE_SORT_KEY = "DEVICE"
REPORT_SORT_KEY = "REPORT"

FLOWS_LIST = "FLOWS"
DEPLOYMENTS_LIST = "DEPLOYMENTS"
DEVICES_LIST = "DEVICES"
UNFINISHED_LIST = "UNFINISHED"

FLEET_COUNT_KEY: Key = ("FLEET", "COUNT")
"""Key of the count of all devices that is kept."""

WAITING_PLACES = "WAITING_PLACES"
"""Partition of the places for requests that wait."""

VERSION_PREFIX = "VERSION#"
TARGET_PREFIX = "TARGET#"
INSTALL_PREFIX = "FLOW#"
EVENT_PREFIX = "EVENT#"
WAVE_PREFIX = "WAVE#"
RETURN_PREFIX = "RETURN#"
HISTORY_PREFIX = "HISTORY#"

_FLOW_PREFIX = "FLOW#"
_SLUG_PREFIX = "SLUG#"
_DEPLOYMENT_PREFIX = "DEP#"
_DEVICE_PREFIX = "DEVICE#"


def flow_partition(flow_id: str) -> str:
    """A flow and its versions live in one partition."""
    return f"{_FLOW_PREFIX}{flow_id}"


def deployment_partition(deployment_id: str) -> str:
    """A deployment, its counters, targets, waves and returns live in one partition."""
    return f"{_DEPLOYMENT_PREFIX}{deployment_id}"


def device_partition(device_id: str) -> str:
    """A device and what is installed on it live in one partition."""
    return f"{_DEVICE_PREFIX}{device_id}"


def flow_key(flow_id: str) -> Key:
    """Key of a flow."""
    return flow_partition(flow_id), FLOW_SORT_KEY


def slug_key(slug: str) -> Key:
    """Key of the record of which flow has a slug."""
    return f"{_SLUG_PREFIX}{slug}", SLUG_SORT_KEY


def version_key(flow_id: str, version: int) -> Key:
    """Key of a published version."""
    return flow_partition(flow_id), f"{VERSION_PREFIX}{version:08d}"


def deployment_key(deployment_id: str) -> Key:
    """Key of a deployment."""
    return deployment_partition(deployment_id), DEPLOYMENT_SORT_KEY


def deployment_key_of(item: Mapping[str, Any]) -> Key:
    """Key of the deployment that an item, such as a target, belongs to."""
    return item["pk"], DEPLOYMENT_SORT_KEY


def counters_key(deployment_id: str) -> Key:
    """Key of a deployment's counters, which no index copies."""
    return deployment_partition(deployment_id), COUNTERS_SORT_KEY


def target_key(deployment_id: str, device_id: str) -> Key:
    """Key of one target of a deployment."""
    return deployment_partition(deployment_id), f"{TARGET_PREFIX}{device_id}"


def wave_members_prefix(wave: int) -> str:
    """Prefix of the local index's sort key that lists one wave's targets."""
    return f"{WAVE_PREFIX}{wave:05d}#"


def wave_key(deployment_id: str, name: str) -> Key:
    """Key of a wave's counters; names are ``00001`` for wave 1 and ``R001`` for the first rollback."""
    return deployment_partition(deployment_id), f"{WAVE_PREFIX}{name}"


def returns_prefix(attempt: int) -> str:
    """Prefix of the frozen plan of one rollback attempt."""
    return f"{RETURN_PREFIX}{attempt:03d}#"


def return_key(deployment_id: str, attempt: int, group: int, device_id: str) -> Key:
    """Key of one device in the plan of a rollback; groups share the version they return to."""
    return deployment_partition(deployment_id), f"{returns_prefix(attempt)}{group:04d}#{device_id}"


def device_key(device_id: str) -> Key:
    """Key of a device."""
    return device_partition(device_id), DEVICE_SORT_KEY


def report_key(device_id: str) -> Key:
    """Key of a device's newest health report, which no index copies."""
    return device_partition(device_id), REPORT_SORT_KEY


def install_key(device_id: str, flow_id: str) -> Key:
    """Key of what a device runs of one flow, which also holds the claim of an unfinished deployment."""
    return device_partition(device_id), f"{INSTALL_PREFIX}{flow_id}"


def waiting_place_key(number: int) -> Key:
    """Key of one of the places for requests that wait."""
    return WAITING_PLACES, f"PLACE#{number:03d}"


def history_partition(subject_id: str) -> str:
    """The history of a deployment or a flow has a partition of its own; template.yaml forbids changes by this name."""
    return f"{HISTORY_PREFIX}{subject_id}"


def event_key(subject_id: str, sequence: int) -> Key:
    """Key of one event of a history."""
    return history_partition(subject_id), f"{EVENT_PREFIX}{sequence:010d}"


def record_of(item: Mapping[str, Any]) -> tuple[Kind, str, str]:
    """Return what an item is by its key alone: its kind, its id, and whose it is; see ``Unreadable``."""
    pk, sk = item["pk"], item["sk"]
    if (pk, sk) == FLEET_COUNT_KEY:
        return Kind.FLEET_COUNT, sk, ""
    for prefix, kinds in _KINDS.items():
        owner = pk.removeprefix(prefix)
        if owner == pk:
            continue
        for start, kind in kinds.items():
            if sk.startswith(start):
                return kind, _id_of(kind, owner, sk.removeprefix(start)), owner
    return Kind.UNKNOWN, f"{pk} {sk}", ""


def device_of(item: Mapping[str, Any]) -> str:
    """Return the device that a target is."""
    return str(item["sk"]).removeprefix(TARGET_PREFIX)


def returning(item: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return the attempt, the group and the device that an item of a rollback's plan is."""
    _, attempt, group, device_id = str(item["sk"]).split("#", 3)
    return int(attempt), int(group), device_id


def number_of(item: Mapping[str, Any], prefix: str) -> int:
    """Return the number that an item's sort key ends in: a version's, or an event's sequence. Raises ValueError."""
    return int(str(item["sk"]).removeprefix(prefix))


_KINDS = {
    _FLOW_PREFIX: {FLOW_SORT_KEY: Kind.FLOW, VERSION_PREFIX: Kind.VERSION},
    _SLUG_PREFIX: {SLUG_SORT_KEY: Kind.SLUG},
    _DEPLOYMENT_PREFIX: {
        COUNTERS_SORT_KEY: Kind.DEPLOYMENT,
        DEPLOYMENT_SORT_KEY: Kind.DEPLOYMENT,
        TARGET_PREFIX: Kind.TARGET,
        WAVE_PREFIX: Kind.WAVE,
        RETURN_PREFIX: Kind.RETURN,
    },
    _DEVICE_PREFIX: {DEVICE_SORT_KEY: Kind.DEVICE, REPORT_SORT_KEY: Kind.DEVICE, INSTALL_PREFIX: Kind.INSTALL},
    HISTORY_PREFIX: {EVENT_PREFIX: Kind.EVENT},
}
"""Kinds of items by the beginnings of their partition and their sort key."""


def _id_of(kind: Kind, owner: str, rest: str) -> str:
    match kind:
        case Kind.FLOW | Kind.SLUG | Kind.DEPLOYMENT | Kind.DEVICE:
            return owner
        case Kind.VERSION | Kind.EVENT:
            return rest.lstrip("0") or "0"
        case Kind.RETURN:
            return rest.split("#", 2)[-1]
        case _:
            return rest
