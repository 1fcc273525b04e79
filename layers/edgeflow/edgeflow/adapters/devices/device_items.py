"""Devices, and what was deployed to them, read from items of the table. What cannot be read raises ``ValueError``."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from edgeflow.adapters.attributes import (
    Item,
    blob,
    flag,
    optional_text,
    optional_texts,
    optional_whole,
    text,
    whole,
)
from edgeflow.adapters.devices.stored_reports import read_report
from edgeflow.adapters.keys import record_of
from edgeflow.domain.devices import Device, DeviceState, InstalledFlow, Presence

_CERTIFICATE: Final = re.compile(r"arn:[^:/]+:iot:[^:/]*:[0-9]*:cert/[0-9a-fA-F]{64}")


def read_device(item: Item, reported: Item | None = None) -> Device:
    """Return a device as far as it is ours to know: all but what its newest report says.

    So a report that cannot be read keeps no device from getting a certificate, nor from being missed when it is gone.
    ``reported`` is the item of its newest report; of that it takes only when it came.
    """
    _, device_id, _ = record_of(item)
    reported_at = optional_text(reported, "last_seen") if reported else None
    return Device(
        id=device_id,
        state=DeviceState(text(item, "state")),
        attempt=text(item, "attempt"),
        certificate_arns=frozenset(optional_texts(item, "certificates")),
        current_certificate=optional_text(item, "current_certificate"),
        replaced_certificates=frozenset(optional_texts(item, "replaced_certificates")),
        claimable=flag(item, "claimable") if "claimable" in item else False,
        registered_at=optional_text(item, "registered_at"),
        registered_by=optional_text(item, "registered_by"),
        connected=flag(item, "connected") if "connected" in item else None,
        connection_changed_at=optional_text(item, "connection_changed_at"),
        last_seen=max(filter(None, (reported_at, optional_text(item, "connection_changed_at"))), default=None),
        reported_at=_moment(reported_at) if reported_at else None,
        presence=_presence(item),
    )


def read_whole_device(item: Item, reported: Item | None) -> Device:
    """Return a device with what it says of itself, from its own item and that of its newest report."""
    device = read_device(item, reported)
    if reported is None or reported.get("report") is None:
        return device
    return replace(device, report=read_report(blob(reported, "report")))


def read_installed(item: Item) -> InstalledFlow:
    """Return what was deployed of one flow to a device."""
    _, flow_id, _ = record_of(item)
    return InstalledFlow(
        flow_id=flow_id,
        version=optional_whole(item, "version", least=1),
        deployment_id=optional_text(item, "deployment_id"),
        claimed_by=optional_text(item, "claimed_by"),
    )


def certificates_on(item: Item) -> frozenset[str]:
    """Return every certificate that a device's record names anywhere, whatever became of the rest of it."""
    return frozenset(filter(_CERTIFICATE.fullmatch, _texts_in(item)))


def _texts_in(value: Any) -> list[str]:  # noqa: ANN401  whatever was stored
    match value:
        case str():
            return [value]
        case dict():
            return [text for entry in value.values() for text in _texts_in(entry)]
        case list() | set():
            return [text for entry in value for text in _texts_in(entry)]
        case _:
            return []


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        message = "last_seen has no time zone"
        raise ValueError(message)
    return moment


def _presence(item: Item) -> Presence | None:
    if "connection_at_ms" not in item:
        return None
    return Presence(
        device_id=record_of(item)[1],
        connected=flag(item, "connected"),
        connection=whole(item, "connection_number"),
        at_ms=whole(item, "connection_at_ms", most=_MAX_MILLISECONDS),
    )


_MAX_MILLISECONDS: Final = 253_402_300_799_999
"""The end of the year 9999."""
