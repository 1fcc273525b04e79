"""Humidity sensors of the DHT family: what a driver offers, the kernel's driver, and a simulated sensor instead."""

import hashlib
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edge_agent.flows.builtin import iio
from edgeflow.contract.nodes.dht import SWING_SECONDS, DhtModel

_MEAN_CELSIUS = 27.0
_SWING_CELSIUS = 5.0  # up to 32 °C and a little more: every turn crosses 30 °C, also when rounded to whole degrees
_MEAN_HUMIDITY = 55.0
_SWING_HUMIDITY = 15.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measurement: temperature in degrees Celsius, relative humidity in percent, and whether it was made up."""

    temperature: float
    humidity: float
    simulated: bool = False


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
            simulated=True,
        )

    def close(self) -> None:
        """See :meth:`SensorReader.close`; there is nothing to let go of."""


class KernelSensor:
    """A sensor that the kernel reads, by the folder that :func:`.iio.find_humidity_sensor` found."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, now: float) -> Reading:  # noqa: ARG002  a real sensor knows the time
        """See :meth:`SensorReader.read`. The kernel takes both values from one answer of the sensor."""
        return Reading(
            temperature=iio.read_thousandths(self._folder / iio.TEMPERATURE_FILE),
            humidity=iio.read_thousandths(self._folder / iio.HUMIDITY_FILE),
        )

    def close(self) -> None:
        """See :meth:`SensorReader.close`; the kernel keeps the pin."""


def open_simulated_sensor(device_id: str, model: DhtModel, hardware: Mapping[str, Any]) -> SensorReader:  # noqa: ARG001  a driver would read its pin there
    """Return a simulated sensor of this model: the factory of an agent that has no driver."""
    return SimulatedSensor(device_id, model)


def open_device_sensor(
    device_id: str, model: DhtModel, hardware: Mapping[str, Any], *, root: Path = iio.IIO_ROOT
) -> SensorReader:
    """Return the sensor that the kernel reads, or a simulated one where it has none, which is logged.

    ``iio_device`` in ``hardware`` chooses between several. The kernel's driver serves every model.

    Raises:
        OSError: the chosen one is not there, or there are several and none is chosen.
    """
    folder = iio.find_humidity_sensor(hardware.get("iio_device"), root=root)
    if folder is not None:
        return KernelSensor(folder)
    _log.warning("the kernel has no %s sensor under %s: its readings are simulated", model, root)
    return SimulatedSensor(device_id, model)
