"""The way to the endpoint, step by step: its name, TCP (through the proxy, when there is one), TLS with both sides."""

import base64
import email.utils
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from edge_agent.cloud.connection import alpn_of
from edge_agent.config import AgentConfig
from edge_agent.doctor.finding import Finding, fail, ok

_ANSWER_BYTES: Final = 65_536
_AFTERTHOUGHT_SECONDS: Final = 1.0
"""With TLS 1.3 a server that does not like the device's certificate says so after the handshake."""
_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
_UNKNOWN_AUTHORITY: Final = frozenset({2, 18, 19, 20, 21})
"""X509_V_ERR_* of OpenSSL."""


class NoWay(Exception):
    """The endpoint cannot be reached; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        """Keep what was found."""
        super().__init__(finding.sentence)
        self.finding = finding


def check_way(config: AgentConfig, timeout: float) -> Iterator[Finding]:
    """Check name, TCP and TLS, each only when the one before it is well."""
    try:
        yield _resolve(config)
        with _connect(config, config.port, timeout) as plain:
            way = f"through the proxy {config.proxy.host}:{config.proxy.port}" if config.proxy else "directly"
            yield ok("tcp", f"{config.endpoint}:{config.port} is reached {way}")
            yield _handshake(config, plain)
    except NoWay as none:
        yield none.finding


def endpoint_time(config: AgentConfig, port: int, timeout: float) -> datetime | None:
    """Return the time by which the endpoint dates its answers over HTTPS; None when it gives none.

    Its certificate is not verified, for with a wrong clock none is valid; nothing is told to it, and what it
    answers is compared only.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    request = f"HEAD / HTTP/1.1\r\nHost: {config.endpoint}\r\nConnection: close\r\n\r\n"
    try:
        with (
            _connect(config, port, timeout) as plain,
            context.wrap_socket(plain, server_hostname=config.endpoint) as tls,
        ):
            tls.sendall(request.encode())
            answer = _head(tls)
    except (NoWay, OSError):
        return None
    for line in answer.splitlines()[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "date":
            with suppress(ValueError):
                return email.utils.parsedate_to_datetime(value.strip()).astimezone(UTC)
    return None


def _resolve(config: AgentConfig) -> Finding:
    host = config.proxy.host if config.proxy is not None else config.endpoint
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter for what cannot be a host's name
        sentence = f"{host} has no address: {getattr(error, 'strerror', None) or error}"
        remedy = "look at its spelling in the settings, and at the device's resolver (/etc/resolv.conf)"
        raise NoWay(fail("dns", sentence, remedy)) from error
    return ok("dns", f"{host} is {', '.join(sorted({str(entry[4][0]) for entry in found}))}")


def _connect(config: AgentConfig, port: int, timeout: float) -> socket.socket:
    """Return a connection to the endpoint, through the proxy when there is one. Raises NoWay."""
    proxy = config.proxy
    host, first_port = (proxy.host, proxy.port) if proxy is not None else (config.endpoint, port)
    try:
        plain = socket.create_connection((host, first_port), timeout)
    except OSError as error:
        sentence = f"{host}:{first_port} cannot be reached: {error.strerror or error}"
        remedy = f"let TCP to port {first_port} out; where a firewall forbids 8883, set port = 443, or a proxy"
        raise NoWay(fail("tcp", sentence, remedy)) from error
    if proxy is None:
        return plain
    try:
        known = ""
        if proxy.username is not None:
            pair = base64.b64encode(f"{proxy.username}:{proxy.read_password()}".encode()).decode()
            known = f"Proxy-Authorization: Basic {pair}\r\n"
        target = f"{config.endpoint}:{port}"
        plain.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{known}\r\n".encode())
        status = _head(plain).partition("\r\n")[0]
    except OSError as error:
        plain.close()
        sentence = f"the proxy {host}:{first_port} does not work: {error.strerror or error}"
        raise NoWay(fail("tcp", sentence, "look at [proxy] in the settings, and at password_file")) from error
    if status.split()[1:2] == ["200"]:
        return plain
    plain.close()
    sentence = f"the proxy {host}:{first_port} does not lead to {target}: {status or 'no answer'}"
    raise NoWay(fail("tcp", sentence, "look at username and password in [proxy], and at what the proxy allows"))


def _head(stream: socket.socket) -> str:
    """Return an answer's first lines, as far as the blank one."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _ANSWER_BYTES and (chunk := stream.recv(1)):
        head += chunk  # one at a time: what follows belongs to the tunnel
    return head.decode("latin-1")


def _handshake(config: AgentConfig, plain: socket.socket) -> Finding:
    name = "tls"
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except (ssl.SSLError, OSError) as error:
        return fail(name, f"ca {config.ca} cannot be used: {error}", "it must hold certificates in PEM")
    alpn = alpn_of(config)
    if alpn is not None:
        context.set_alpn_protocols([alpn])
    try:
        context.load_cert_chain(config.certificate, config.private_key, password=lambda: b"none")
        with context.wrap_socket(plain, server_hostname=config.endpoint) as tls:
            tls.settimeout(_AFTERTHOUGHT_SECONDS)
            with suppress(TimeoutError):
                if not tls.recv(1):
                    raise ConnectionResetError(None, "it was ended after the handshake")
            if alpn is not None and tls.selected_alpn_protocol() != alpn:
                sentence = f"the endpoint did not take ALPN {alpn}"
                return fail(name, sentence, "leave alpn out of the settings, or use port 8883")
            return ok(name, f"{tls.version()}, and both certificates are taken")
    except ssl.SSLCertVerificationError as error:
        return _distrust(config, error)
    except (OSError, ValueError) as error:
        sentence = (
            f"the handshake failed: {getattr(error, 'reason', None) or getattr(error, 'strerror', None) or error}"
        )
        return fail(
            name, sentence, "look whether AWS IoT has the device's certificate as ACTIVE, and at the checks above"
        )


def _distrust(config: AgentConfig, error: ssl.SSLCertVerificationError) -> Finding:
    source = str(config.ca) if config.ca is not None else "the system's authorities"
    match error.verify_code:
        case code if code in _UNKNOWN_AUTHORITY:
            sentence = f"the endpoint's certificate is signed by nobody in {source}: {error.verify_message}"
            remedy = "name the endpoint's authority in ca, or install the system's (Debian: ca-certificates)"
        case code if code in {_EXPIRED, _NOT_YET}:
            sentence = f"the endpoint's certificate is not valid by the device's clock: {error.verify_message}"
            remedy = "set the device's clock"
        case code if code in {_OTHER_NAME, _OTHER_ADDRESS}:
            sentence = f"the endpoint's certificate is of another name: {error.verify_message}"
            remedy = "write endpoint as the registration gave it (mqtt_endpoint)"
        case _:
            sentence = f"the endpoint's certificate is not trusted: {error.verify_message}"
            remedy = f"look whether something between opens TLS, and at {source}"
    return fail("tls", sentence, remedy)
