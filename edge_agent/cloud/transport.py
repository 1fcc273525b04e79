"""AWS IoT by MQTT 5 and mutual TLS: the V2 jobs client, and publishing.

Subscribes to notify-next first and asks for ``$next`` after, so that no job falls between the two.
"""

import concurrent.futures
import logging
import math
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError
from awscrt.mqtt_request_response import ClientOptions, SubscriptionStatusEvent, SubscriptionStatusEventType
from awsiot import ServiceStreamOptions, V2ServiceException, iotjobs

from edge_agent.cloud.connection import make_client
from edge_agent.cloud.identity import Identity
from edge_agent.cloud.outbox.backlog import Backlog
from edge_agent.cloud.outbox.outbox import Done, Ending, Outbox
from edge_agent.cloud.subscriptions import Subscriptions
from edge_agent.config import AgentConfig
from edge_agent.disk.stored_message import MESSAGES_FILE
from edge_agent.flows.publishing import Publish, Qos
from edge_agent.jobs.ports import OPEN, Execution, Offline, UpdateRefused

if TYPE_CHECKING:
    from edge_agent.disk.message_store import MessageStore

OPERATION_SECONDS: Final = 15
STOP_SECONDS: Final = 10
"""How long the end of a connection is waited for; the client may be about to make one, and then tells of no end."""
_NEXT: Final = "$next"
_TRY_AGAIN: Final = frozenset({"InternalError", "RequestThrottled"})
_ENDED: Final = frozenset({"ResourceNotFound", "TerminalStateReached"})
"""Answers of an execution that is no more: AWS IoT describes to a device only what is open."""

ReportConnection = Callable[[bool, str], None]
"""Told whether the device is connected, and if not, why."""
_Answer = TypeVar("_Answer")
logger = logging.getLogger(__name__)


class MqttTransport:
    """One device's connection. It comes back by itself; while it is away everything raises Offline at once."""

    def __init__(
        self,
        config: AgentConfig,
        *,
        on_ready: Callable[[], None],
        on_next: Callable[[str | None], None],
        beat: Callable[[float], None] = lambda _: None,
        on_connection: ReportConnection = lambda _, __: None,
        on_time: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """Prepare the connection.

        ``on_ready`` is called when the device is connected and listens for its jobs, again after each
        reconnect; ``on_next`` when the cloud names the next job, None when there is none. ``beat`` hears of
        each wait for an answer, with the seconds that it may take; ``on_connection`` that the connection is there,
        or why it is not; ``on_time`` what time it is by the cloud's clock, when the cloud says so.

        Raises:
            ConfigError: the certificate and the key cannot be used.
        """
        self._config = config
        self._device_id = config.device_id
        self._on_ready = on_ready
        self._on_next = on_next
        self._beat = beat
        self._on_connection = on_connection
        self._on_time = on_time
        self._way = f" through the proxy {config.proxy.host}:{config.proxy.port}" if config.proxy is not None else ""
        self._connected = False
        self._heard_at = -math.inf
        self._up = threading.Event()
        """Set while it is connected, and when it is stopped for good."""
        self._ended = False
        self._changing = threading.Lock()
        """Held while a connection is started, stopped or replaced."""
        self.subscriptions = Subscriptions(subscribe=self._subscribe, unsubscribe=self._unsubscribe)
        """What flows listen to."""
        wait_on_disk = (config.data_directory / MESSAGES_FILE).exists()
        backlog = Backlog(self._open_store, exists=wait_on_disk, monotonic=time.monotonic)
        self._outbox = Outbox(self._send_for_flow, backlog)
        self._prepare()

    def _prepare(self) -> None:
        """Make a client of what the certificate's files hold now. Raises ConfigError; then the one before stays."""
        stopped: concurrent.futures.Future[None] = concurrent.futures.Future()
        client = make_client(
            self._config,
            client_id=self._device_id,
            on_message=self._message_came,
            on_connected=self._connection_made,
            on_refused=self._connection_refused,
            on_lost=self._connection_lost,
            on_stopped=lambda _: stopped.set_result(None),
        )
        options = ClientOptions(
            max_request_response_subscriptions=4,
            max_streaming_subscriptions=1,
            operation_timeout_in_seconds=OPERATION_SECONDS,
        )
        self._client = client
        self._stopped = stopped
        self._jobs = iotjobs.IotJobsClientV2(client, options)
        self._notifications = self._jobs.create_next_job_execution_changed_stream(
            iotjobs.NextJobExecutionChangedSubscriptionRequest(thing_name=self._device_id),
            ServiceStreamOptions(
                incoming_event_listener=self._told_next, subscription_status_listener=self._subscription_changed
            ),
        )

    def start(self) -> None:
        """Begin to connect; going on trying is the client's own business."""
        with self._changing:
            self._outbox.start()
            self._begin()

    def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        with self._changing:
            self._ended = True
            self._up.set()
            self._disconnect(self._client, self._stopped)
        self._outbox.stop()

    # --- enrolment.keeper.Link --------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """See keeper.Link."""
        return self._connected

    def provisioning(self) -> Identity:
        """See keeper.Link."""
        return Identity(self._client)

    def reconnect(self, patience: float) -> bool:
        """See keeper.Link. Meanwhile everything raises Offline."""
        with self._changing:
            if self._ended:
                return False
            client, stopped = self._client, self._stopped
            self._prepare()
            self._disconnect(client, stopped)
            self._up.clear()
            self._begin()
        self._up.wait(patience)
        return self._connected

    @property
    def heard_at(self) -> float:
        """When the cloud last answered something, by ``time.monotonic``; minus infinity before the first answer.

        That there is a connection is no sign: where only a little gets through, one after the other is made and lost.
        """
        return self._heard_at

    def _begin(self) -> None:
        self._client.start()
        self._notifications.open()

    def _disconnect(self, client: mqtt5.Client, stopped: "concurrent.futures.Future[None]") -> None:
        self._note_connection(there=False)
        client.stop()
        try:
            stopped.result(STOP_SECONDS)
        except concurrent.futures.TimeoutError:
            logger.warning("the connection did not end in %d s", STOP_SECONDS)

    # --- ports.Jobs -----------------------------------------------------------------------------------------------

    def next(self) -> Execution | None:
        """See ports.Jobs."""
        request = iotjobs.DescribeJobExecutionRequest(
            thing_name=self._device_id, job_id=_NEXT, include_job_document=True
        )
        try:
            answer = self._ask(lambda: self._jobs.describe_job_execution(request))
        except UpdateRefused as refused:
            message = f"AWS IoT does not say what to do next: {refused.code}"
            raise Offline(message) from refused
        told_at = answer.timestamp.astimezone(UTC) if answer.timestamp is not None else None
        if told_at is not None:
            self._on_time(told_at)
        execution = answer.execution
        if execution is None or execution.job_id is None:
            return None
        return Execution(
            job_id=execution.job_id,
            status=execution.status,
            document=execution.job_document or {},
            told_at=told_at,
        )

    def update(self, job_id: str, status: str, details: Mapping[str, str]) -> None:
        """See ports.Jobs."""
        request = iotjobs.UpdateJobExecutionRequest(
            thing_name=self._device_id,
            job_id=job_id,
            status=status,
            status_details={key: _printable(value) for key, value in details.items()},
        )
        self._ask(lambda: self._jobs.update_job_execution(request))

    def is_open(self, job_id: str) -> bool:
        """See ports.Jobs."""
        request = iotjobs.DescribeJobExecutionRequest(
            thing_name=self._device_id, job_id=job_id, include_job_document=False
        )
        try:
            answer = self._ask(lambda: self._jobs.describe_job_execution(request))
        except UpdateRefused as refused:
            if refused.code in _ENDED:
                return False
            message = f"AWS IoT does not say what became of the job: {refused.code}"
            raise Offline(message) from refused
        return answer.execution is not None and answer.execution.status in OPEN

    # --- Publishing -----------------------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 and wait for the acknowledgement. Raises Offline."""
        self._require_connection()
        packet = mqtt5.PublishPacket(topic=topic, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=payload)
        self._wait(lambda: self._client.publish(packet))
        self._heard_at = time.monotonic()

    @property
    def publish_from_flow(self) -> Publish:
        """What takes messages of flows; those of the agent itself go past all that wait there."""
        return self._outbox.publish

    def _open_store(self) -> "MessageStore":
        from edge_agent.disk.message_store import MessageStore  # noqa: PLC0415  only who stores needs SQLite in memory

        return MessageStore(self._config.data_directory, self._config.outbox_limit)

    def _send_for_flow(self, topic: str, data: bytes, qos: Qos, done: Done) -> None:
        packet = mqtt5.PublishPacket(topic=topic, qos=mqtt5.QoS(qos), payload=data)
        try:
            sent = self._client.publish(packet)
        except AwsCrtError as error:
            done(Ending.FAILED, str(error))
            return
        sent.add_done_callback(lambda answer: done(*_ending(answer, qos)))

    def _subscribe(self, topic_filter: str) -> None:
        """Ask for a topic filter; offline, it is asked for with the next connection."""
        if not self._connected:
            return
        wanted = mqtt5.Subscription(topic_filter=topic_filter, qos=mqtt5.QoS.AT_LEAST_ONCE)
        asked = self._client.subscribe(mqtt5.SubscribePacket(subscriptions=[wanted]))

        def look(answer: "concurrent.futures.Future[mqtt5.SubackPacket]") -> None:
            error = answer.exception()
            if error is not None:
                logger.info("not listening to %s until the connection is back: %s", topic_filter, error)
            elif any(code >= mqtt5.SubackReasonCode.UNSPECIFIED_ERROR for code in answer.result().reason_codes):
                logger.error("not allowed to listen to %s; look at the device's IoT policy", topic_filter)

        asked.add_done_callback(look)

    def _unsubscribe(self, topic_filter: str) -> None:
        if self._connected:
            self._client.unsubscribe(mqtt5.UnsubscribePacket(topic_filters=[topic_filter]))

    def _message_came(self, data: mqtt5.PublishReceivedData) -> None:
        packet = data.publish_packet
        self.subscriptions.deliver(packet.topic, bytes(packet.payload or b""))

    # --- Below ----------------------------------------------------------------------------------------------------

    def _require_connection(self) -> None:
        if not self._connected:
            message = "the device is offline"
            raise Offline(message)

    def _ask(self, operation: Callable[[], "concurrent.futures.Future[Any]"]) -> Any:  # noqa: ANN401  the SDK's shapes
        self._require_connection()
        try:
            answer = self._wait(operation)
        except V2ServiceException as error:
            refusal = error.modeled_error
            if refusal is not None:
                self._heard_at = time.monotonic()
            if refusal is None or refusal.code in _TRY_AGAIN:
                message = f"AWS IoT did not answer: {refusal.message if refusal else error.inner_error}"
                raise Offline(message) from error
            status = refusal.execution_state.status if refusal.execution_state else None
            raise UpdateRefused(str(refusal.code), status) from error
        self._heard_at = time.monotonic()
        return answer

    def _wait(self, operation: Callable[[], "concurrent.futures.Future[_Answer]"]) -> _Answer:
        self._beat(OPERATION_SECONDS + 1)
        try:
            return operation().result(OPERATION_SECONDS + 1)
        except (AwsCrtError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError) as error:
            message = f"AWS IoT did not answer: {error!r}"
            raise Offline(message) from error

    def _connection_made(self, _: mqtt5.LifecycleConnectSuccessData) -> None:
        logger.info("connected")
        self._note_connection(there=True)
        self._up.set()
        self.subscriptions.renew()
        self._on_connection(True, "")

    def _note_connection(self, *, there: bool) -> None:
        self._connected = there
        self._outbox.connection(there=there)

    def _connection_refused(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        self._note_connection(there=False)
        # The proxy is named, for when it ends a connection the error is the same as when AWS IoT does.
        logger.warning("not connected%s: %s", self._way, data.exception)
        self._on_connection(False, f"{data.exception}{self._way}")

    def _connection_lost(self, data: mqtt5.LifecycleDisconnectData) -> None:
        self._note_connection(there=False)
        logger.info("disconnected: %s", data.exception)
        self._on_connection(False, str(data.exception))

    def _subscription_changed(self, event: SubscriptionStatusEvent) -> None:
        match event.type:
            case SubscriptionStatusEventType.SUBSCRIPTION_ESTABLISHED:
                self._on_ready()
            case SubscriptionStatusEventType.SUBSCRIPTION_HALTED:
                logger.error("not allowed to listen for jobs: %s; look at the device's IoT policy", event.error)
            case _:
                logger.info("not listening for jobs until the connection is back")

    def _told_next(self, event: iotjobs.NextJobExecutionChangedEvent) -> None:
        self._on_next(event.execution.job_id if event.execution is not None else None)


def _ending(sent: "concurrent.futures.Future[mqtt5.PublishCompletionData]", qos: Qos) -> tuple[Ending, str]:
    """Return what became of a message, by the SDK's answer."""
    error = sent.exception() if not sent.cancelled() else concurrent.futures.CancelledError()
    if error is not None:
        return Ending.FAILED, str(error)
    if qos == 0:
        return Ending.SENT, ""
    code = sent.result().puback.reason_code
    if code is None:
        return Ending.FAILED, "the broker's answer means nothing to the SDK"
    if code < mqtt5.PubackReasonCode.UNSPECIFIED_ERROR:
        return Ending.ACKNOWLEDGED, ""
    if code == mqtt5.PubackReasonCode.QUOTA_EXCEEDED:
        return Ending.FAILED, code.name
    return Ending.REFUSED, code.name


def _printable(text: str) -> str:
    """Return the text with blanks for what AWS IoT allows in no detail: control characters and the like."""
    return "".join(" " if unicodedata.category(character).startswith("C") else character for character in text)
