"""``mqtt_in``: sends on what comes to the device by MQTT, under the device's own input topic."""

import json
from collections.abc import Callable

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.mqtt_in import MAX_DEPTH, MqttInKind, MqttInSettings


class MqttInNode(MqttInKind, Node[MqttInSettings]):
    """Sends each payload on; the metadata's ``topic`` is the part after the device's input topic."""

    def __init__(self, settings: MqttInSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._prefix = f"edgeflow/devices/{environment.context.device_id}/in/"
        self._end: Callable[[], None] | None = None

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Subscribe. Being offline is no fault: it is done when the connection is there.

        Raises:
            NodeError: the agent has no connection at all.
        """

        def take(topic: str, data: bytes) -> None:
            schedule.soon(lambda: self._send(emit, topic, data))

        try:
            self._end = self.environment.context.subscribe(self._prefix + self.settings.topic, take)
        except OSError as error:
            message = f"Nothing can be subscribed to: {error}"
            raise NodeError(message) from error

    def stop(self) -> None:
        """Unsubscribe."""
        if self._end is not None:
            self._end()

    def _send(self, emit: Emit, topic: str, data: bytes) -> None:
        metadata = {"topic": topic.removeprefix(self._prefix)}
        emit(Message(payload=self._read(data), source=self.environment.node_id, metadata=metadata))

    def _read(self, data: bytes) -> JsonValue:
        try:
            text = data.decode()
            if self.settings.format == "text":
                return text
            payload: JsonValue = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            wanted = "JSON" if self.settings.format == "json" else "UTF-8 text"
            message = f"A message that came was not {wanted}."
            raise NodeError(message) from None
        if _depth_is_over(payload, MAX_DEPTH):
            message = f"A message that came has more than {MAX_DEPTH} levels of JSON."
            raise NodeError(message)
        return payload


def _no_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _depth_is_over(payload: JsonValue, limit: int) -> bool:
    level = [payload]
    for _ in range(limit):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return True
