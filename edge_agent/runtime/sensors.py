"""Humidity sensors of the DHT family: what a driver offers, and a simulated sensor in place of one."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

SWING_SECONDS: Final = 60.0
"""A simulated sensor goes from cool to warm and back in this time."""

_MEAN_CELSIUS = 27.0
_SWING_CELSIUS = 5.0  # up to 32 °C and a little more: every turn crosses 30 °C, also when rounded to whole degrees
_MEAN_HUMIDITY = 55.0
_SWING_HUMIDITY = 15.0


class DhtModel(StrEnum):
    """The sensors of the family."""

    DHT11 = "DHT11"
    """Whole degrees and percents."""
    DHT22 = "DHT22"
    """Tenths of degrees and percents."""
    AM2302 = "AM2302"
    """A DHT22 on a cable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measurement: temperature in degrees Celsius, relative humidity in percent."""

    temperature: float
    humidity: float


class SensorReader(Protocol):
    """What the ``dht`` node asks of a driver. All calls come from the flow's own thread."""

    def read(self, now: float) -> Reading:
        """Measure once. ``now`` is the flow's monotonic time in seconds.

        Raises:
            OSError: the sensor did not answer, or its answer failed the checksum.
        """
        ...

    def close(self) -> None:
        """Let go of the hardware; called once, also after failed reads."""
        ...


SensorFactory = Callable[[str, DhtModel, Mapping[str, Any]], SensorReader]
"""Makes a reader from the device id, the model and the device's ``[hardware]`` table; may raise OSError."""


class SimulatedSensor:
    """A sensor that warms up and cools down like a machine hall, each device in a rhythm of its own.

    The curve depends on device id and time alone, so two readings of one instant are equal.
    """

    def __init__(self, device_id: str, model: DhtModel) -> None:
        seed = hashlib.sha256(device_id.encode()).digest()
        self._phase = int.from_bytes(seed[:4]) / 2**32 * math.tau
        self._ripple_phase = int.from_bytes(seed[4:8]) / 2**32 * math.tau
        self._digits = 0 if model is DhtModel.DHT11 else 1

    def read(self, now: float) -> Reading:
        """See :meth:`SensorReader.read`; never fails."""
        angle = math.tau * now / SWING_SECONDS
        warmth = math.sin(angle + self._phase)
        ripple = 0.3 * math.sin(7 * angle + self._ripple_phase)
        return Reading(
            temperature=round(_MEAN_CELSIUS + _SWING_CELSIUS * warmth + ripple, self._digits),
            humidity=round(_MEAN_HUMIDITY - _SWING_HUMIDITY * warmth - ripple, self._digits),
        )

    def close(self) -> None:
        """See :meth:`SensorReader.close`; there is nothing to let go of."""


def open_simulated_sensor(device_id: str, model: DhtModel, hardware: Mapping[str, Any]) -> SensorReader:  # noqa: ARG001  a driver would read its pin there
    """Return a simulated sensor of this model: the factory of an agent that has no driver."""
    return SimulatedSensor(device_id, model)
