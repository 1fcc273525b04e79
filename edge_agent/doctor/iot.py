"""What AWS IoT lets the device do: a connection as the agent makes it, its subscriptions, and a question.

Nothing is told that could be taken for a report, so whether health may be published is not tried.
"""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from typing import Any, Final

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError

from edge_agent.cloud.connection import make_client
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.disk.state import nobody_else_in
from edge_agent.doctor.finding import Finding, fail, ok
from edge_agent.process.status import read_status

_POLICY: Final = "look at the policy of the device's certificate; registering the device attaches the right one"


def check_iot(config: AgentConfig, timeout: float) -> Iterator[Finding]:
    """Connect and ask, unless an agent runs: a second connection of the same client id would throw its own off."""
    with nobody_else_in(config.data_directory) as alone:
        if alone:
            yield from _Probe(config, timeout).run()
        else:
            yield _running_agents_word(config)


def _running_agents_word(config: AgentConfig) -> Finding:
    status = read_status(config.data_directory)
    said = "an agent runs and has the connection, which a second one of the same client id would end"
    if status is None:
        remedy = "read its log (edgeflow-agent logs), or stop it and ask again"
        return fail("mqtt", f"{said}; it has not told how it is", remedy)
    since = f"since {status.connection_since:%Y-%m-%d %H:%M:%S} UTC"
    if status.connected:
        return ok("mqtt", f"{said}; it is connected {since}, so it is asked instead of AWS IoT")
    remedy = "stop the agent and ask again, which tries the connection itself"
    return fail(
        "mqtt", f"{said}; it is not connected {since}: {status.connection_error or 'it has just begun'}", remedy
    )


class _Probe:
    """One connection, made once: the first answer counts."""

    def __init__(self, config: AgentConfig, timeout: float) -> None:
        self._config = config
        self._timeout = timeout
        self._connected: Future[None] = Future()
        self._stopped: Future[None] = Future()
        self._answer: Future[dict[str, Any]] = Future()
        self._token = str(uuid.uuid4())

    def run(self) -> Iterator[Finding]:
        try:
            client = make_client(
                self._config,
                client_id=self._config.device_id,
                on_connected=lambda _: _settle(self._connected),
                on_refused=self._refused,
                on_lost=self._lost,
                on_stopped=lambda _: _settle(self._stopped),
                on_message=self._message,
            )
        except ConfigError as error:
            yield fail("mqtt", str(error), "correct the settings")
            return
        client.start()
        try:
            yield from self._ask(client)
        finally:
            client.stop()
            with suppress(TooLate):
                self._stopped.result(self._timeout)

    def _ask(self, client: mqtt5.Client) -> Iterator[Finding]:
        try:
            self._connected.result(self._timeout)
        except TooLate:
            yield fail("mqtt", f"AWS IoT did not answer in {self._timeout:g} s", "try again; look at the checks above")
            return
        except _Refused as refused:
            yield fail("mqtt", f"AWS IoT does not take the connection of {self._config.device_id}: {refused}", _POLICY)
            return
        yield ok("mqtt", f"AWS IoT takes the connection of {self._config.device_id}")
        jobs = f"$aws/things/{self._config.device_id}/jobs"
        get = f"{jobs}/$next/get"
        try:
            for topic in (f"{jobs}/notify-next", f"{get}/accepted", f"{get}/rejected"):
                packet = mqtt5.SubscribePacket(
                    subscriptions=[mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE)]
                )
                code = client.subscribe(packet).result(self._timeout).reason_codes[0]
                if code > mqtt5.SubackReasonCode.GRANTED_QOS_2:
                    yield fail("jobs", f"the device may not subscribe to {topic}: {code.name}", _POLICY)
                    return
            question = json.dumps({"clientToken": self._token, "includeJobDocument": False}).encode()
            sent = client.publish(mqtt5.PublishPacket(topic=get, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=question)).result(
                self._timeout
            )
            if sent.puback is not None and sent.puback.reason_code >= mqtt5.PubackReasonCode.UNSPECIFIED_ERROR:
                yield fail("jobs", f"the device may not publish to {get}: {sent.puback.reason_code.name}", _POLICY)
                return
            yield _read(self._answer.result(self._timeout))
        except _Refused as refused:
            yield fail("jobs", f"AWS IoT ended the connection when it was asked for jobs: {refused}", _POLICY)
        except (AwsCrtError, TooLate, CancelledError) as error:
            said = str(error) or f"no answer in {self._timeout:g} s"
            yield fail("jobs", f"AWS IoT does not say what to do next: {said}", _POLICY)

    def _message(self, received: mqtt5.PublishReceivedData) -> None:
        with suppress(ValueError, AttributeError):
            told = json.loads(received.publish_packet.payload)
            if told.get("clientToken") == self._token:
                _settle(self._answer, told)

    def _refused(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        code = data.connack_packet.reason_code.name if data.connack_packet is not None else ""
        _settle(self._connected, _Refused(f"{code} {data.exception}".strip()))

    def _lost(self, data: mqtt5.LifecycleDisconnectData) -> None:
        code = data.disconnect_packet.reason_code.name if data.disconnect_packet is not None else ""
        _settle(self._answer, _Refused(f"{code} {data.exception}".strip()))


class _Refused(Exception):
    """AWS IoT does not want it."""


def _read(answer: dict[str, Any]) -> Finding:
    if "code" in answer:
        return fail("jobs", f"AWS IoT refuses to say what to do next: {answer['code']}", "register the device anew")
    job = answer.get("execution", {}).get("jobId")
    next_job = f"{job} is next" if job else "none is next"
    return ok("jobs", f"the device hears of jobs and may ask for them, {next_job}; reporting health was not tried")


def _settle(future: "Future[Any]", result: object = None) -> None:
    with suppress(InvalidStateError):  # the first answer counts
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
