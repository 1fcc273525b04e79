"""``dht``: reads temperature and humidity from the device's sensor."""

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.builtin.sensors import SensorReader
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.dht import DhtKind, DhtModel, DhtSettings

_DEFAULT_MODEL = DhtModel.DHT22


class DhtNode(DhtKind, Node[DhtSettings]):
    """Sends ``{"temperature": …, "humidity": …}`` at its interval; humidity is relative, in percent."""

    def __init__(self, settings: DhtSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._sensor: SensorReader | None = None
        self._model = _DEFAULT_MODEL

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Open the sensor and read it at the interval.

        Raises:
            NodeError: the device has another sensor than the flow needs, or it cannot be opened.
        """
        self._model = self._find_model()
        context = self.environment.context
        try:
            self._sensor = context.open_sensor(context.device_id, self._model, context.hardware)
        except OSError as error:
            message = f"The {self._model} sensor cannot be opened: {error}"
            raise NodeError(message) from error
        self._emit = emit
        schedule.every(self.settings.interval.total_seconds(), self._read)

    def stop(self) -> None:
        """Close the sensor."""
        if self._sensor is not None:
            self._sensor.close()

    def _find_model(self) -> DhtModel:
        needed = self.settings.model
        found = self.environment.context.hardware.get("dht_model")
        if found is None:
            return DhtModel(needed) if needed is not None else _DEFAULT_MODEL
        if needed is not None and found != needed:
            message = f"The node needs a {needed} sensor, but this device has a {found}."
            raise NodeError(message)
        try:
            return DhtModel(found)
        except ValueError:
            known = ", ".join(DhtModel)
            message = f"The device's hardware names the sensor {found}; dht_model can be one of {known}."
            raise NodeError(message) from None

    def _read(self) -> None:
        if self._sensor is None or self._emit is None:
            return
        try:
            reading = self._sensor.read(self.environment.now())
        except OSError as error:
            message = f"The {self._model} sensor gave no reading: {error}"
            raise NodeError(message) from error
        temperature = reading.temperature
        if self.settings.unit == "fahrenheit":
            temperature = round(temperature * 9 / 5 + 32, 1)
        metadata = {"model": self._model.value, "unit": self.settings.unit}
        if reading.simulated:
            metadata["simulated"] = "true"
        payload: JsonValue = {"temperature": temperature, "humidity": reading.humidity}
        self._emit(Message(payload=payload, source=self.environment.node_id, metadata=metadata))
