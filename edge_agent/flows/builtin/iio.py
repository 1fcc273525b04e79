"""Humidity sensors that the Linux kernel reads: files under ``/sys/bus/iio/devices``.

The kernel's driver ``dht11`` serves DHT11, DHT22 and AM2302 alike. On a Raspberry Pi the line
``dtoverlay=dht11,gpiopin=4`` in ``config.txt`` loads it.
"""

import errno
from pathlib import Path
from typing import Final

IIO_ROOT: Final = Path("/sys/bus/iio/devices")
DRIVER: Final = "dht11"
TEMPERATURE_FILE: Final = "in_temp_input"
HUMIDITY_FILE: Final = "in_humidityrelative_input"
MAX_TRIES: Final = 3
"""Reads of one value. Each may take the kernel a second, for which the flow waits."""

_PASSING: Final = frozenset({errno.EIO, errno.ETIMEDOUT})  # a checksum that failed, and no answer; both are common


def find_humidity_sensor(chosen: object = None, *, root: Path = IIO_ROOT) -> Path | None:
    """Return the folder of the device's humidity sensor; none when the kernel has none of the DHT family.

    Args:
        chosen: the name or the folder's name of the one that is meant, such as ``"iio:device1"``, of whatever family;
            the only one of the DHT family when None.
        root: where the kernel lists its devices.

    Raises:
        OSError: the chosen one is not there, or there are several and none is chosen.
    """
    sensors = {folder: _name(folder) for folder in sorted(root.glob("iio:device*")) if _measures_humidity(folder)}
    if chosen is not None:
        found = [folder for folder, name in sensors.items() if chosen in (folder.name, name)]
    else:
        # A device tree puts the address behind the name: dht11@4.
        found = [folder for folder, name in sensors.items() if name.partition("@")[0] == DRIVER]
    if len(found) == 1:
        return found[0]
    if not found and chosen is None:
        return None
    there = ", ".join(f"{folder.name} ({name})" for folder, name in sensors.items()) or "none"
    if found:
        message = (
            f"there are several humidity sensors, {there}; name one as iio_device in the agent's hardware settings"
        )
    else:
        message = f"there is no humidity sensor {chosen!r} under {root}, which iio_device names; there are: {there}"
    raise OSError(errno.ENODEV, message)


def read_thousandths(file: Path, *, tries: int = MAX_TRIES) -> float:
    """Return a value that the kernel gives in thousandths, in its unit: degrees Celsius or percent.

    Raises:
        OSError: the sensor did not answer, or its answer was damaged, each time.
    """
    while True:
        tries -= 1
        try:
            text = file.read_text(encoding="ascii")
        except OSError as error:
            if error.errno in _PASSING and tries > 0:
                continue
            raise
        try:
            return int(text) / 1_000
        except ValueError:
            raise OSError(errno.EIO, f"{file} holds {text[:40]!r}, which is no number") from None


def _measures_humidity(folder: Path) -> bool:
    return (folder / TEMPERATURE_FILE).exists() and (folder / HUMIDITY_FILE).exists()


def _name(folder: Path) -> str:
    try:
        return (folder / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""  # unplugged meanwhile
