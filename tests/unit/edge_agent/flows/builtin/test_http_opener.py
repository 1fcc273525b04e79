"""Which addresses flows may ask by HTTP: what is connected to decides, not how it is written."""

import ipaddress
import socket
import urllib.request
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.builtin.deadline import Deadline
from edge_agent.flows.builtin.http_opener import LOOPBACK, METADATA, HttpOpener, NoAnswer, why_forbidden
from tests.support.site import serving

_FORMS = ("{}", "::ffff:{}", "::ffff:0:{}", "::{}", "64:ff9b::{}")
_V4 = [network for network in (*METADATA, *LOOPBACK) if isinstance(network, ipaddress.IPv4Network)]
_V6 = [network for network in (*METADATA, *LOOPBACK) if isinstance(network, ipaddress.IPv6Network)]


@given(st.sampled_from(_V4).flatmap(lambda network: st.ip_addresses(network=network)), st.sampled_from(_FORMS))
def test_an_ipv4_address_is_forbidden_in_every_form_that_ipv6_has_for_it(address: object, form: str) -> None:
    assert why_forbidden(form.format(address), allow_loopback=False) is not None


@given(st.sampled_from(_V4).flatmap(lambda network: st.ip_addresses(network=network)))
def test_an_ipv4_address_is_forbidden_by_6to4(address: ipaddress.IPv4Address) -> None:
    by_6to4 = ipaddress.IPv6Address(b"\x20\x02" + address.packed + bytes(10))
    assert why_forbidden(str(by_6to4), allow_loopback=False) is not None


@given(st.sampled_from(_V6).flatmap(lambda network: st.ip_addresses(network=network)))
def test_an_ipv6_address_of_these_networks_is_forbidden(address: object) -> None:
    assert why_forbidden(str(address), allow_loopback=False) is not None


@given(st.ip_addresses(v=4))
def test_every_other_ipv4_address_may_be_asked(address: ipaddress.IPv4Address) -> None:
    forbidden = any(address in network for network in _V4)
    assert (why_forbidden(str(address), allow_loopback=False) is not None) == forbidden


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.7", "::"])
def test_the_device_itself_may_be_asked_where_that_is_allowed(address: str) -> None:
    assert why_forbidden(address, allow_loopback=True) is None
    assert "allow_loopback" in str(why_forbidden(address, allow_loopback=False))


@pytest.mark.parametrize("address", ["169.254.0.0", "169.254.255.255", "fe80::1%eth0", "febf::1", "fd00:ec2::254"])
def test_link_local_addresses_are_forbidden_even_so(address: str) -> None:
    assert "metadata" in str(why_forbidden(address, allow_loopback=True))


@pytest.mark.parametrize("address", ["169.253.255.255", "169.255.0.0", "fec0::1", "192.168.1.1", "10.0.0.1", "fd00::1"])
def test_their_neighbours_and_the_local_network_may_be_asked(address: str) -> None:
    assert why_forbidden(address, allow_loopback=False) is None


def _status(url: str) -> int:
    status, _ = HttpOpener(allow_loopback=True).ask(urllib.request.Request(url), Deadline(5), read=0)  # noqa: S310
    return status


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    def resolve(_host: str, _port: int, **_: Any) -> list[Any]:  # noqa: ANN401  as the library has it
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_resolves_to_a_forbidden_address_is_not_asked(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    _resolving_to(monkeypatch, ("169.254.169.254", 80))
    with pytest.raises(NoAnswer, match="metadata"):
        _status(f"{scheme}://metadata.example/")


def test_of_a_name_s_addresses_one_that_may_be_asked_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as site:
        port = site.server.server_port
        _resolving_to(monkeypatch, ("169.254.169.254", port), ("127.0.0.1", port))
        assert _status(f"http://printer.local:{port}/") == 200


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as site:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.delenv("no_proxy", raising=False)
        assert _status(site.address) == 200
        assert (proxy.asked, len(site.asked)) == ([], 1)
