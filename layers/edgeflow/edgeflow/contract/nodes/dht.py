"""``dht``: reads temperature and humidity from the device's sensor."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Final, Literal

from edgeflow.contract.nodes.base import Interval, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

SWING_SECONDS: Final = 60.0
"""A simulated sensor goes from cool to warm and back in this time."""


class DhtModel(StrEnum):
    """The sensors of the family."""

    DHT11 = "DHT11"
    """Whole degrees and percents."""
    DHT22 = "DHT22"
    """Tenths of degrees and percents."""
    AM2302 = "AM2302"
    """A DHT22 on a cable."""


class DhtSettings(NodeSettings):
    """Which sensor the flow needs (any, when absent), how often it is read, and the temperature's unit."""

    model: Literal["DHT11", "DHT22", "AM2302"] | None = None
    interval: Interval = timedelta(seconds=1)
    unit: Literal["celsius", "fahrenheit"] = "celsius"


class DhtKind(NodeKind[DhtSettings]):
    """``dht``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = DhtSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: DhtSettings, *, switched: bool) -> float:
        """Return 0, for the first reading comes at once; after a switch the interval."""
        return settings.interval.total_seconds() if switched else 0.0
