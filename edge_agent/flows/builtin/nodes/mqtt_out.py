"""``mqtt_out``: publishes messages by the device's connection, under the device's own output topic."""

import json
import logging
from collections import deque
from typing import Final

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Outcome, Schedule
from edge_agent.flows.language.messages import Message
from edge_agent.flows.language.nodes.mqtt_out import MAX_PAYLOAD_BYTES, MqttOutKind, MqttOutSettings

MAX_KEPT_MESSAGES: Final = 100
FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


class MqttOutNode(MqttOutKind, Node[MqttOutSettings]):
    """Publishes each payload as JSON.

    Being offline is normal at the edge and no fault of the flow: the newest messages are kept, up to
    ``MAX_KEPT_MESSAGES``, and go out in their order when the connection is back. It is no success either: what failed
    before is made up for by a message that went out.
    """

    def __init__(self, settings: MqttOutSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        context = environment.context
        suffix = settings.topic or f"{context.flow_id}/{environment.node_id}"
        self.topic = f"edgeflow/devices/{context.device_id}/out/{suffix}"
        self._kept: deque[bytes] = deque(maxlen=MAX_KEPT_MESSAGES)
        self._schedule: Schedule | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._retry_planned = False
        self._dropped = 0

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  there is no output
        """Remember the timers, for messages that have to be sent again."""
        self._schedule = schedule

    def receive(self, message: Message) -> Outcome:
        """Publish the payload, or keep it while the device is offline.

        Raises:
            NodeError: the payload cannot be written as JSON, or is more than MQTT takes.
        """
        try:
            data = json.dumps(message.payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except ValueError as error:
            reason = f"A message cannot be written as JSON: {error}"
            raise NodeError(reason) from error
        if len(data) > MAX_PAYLOAD_BYTES:
            reason = f"A message of {len(data)} bytes was dropped; MQTT takes {MAX_PAYLOAD_BYTES}."
            raise NodeError(reason)
        self._dropped += len(self._kept) == MAX_KEPT_MESSAGES
        self._kept.append(data)
        return Outcome.NOT_YET if self._retry_planned else self._send_kept()

    def _send_kept(self) -> Outcome:
        outcome = Outcome.NOT_YET
        while self._kept:
            data = self._kept[0]
            try:
                self.environment.context.publish(self.topic, data)
            except (OSError, RuntimeError) as error:
                why = self.environment.redact(
                    f"{self.topic}: not published, tried again in {self._retry_seconds:g} s: {error}"
                )
                _log.info("%s", why)
                self._plan_retry()
                return outcome
            except Exception:
                self._kept.popleft()  # sending it again would fail again and hold up all that follow
                raise
            self._kept.popleft()
            outcome = Outcome.DONE
        self._retry_seconds = FIRST_RETRY_SECONDS
        if self._dropped:
            topic = self.environment.redact(self.topic)
            _log.warning("%s: the %d oldest messages were dropped while offline", topic, self._dropped)
            self._dropped = 0
        return outcome

    def _plan_retry(self) -> None:
        if self._schedule is None:
            return
        self._retry_planned = True
        self._schedule.after(self._retry_seconds, self._retry)
        self._retry_seconds = min(2 * self._retry_seconds, LAST_RETRY_SECONDS)

    def _retry(self) -> Outcome:
        self._retry_planned = False
        return self._send_kept()
