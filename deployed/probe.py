"""One MQTT connection of a device that tells what the broker thinks of each thing it tries."""

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any, Final, Self

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError

from edge_agent.cloud.connection import make_client
from edge_agent.config import AgentConfig

WAIT_SECONDS: Final = 20
NOT_AUTHORIZED: Final = 0x87
"""MQTT 5: reason code of CONNACK, PUBACK and SUBACK."""
TOPIC_INVALID: Final = 0x90
CUT_OFF: Final = -2
"""Instead of a reason code: the broker closed the connection, as AWS IoT may do rather than refuse one packet."""
NO_ANSWER: Final = -1
_NOBODY_LISTENS: Final = 0x10
_HIGHEST_GRANTED: Final = 1
"""SUBACK: the quality of service that is granted; more is a refusal."""


class Probe:
    """A connection by the settings of a device, under its name or another one. ``with`` closes it."""

    def __init__(self, config: AgentConfig, *, client_id: str | None = None) -> None:
        """Connect. Raises ConfigError: certificate and key cannot be used."""
        self._connack: concurrent.futures.Future[int] = concurrent.futures.Future()
        self._stopped: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._up = threading.Event()
        self._client = make_client(
            config,
            client_id=client_id or config.device_id,
            on_connected=self._connected,
            on_refused=self._refused,
            on_lost=lambda _: self._up.clear(),
            on_stopped=lambda _: self._stopped.set_result(None),
        )
        self._client.start()

    @property
    def connected(self) -> int:
        """The first CONNACK's reason code, 0 for success; NO_ANSWER where there was none."""
        return self._connack.result(WAIT_SECONDS)

    def publish(self, topic: str, payload: bytes = b"{}") -> int:
        """Publish with QoS 1; returns the PUBACK's reason code, or CUT_OFF."""
        packet = mqtt5.PublishPacket(topic=topic, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=payload)
        return self._code(lambda: self._client.publish(packet), lambda answer: int(answer.puback.reason_code))

    def subscribe(self, topic_filter: str) -> int:
        """Subscribe with QoS 1; returns the SUBACK's reason code, or CUT_OFF."""
        packet = mqtt5.SubscribePacket([mqtt5.Subscription(topic_filter, mqtt5.QoS.AT_LEAST_ONCE)])
        return self._code(lambda: self._client.subscribe(packet), lambda answer: int(answer.reason_codes[0]))

    def may_publish(self, topic: str, payload: bytes = b"{}") -> bool:
        """Tell whether the broker takes it; ValueError for an answer that is neither yes nor no."""
        return _decided(self.publish(topic, payload), {0, _NOBODY_LISTENS}, topic)

    def may_subscribe(self, topic_filter: str) -> bool:
        """Tell whether the broker takes it; ValueError for an answer that is neither yes nor no."""
        return _decided(self.subscribe(topic_filter), {0, _HIGHEST_GRANTED}, topic_filter)

    def close(self) -> None:
        """Disconnect."""
        self._client.stop()
        self._stopped.result(WAIT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _code(
        self, send: Callable[[], "concurrent.futures.Future[Any]"], read: Callable[[Any], int]
    ) -> int:  # what awscrt answers has no types
        if not self._up.wait(WAIT_SECONDS):
            message = f"no connection in {WAIT_SECONDS} s"
            raise TimeoutError(message)
        try:
            return read(send().result(WAIT_SECONDS))
        except AwsCrtError:
            if self._up.is_set():
                raise
            return CUT_OFF

    def _connected(self, _: mqtt5.LifecycleConnectSuccessData) -> None:
        self._up.set()
        self._told(0)

    def _refused(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        self._told(int(data.connack_packet.reason_code) if data.connack_packet else NO_ANSWER)

    def _told(self, code: int) -> None:
        if not self._connack.done():
            self._connack.set_result(code)


def _decided(code: int, allowed: set[int], what: str) -> bool:
    if code in allowed:
        return True
    if code in {NOT_AUTHORIZED, TOPIC_INVALID, CUT_OFF}:
        return False
    message = f"the broker answers {code:#x} for {what}"
    raise ValueError(message)
