"""Humidity sensors that the kernel reads, by a folder like the kernel's; and when they are simulated."""

import errno
from pathlib import Path
from typing import Any

import pytest

from edge_agent.flows.builtin import iio
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.builtin.sensors import KernelSensor, Reading, SimulatedSensor, open_device_sensor
from edgeflow.contract.nodes.dht import DhtModel
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, Bench, ScriptedSensor, chain, node


def _device(root: Path, number: int, name: str, temperature: str = "21500", humidity: str | None = "48200") -> Path:
    folder = root / f"iio:device{number}"
    folder.mkdir()
    (folder / "name").write_text(f"{name}\n")
    (folder / "in_temp_input").write_text(f"{temperature}\n")
    if humidity is not None:
        (folder / "in_humidityrelative_input").write_text(f"{humidity}\n")
    return folder


def _open(root: Path, **hardware: Any) -> Any:  # noqa: ANN401  any reader
    return open_device_sensor(DEVICE_ID, DhtModel.DHT22, hardware, root=root)


@pytest.mark.parametrize("name", ["dht11", "dht11@4", "dht11@0"])
def test_the_kernel_s_sensor_is_found_among_others_and_read(tmp_path: Path, name: str) -> None:
    _device(tmp_path, 0, "cpu-thermal", humidity=None)
    _device(tmp_path, 1, "hts221")
    _device(tmp_path, 2, name, "-1500", "99900")
    assert _open(tmp_path).read(0) == Reading(temperature=-1.5, humidity=99.9)


@pytest.mark.parametrize("chosen", ["iio:device1", "hts221"])
def test_the_hardware_settings_choose_a_sensor(tmp_path: Path, chosen: str) -> None:
    _device(tmp_path, 0, "dht11")
    _device(tmp_path, 1, "hts221", "30000")
    assert _open(tmp_path, iio_device=chosen).read(0).temperature == 30


def test_of_several_sensors_one_has_to_be_chosen(tmp_path: Path) -> None:
    _device(tmp_path, 0, "dht11@4")
    _device(tmp_path, 1, "dht11@17")
    with pytest.raises(OSError, match=r"iio:device0 \(dht11@4\), iio:device1 \(dht11@17\); name one as iio_device"):
        _open(tmp_path)


@pytest.mark.parametrize("chosen", ["iio:device9", 3, ["dht11"], "iio:device1"])
def test_a_chosen_sensor_that_is_not_there_is_never_simulated(tmp_path: Path, chosen: object) -> None:
    _device(tmp_path, 0, "dht11")
    _device(tmp_path, 1, "pressure", humidity=None)
    with pytest.raises(OSError, match=r"which iio_device names; there are: iio:device0 \(dht11\)$"):
        _open(tmp_path, iio_device=chosen)


def test_without_a_sensor_readings_are_simulated_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sensor = _open(tmp_path / "no such folder")
    assert isinstance(sensor, SimulatedSensor)
    assert sensor.read(0).simulated
    assert [record.getMessage() for record in caplog.records] == [
        f"the kernel has no DHT22 sensor under {tmp_path / 'no such folder'}: its readings are simulated"
    ]


class _Failing:
    """A file of the kernel's that fails some times before it gives its value."""

    def __init__(self, number: int, times: int) -> None:
        self.error = OSError(number, "the sensor")
        self.times = times
        self.reads = 0

    def read_text(self, **_options: str) -> str:
        self.reads += 1
        if self.reads <= self.times:
            raise self.error
        return "21500\n"


@pytest.mark.parametrize("number", [errno.EIO, errno.ETIMEDOUT])
def test_a_reading_that_fails_is_tried_again_a_few_times(number: int) -> None:
    file: Any = _Failing(number, iio.MAX_TRIES - 1)
    assert iio.read_thousandths(file) == 21.5
    hopeless: Any = _Failing(number, iio.MAX_TRIES)
    with pytest.raises(OSError) as caught:
        iio.read_thousandths(hopeless)
    assert (caught.value.errno, hopeless.reads) == (number, iio.MAX_TRIES)


def test_what_will_not_pass_is_not_tried_again() -> None:
    gone: Any = _Failing(errno.ENODEV, 1)
    with pytest.raises(OSError):
        iio.read_thousandths(gone)
    assert gone.reads == 1


def test_a_sensor_that_is_unplugged_or_says_nonsense_makes_the_node_unhealthy(tmp_path: Path) -> None:
    folder = _device(tmp_path, 0, "dht11", "warm")
    sensor = KernelSensor(folder)
    with Bench(chain(node("in", "dht"), node("out", "debug")), open_sensor=lambda *_: sensor) as bench:
        assert "holds 'warm\\n', which is no number" in bench.errors()["in"]
        (folder / "in_temp_input").write_text("22000")
        bench.run(1)
        assert bench.errors() == {}
        (folder / "in_temp_input").unlink()
        bench.run(1)
        assert bench.errors()["in"].startswith("The DHT22 sensor gave no reading: ")


def test_messages_of_a_simulated_sensor_say_so_and_others_do_not() -> None:
    metadata = {}
    for name, open_sensor in (("simulated", _simulated), ("real", ScriptedSensor().open)):
        with Bench(chain(node("in", "dht"), node("out", "debug")), open_sensor=open_sensor) as bench:
            debug = bench.flow.node("out")
            assert isinstance(debug, DebugNode)
            metadata[name] = dict(debug.messages[0].metadata)
    model = {"model": "DHT22", "unit": "celsius"}
    assert metadata == {"simulated": {**model, "simulated": "true"}, "real": model}


def _simulated(device_id: str, model: DhtModel, _hardware: object) -> SimulatedSensor:
    return SimulatedSensor(device_id, model)
