"""Where flows may ask by HTTP: not the addresses at which a machine in a cloud gives away its own credentials.

What counts is the address that is connected to, after names are resolved and however it was written, for every request
that a redirect leads to as well. A name that resolves to something else the next time gains nothing by that.
"""

import functools
import http.client
import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from edge_agent.flows.builtin.deadline import Deadline, TimedSocket, TimedTlsSocket

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

METADATA: Final[tuple[_Network, ...]] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # link-local, and so the metadata of nearly every cloud
        "fe80::/10",
        "fd00:ec2::/32",  # AWS: metadata, time and credentials of containers
        "fd20:ce::254/128",  # Google Cloud
        "100.100.100.200/32",  # Alibaba Cloud
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle Cloud
    )
)
LOOPBACK: Final[tuple[_Network, ...]] = tuple(
    ipaddress.ip_network(network) for network in ("127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128")
)
"""The device itself; what connects to "any address" gets there, too."""
_EMBEDDING: Final = tuple(
    ipaddress.IPv6Network(network) for network in ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96")
)
"""Networks whose last 32 bits are an IPv4 address: mapped, translated, compatible, and by NAT64."""
_6TO4: Final = ipaddress.IPv6Network("2002::/16")


class AddressForbidden(ValueError):
    """The address is none that flows may ask; the message says why and what to do."""


class NoAnswer(Exception):
    """There is no answer that could be used; the message says why."""


class HttpOpener:
    """Asks HTTP and HTTPS addresses for flows, straight from the device: no proxy is asked. Thread-safe."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        self._tls = ssl.create_default_context()
        self._tls.set_alpn_protocols(["http/1.1"])
        self._tls.sslsocket_class = TimedTlsSocket

    def ask(self, request: urllib.request.Request, deadline: Deadline, *, read: int) -> tuple[int, bytes]:
        """Make one request, redirects to HTTP(S) included, and wait for its answer.

        The deadline is that of all of it but the look-up of names, which nothing can end: afterwards nobody is asked.

        Returns:
            The status, and of the body at most so many bytes; none of a status from 400 on.

        Raises:
            TimeoutError: what is asked for is not there by the deadline.
            NoAnswer: there is none, it is cut off or no HTTP, or flows may not ask there.
        """
        connect = functools.partial(_connect, deadline=deadline, allow_loopback=self._allow_loopback)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _HttpHandler(connect), _HttpsHandler(connect, self._tls), _HttpRedirects
        )
        try:
            with opener.open(request) as answer:
                return int(answer.status), _body(answer, read)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, b""
        except (OSError, http.client.HTTPException, ValueError) as error:
            deadline.left()  # else that is why
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise NoAnswer(str(reason)) from error


def why_forbidden(text: str, *, allow_loopback: bool) -> str | None:
    """Return why an IP address, as the system writes it, must not be asked; None when it may be."""
    address = ipaddress.ip_address(text.partition("%")[0])
    for meant in (address, *_embedded(address)):
        if _is_in(meant, METADATA):
            return f"{address} is a link-local or metadata address, which flows may not ask"
        if not allow_loopback and _is_in(meant, LOOPBACK):
            return f"{address} is the device itself; allow_loopback in the agent's settings lets flows ask it"
    return None


def _embedded(address: _Address) -> tuple[_Address, ...]:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _6TO4:
            return (ipaddress.IPv4Address(address.packed[2:6]),)
        if any(address in network for network in _EMBEDDING):
            return (ipaddress.IPv4Address(address.packed[12:]),)
    return ()


def _is_in(address: _Address, networks: tuple[_Network, ...]) -> bool:
    return any(address in network for network in networks)


def _body(answer: http.client.HTTPResponse, most: int) -> bytes:
    """Read at most so many bytes. Raises HTTPException: fewer came than were announced."""
    if most == 0:
        return b""  # to read nothing of one in chunks is to read the first one's length
    body = answer.read(most)
    if answer.length and len(body) < most:
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _connect(host: str, port: int, *, deadline: Deadline, allow_loopback: bool) -> TimedSocket:
    """Connect to the first address of the host that may be asked and answers.

    Raises:
        AddressForbidden: it has none that may be asked.
        OSError: the name is not known, or nobody answers by the deadline.
    """
    forbidden = ""
    failed: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        reason = why_forbidden(str(address[0]), allow_loopback=allow_loopback)
        if reason is not None:
            forbidden = reason
            continue
        connection = TimedSocket(family, kind, protocol)
        try:
            connection.keep(deadline)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    if failed is not None:
        raise failed
    raise AddressForbidden(forbidden or f"{host} has no address")


_Connect = Callable[[str, int], TimedSocket]
"""Takes a host and a port. Raises OSError, AddressForbidden."""


class _HttpConnection(http.client.HTTPConnection):
    def __init__(self, host: str, *, connect: _Connect, timeout: float) -> None:  # noqa: ARG002  the socket has a deadline
        super().__init__(host)
        self._open = connect

    def connect(self) -> None:
        self.sock = self._open(self.host, self.port)


class _HttpsConnection(http.client.HTTPConnection):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, *, connect: _Connect, tls: ssl.SSLContext, timeout: float) -> None:  # noqa: ARG002  as above
        super().__init__(host)
        self._open = connect
        self._tls = tls

    def connect(self) -> None:
        plain = self._open(self.host, self.port)
        plain.hurry()  # the handshake may take what is left now
        secured: Any = self._tls.wrap_socket(plain, server_hostname=self.host)  # of the context's own class
        secured.keep(plain.deadline)
        self.sock = secured


class _HttpHandler(urllib.request.HTTPHandler):
    def __init__(self, connect: _Connect) -> None:
        super().__init__()
        self._connect = connect

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        kind: Any = _HttpConnection  # what is handed on to it besides is more than the library's type knows
        return self.do_open(kind, req, connect=self._connect)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def __init__(self, connect: _Connect, tls: ssl.SSLContext) -> None:
        super().__init__(context=tls)
        self._connect = connect
        self._tls = tls

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        kind: Any = _HttpsConnection
        return self.do_open(kind, req, connect=self._connect, tls=self._tls)


class _HttpRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTP(S) only."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: ANN401, PLR0917  the library's shape
        """See the base."""
        fp.close()  # or all of its body would be read, however long
        if not newurl.lower().startswith(("http://", "https://")):
            message = f"it redirects to {newurl[:100]}, which is no HTTP address"
            raise AddressForbidden(message)
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and _origin(request) != _origin(req):
            request.headers.clear()  # they may say who asks, which is meant for those who were asked alone
        return request


def _origin(request: urllib.request.Request) -> tuple[str, str]:
    return request.type, request.host
