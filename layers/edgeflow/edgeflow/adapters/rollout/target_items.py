"""Targets as items of the table, and back. What cannot be read raises ``ValueError``."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import Item, flag, optional_text, optional_whole, text, whole
from edgeflow.adapters.creation_list import position
from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.unreadable import Unreadable

KIND: Final = "target"
PLACES: Final = ("lsi1sk", "gsi2pk", "gsi2sk")
"""A target's places in indexes: in its wave, and among the deployments of its device. They are written once."""

_Value = TypeVar("_Value")


def write_target(deployment_id: str, target: Target) -> dict[str, Any]:
    """Return the item of a target, without its places in indexes."""
    pk, sk = keys.target_key(deployment_id, target.device_id)
    return {
        "pk": pk,
        "sk": sk,
        "kind": KIND,
        "deployment_id": deployment_id,
        "device_id": target.device_id,
        "wave": target.wave,
        "status": target.status.value,
        "version_before": target.version_before,
        "version_before_known": None if target.version_before_known else False,
        "reason": target.reason,
        "message": target.message,
        "reached": target.reached,
        "reached_late": True if target.reached_late else None,
        "reported": target.reported,
        "runs_version": target.runs_version,
        "rollback_attempt": target.rollback_attempt,
        "started_at": target.started_at,
        "finished_at": target.finished_at,
    }


def places_of(deployment_id: str, target: Target, *, created_at: str) -> dict[str, str]:
    """Return the places in indexes of a target that is planned; ``created_at`` is when the deployment was created."""
    return {
        "lsi1sk": f"{keys.wave_members_prefix(target.wave)}{target.device_id}",
        "gsi2pk": keys.device_partition(target.device_id),
        "gsi2sk": position(created_at, deployment_id),
    }


def read_target(item: Item) -> Target:
    """Return the target an item is."""
    before, known = _version_before(item)
    return Target(
        device_id=keys.device_of(item),
        wave=whole(item, "wave"),
        status=TargetStatus(text(item, "status")),
        version_before=before,
        version_before_known=known,
        reason=optional_text(item, "reason"),
        message=optional_text(item, "message"),
        reached=flag(item, "reached"),
        reached_late=_reached_late(item),
        reported=flag(item, "reported"),
        runs_version=optional_whole(item, "runs_version", least=1),
        rollback_attempt=whole(item, "rollback_attempt"),
        started_at=optional_text(item, "started_at"),
        finished_at=optional_text(item, "finished_at"),
    )


def mended_target(item: Item, damaged: Unreadable, *, at: str) -> Target:
    """Return what can be said of a target whose record is damaged: what can be read of it stays.

    A status that cannot be read becomes ``deploying``: whoever closes the wave asks AWS IoT how the job ended. A
    version before that cannot be read is not taken for none, or a rollback would remove the flow from the device.
    """

    def kept(reader: Callable[[Item], _Value], otherwise: _Value) -> _Value:
        try:
            return reader(item)
        except ValueError:
            return otherwise

    status = kept(lambda stored: TargetStatus(text(stored, "status")), None)
    before = kept(_version_before, _UNKNOWN)
    return Target(
        device_id=keys.device_of(item),
        wave=kept(lambda stored: whole(stored, "wave"), planned_wave(item)),
        status=status or TargetStatus.DEPLOYING,
        version_before=before[0],
        version_before_known=before[1],
        reason=kept(lambda stored: optional_text(stored, "reason"), None) if status else Reason.UNREADABLE.value,
        message=f"its record was damaged ({damaged.fault}); what can be read of it was kept",
        reached=kept(lambda stored: flag(stored, "reached"), otherwise=True),
        reached_late=kept(_reached_late, otherwise=False),
        reported=kept(lambda stored: flag(stored, "reported"), otherwise=False),
        runs_version=kept(lambda stored: optional_whole(stored, "runs_version", least=1), None),
        rollback_attempt=kept(lambda stored: whole(stored, "rollback_attempt"), 0),
        started_at=kept(lambda stored: optional_text(stored, "started_at"), None) if status else at,
        finished_at=kept(lambda stored: optional_text(stored, "finished_at"), None) if status else None,
    )


_UNKNOWN: Final[tuple[int | None, bool]] = (None, False)


def _version_before(item: Item) -> tuple[int | None, bool]:
    """Return the version before, and whether it is known."""
    known = flag(item, "version_before_known") if "version_before_known" in item else True
    return optional_whole(item, "version_before", least=1), known


def _reached_late(item: Item) -> bool:
    return flag(item, "reached_late") if "reached_late" in item else False


def planned_wave(item: Item) -> int:
    """Return the wave a target was planned for, by its place in the index of waves; 0 where it has none."""
    _, _, rest = str(item.get("lsi1sk", "")).partition("#")
    number = rest.partition("#")[0]
    return int(number) if number.isdecimal() else 0
