"""The MQTT client of a device: mutual TLS, ALPN, proxy, and how patiently it comes back."""

from collections.abc import Callable
from typing import Any, Final

from awscrt import http, io, mqtt5

from edge_agent.config import AgentConfig, ConfigError
from edge_agent.proxy import Proxy

HTTPS_PORT: Final = 443
ALPN_MQTT: Final = "x-amzn-mqtt-ca"
"""What AWS IoT wants to hear on port 443, where it serves HTTPS too: MQTT with a client certificate."""
_MILLISECONDS: Final = 1_000
_STABLE_AFTER_SECONDS: Final = 30
"""A connection that lived so long was a good one: the next loss is answered as a first one. One that AWS IoT ends
sooner, as for a policy that forbids something, must not be tried again and again without a pause."""

Told = Callable[[Any], None]


def alpn_of(config: AgentConfig) -> str | None:
    """Return the protocol to name in the TLS handshake, None for none: port 8883 speaks nothing but MQTT."""
    if config.alpn is not None:
        return config.alpn or None
    return ALPN_MQTT if config.port == HTTPS_PORT else None


def make_client(
    config: AgentConfig,
    *,
    client_id: str,
    on_connected: Told,
    on_refused: Told,
    on_stopped: Told,
    on_lost: Told | None = None,
    on_message: Told | None = None,
) -> mqtt5.Client:
    """Return a client of this name that is not started yet; the functions are told what becomes of it.

    It comes back by itself: after a pause drawn at random between nothing and a limit that doubles with each failure,
    from ``reconnect_min`` to ``reconnect_max``. So a fleet that lost its connections at one moment does not come back
    at one moment.

    Raises:
        ConfigError: the certificate and the key, or the proxy's password, cannot be used.
    """
    options = mqtt5.ClientOptions(
        host_name=config.endpoint,
        port=config.port,
        tls_ctx=_tls(config),
        http_proxy_options=_proxy(config.proxy) if config.proxy is not None else None,
        connect_options=mqtt5.ConnectPacket(client_id=client_id, keep_alive_interval_sec=config.keep_alive),
        ping_timeout_ms=config.keep_alive * _MILLISECONDS // 2,
        retry_jitter_mode=mqtt5.ExponentialBackoffJitterMode.FULL,
        min_reconnect_delay_ms=int(config.reconnect_min * _MILLISECONDS),
        max_reconnect_delay_ms=int(config.reconnect_max * _MILLISECONDS),
        min_connected_time_to_reset_reconnect_delay_ms=_STABLE_AFTER_SECONDS * _MILLISECONDS,
        extended_validation_and_flow_control_options=(
            mqtt5.ExtendedValidationAndFlowControlOptions.AWS_IOT_CORE_DEFAULTS
        ),
        # What is under way when the connection breaks fails at once: who sent it decides what comes of it, and with the
        # next connection jobs go first.
        offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
        on_publish_callback_fn=on_message,
        on_lifecycle_event_connection_success_fn=on_connected,
        on_lifecycle_event_connection_failure_fn=on_refused,
        on_lifecycle_event_disconnection_fn=on_lost,
        on_lifecycle_event_stopped_fn=on_stopped,
    )
    return mqtt5.Client(options)


def _tls(config: AgentConfig) -> io.ClientTlsContext:
    try:
        options = io.TlsContextOptions.create_client_with_mtls_from_path(
            str(config.certificate), str(config.private_key)
        )
        if config.ca is not None:
            options.override_default_trust_store_from_path(None, str(config.ca))
        alpn = alpn_of(config)
        if alpn is not None:
            options.alpn_list = [alpn]
        return io.ClientTlsContext(options)
    except (RuntimeError, OSError) as error:
        message = f"certificate, private_key or ca cannot be used: {error}; they must be PEM, and belong together"
        raise ConfigError(message) from error


def _proxy(proxy: Proxy) -> http.HttpProxyOptions:
    known = proxy.username is not None
    return http.HttpProxyOptions(
        host_name=proxy.host,
        port=proxy.port,
        auth_type=http.HttpProxyAuthenticationType.Basic if known else http.HttpProxyAuthenticationType.Nothing,
        auth_username=proxy.username,
        auth_password=_password(proxy) if known else None,
        connection_type=http.HttpProxyConnectionType.Tunneling,
    )


def _password(proxy: Proxy) -> str:
    try:
        return proxy.read_password()
    except OSError as error:
        message = f"proxy.password_file {proxy.password_file} cannot be read: {error.strerror}"
        raise ConfigError(message) from error
