"""AWS IoT fleet provisioning over MQTT 5: the V2 identity client, and a connection of its own for it."""

import concurrent.futures
import time
from collections.abc import Callable
from typing import Any, Final, Self

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError
from awscrt.mqtt_request_response import ClientOptions
from awsiot import V2ServiceException, iotidentity

from edge_agent.cloud.connection import make_client
from edge_agent.config import AgentConfig
from edge_agent.enrolment.ports import Refused, Signed, Unreachable
from edgeflow.contract.enrolment import DEVICE_ID_PARAMETER

OPERATION_SECONDS: Final = 15
"""Longer than the 5 s that AWS IoT gives the hook."""
CONNECT_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 15
_FIRST_RECONNECT: Final = 0.5
_LAST_RECONNECT: Final = 5.0
_TRIES: Final = 4
_PAUSE_SECONDS: Final = 2.0
_TRY_AGAIN: Final = frozenset(
    {"InternalFailure", "InternalError", "InvocationError", "Throttling", "ThrottlingException"}
)
"""What may pass: above all a hook that did not answer in time, as at its first start."""


class Identity:
    """Implements ``ports.Provisioning`` over a connection that somebody else keeps."""

    def __init__(self, client: mqtt5.Client, *, pause: Callable[[float], object] = time.sleep) -> None:
        """Use this connection; ``pause`` waits so many seconds between tries."""
        options = ClientOptions(
            max_request_response_subscriptions=4,
            max_streaming_subscriptions=0,
            operation_timeout_in_seconds=OPERATION_SECONDS,
        )
        self._identity = iotidentity.IotIdentityClientV2(client, options)
        self._pause = pause

    def sign(self, request: str) -> Signed:
        """See ports.Provisioning."""
        asked = iotidentity.CreateCertificateFromCsrRequest(certificate_signing_request=request)
        answer = self._ask(lambda: self._identity.create_certificate_from_csr(asked), "sign the certificate")
        return Signed(
            certificate_id=answer.certificate_id,
            pem=answer.certificate_pem,
            token=answer.certificate_ownership_token,
        )

    def register(self, *, template: str, device_id: str, token: str) -> None:
        """See ports.Provisioning."""
        asked = iotidentity.RegisterThingRequest(
            template_name=template,
            certificate_ownership_token=token,
            parameters={DEVICE_ID_PARAMETER: device_id},
        )
        self._ask(lambda: self._identity.register_thing(asked), f"register {device_id}")

    def _ask(self, operation: Callable[[], "concurrent.futures.Future[Any]"], what: str) -> Any:  # noqa: ANN401
        for left in reversed(range(_TRIES)):
            try:
                return operation().result(OPERATION_SECONDS + 1)
            except V2ServiceException as error:
                refusal = error.modeled_error
                if refusal is not None and refusal.error_code not in _TRY_AGAIN:
                    message = (
                        f"AWS IoT refuses to {what}: {refusal.error_code} ({refusal.error_message}); "
                        "look at the log of the function allow_provisioning for the reason"
                    )
                    raise Refused(message) from error
                if left == 0:
                    told = refusal.error_code if refusal is not None else error.inner_error
                    message = f"AWS IoT did not {what}: {told}; try again later"
                    raise Unreachable(message) from error
            except (AwsCrtError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError) as error:
                if left == 0:
                    message = f"AWS IoT did not {what}: {error!r}; try again later"
                    raise Unreachable(message) from error
            self._pause(_PAUSE_SECONDS)
        raise AssertionError(what)  # the last try returns or raises


class Connection:
    """One connection by mutual TLS, for as long as a ``with`` lasts. It is tried again until it is there."""

    def __init__(self, config: AgentConfig, *, client_id: str, patience: float | None = None) -> None:
        """Prepare it, by these settings but under this name; ``patience`` is in seconds, CONNECT_SECONDS if None.

        Raises:
            ConfigError: the certificate and the key cannot be used.
        """
        self._where = f"{config.endpoint}:{config.port}"
        self._patience = CONNECT_SECONDS if patience is None else patience
        self._connected: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._stopped: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._last_failure = "no answer"
        self.client = make_client(
            # Somebody waits for it, so the pauses between tries are short.
            config.model_copy(update={"reconnect_min": _FIRST_RECONNECT, "reconnect_max": _LAST_RECONNECT}),
            client_id=client_id,
            on_connected=self._made,
            on_refused=self._failed,
            on_stopped=lambda _: self._stopped.set_result(None),
        )

    def __enter__(self) -> Self:
        """Connect. Raises Unreachable."""
        self.client.start()
        try:
            self._connected.result(self._patience)
        except concurrent.futures.TimeoutError as error:
            self.close()
            message = (
                f"no connection to {self._where} in {self._patience:.0f} s: {self._last_failure}; check the network, "
                "the endpoint, and that the certificate is active and has its policy"
            )
            raise Unreachable(message) from error
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect; nothing when that was done."""
        if self._stopped.done():
            return
        self.client.stop()
        concurrent.futures.wait([self._stopped], _STOP_SECONDS)

    def _made(self, _: mqtt5.LifecycleConnectSuccessData) -> None:
        if not self._connected.done():
            self._connected.set_result(None)

    def _failed(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        self._last_failure = f"{data.exception}"
