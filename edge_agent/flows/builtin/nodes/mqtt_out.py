"""``mqtt_out``: publishes messages by the device's connection, under the device's own output topic."""

import json
import logging
import threading
from collections import deque
from typing import Final

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Outcome, Schedule
from edge_agent.flows.language.messages import Message
from edge_agent.flows.publishing import NotPublished, Refusal
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES, MqttOutKind, MqttOutSettings

MAX_KEPT_MESSAGES: Final = 100
MAX_KEPT_BYTES: Final = 1024 * 1024
FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


class MqttOutNode(MqttOutKind, Node[MqttOutSettings]):
    """Publishes each payload as JSON.

    Being offline is normal at the edge and no fault of the flow: the newest messages are kept, up to
    ``MAX_KEPT_MESSAGES`` and ``MAX_KEPT_BYTES``, and go out in their order when the connection is back; those that had
    to give way are counted as dropped. It is no success either: what failed before is made up for by a message that
    went out. With QoS 1 it has gone out once it was acknowledged, and not being so in time is a failure.

    With ``store`` nothing is kept here, for it is on disk when it was taken; what the disk does not take is dropped,
    and a failure.
    """

    def __init__(self, settings: MqttOutSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        context = environment.context
        suffix = settings.topic or f"{context.flow_id}/{environment.node_id}"
        self.topic = f"edgeflow/devices/{context.device_id}/out/{suffix}"
        self._kept: deque[tuple[float, bytes]] = deque()
        """Messages, and when each came."""
        self._kept_bytes = 0
        self._schedule: Schedule | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._retry_planned = False
        self._refusal: NotPublished | OSError | RuntimeError | None = None
        self._dropped = 0
        self._lock = threading.Lock()
        self._heard: list[str | None] = []
        """What became of the last message, until it is noted."""

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  there is no output
        """Remember the timers, for messages that have to be sent again."""
        self._schedule = schedule

    def receive(self, message: Message) -> Outcome:
        """Publish the payload, or keep it while it is not taken.

        Raises:
            NodeError: the payload cannot be written as JSON, or is more than MQTT takes; or messages had to be dropped
                for more come than the connection or the disk takes.
        """
        try:
            data = json.dumps(message.payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except ValueError as error:
            self.environment.dropped(1)
            reason = f"A message cannot be written as JSON: {error}"
            raise NodeError(reason) from error
        if len(data) > MAX_PAYLOAD_BYTES:
            self.environment.dropped(1)
            reason = f"A message of {len(data)} bytes was dropped; MQTT takes {MAX_PAYLOAD_BYTES}."
            raise NodeError(reason)
        if self.settings.store:
            return self._store(data)
        dropped = self._keep(data)
        outcome = Outcome.NOT_YET if self._retry_planned else self._send_kept()
        if dropped and isinstance(self._refusal, NotPublished) and self._refusal.refusal is Refusal.BUSY:
            reason = f"Messages come faster than the connection takes them, so some were dropped: {self._refusal}."
            raise NodeError(reason)
        return outcome

    def _store(self, data: bytes) -> Outcome:
        try:
            self.environment.context.publish(self.topic, data, qos=1, store=True, settled=self._hear)
        except (OSError, RuntimeError) as error:
            self.environment.dropped(1)
            reason = f"A message was dropped, for it could not be stored: {error}."
            raise NodeError(reason) from error
        return Outcome.NOT_YET

    def _keep(self, data: bytes) -> bool:
        """Keep a message; returns whether others had to give way."""
        self._kept.append((self.environment.now(), data))
        self._kept_bytes += len(data)
        dropped = 0
        while len(self._kept) > MAX_KEPT_MESSAGES or self._kept_bytes > MAX_KEPT_BYTES:
            self._forget_first()
            dropped += 1
        self.environment.dropped(dropped)
        self._dropped += dropped
        return bool(dropped)

    def _forget_first(self) -> None:
        _, data = self._kept.popleft()
        self._kept_bytes -= len(data)

    def _send_kept(self) -> Outcome:
        outcome = Outcome.NOT_YET
        qos = self.settings.qos or 0
        while self._kept:
            since, data = self._kept[0]
            try:
                self.environment.context.publish(self.topic, data, qos=qos, settled=self._hear if qos else None)
            except (OSError, RuntimeError) as error:
                why = self.environment.redact(
                    f"{self.topic}: not published, tried again in {self._retry_seconds:g} s: {error}"
                )
                _log.info("%s", why)
                self._refusal = error
                self._plan_retry()
                if qos and self.environment.now() - since >= ACKNOWLEDGED_WITHIN_SECONDS:
                    reason = f"A message was not acknowledged within {ACKNOWLEDGED_WITHIN_SECONDS:g} s: {error}."
                    raise NodeError(reason) from error
                return outcome
            except Exception:
                self._forget_first()  # sending it again would fail again and hold up all that follow
                self.environment.dropped(1)
                raise
            self._forget_first()
            outcome = Outcome.DONE if not qos else Outcome.NOT_YET
        self._retry_seconds, self._refusal = FIRST_RETRY_SECONDS, None
        if self._dropped:
            topic = self.environment.redact(self.topic)
            _log.warning("%s: the %d oldest messages were dropped while offline", topic, self._dropped)
            self._dropped = 0
        return outcome

    def _plan_retry(self) -> None:
        if self._schedule is None or self._retry_planned:
            return
        self._retry_planned = True
        self._schedule.after(self._retry_seconds, self._retry)
        self._retry_seconds = min(2 * self._retry_seconds, LAST_RETRY_SECONDS)

    def _retry(self) -> Outcome:
        self._retry_planned = False
        return self._send_kept()

    def _hear(self, error: str | None) -> None:
        """Take what became of a message, on any thread; one turn of the flow notes all that came until then."""
        with self._lock:
            is_first = not self._heard
            self._heard[:] = [error]
        if is_first and self._schedule is not None:
            self._schedule.soon(self._note)

    def _note(self) -> Outcome:
        with self._lock:
            error = self._heard.pop()
        if error is not None:
            reason = f"A message was {error}."
            raise NodeError(reason)
        return Outcome.DONE
