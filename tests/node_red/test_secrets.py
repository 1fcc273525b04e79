"""Secrets in a real Node-RED: they reach whom they are meant for, lie among its credentials alone, and can change."""

import base64
from collections.abc import Iterator

import pytest

from edgeflow.contract.flow import Connection, Definition, Node, Variable, VariableType
from edgeflow.contract.health_checks import HttpCheck
from edgeflow.contract.report import Health
from tests.support.node_red_device import NodeRedDevice
from tests.support.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """A site that is closed in the end."""
    with serving() as made:
        yield made


def _asks(site: Site) -> Definition:
    return Definition(
        nodes=(
            Node(id="in", type="inject", config={"interval": "1s"}),
            Node(
                id="ask",
                type="http_request",
                config={
                    "url": f"{site.address}/${{hall}}?k=${{secret:KEY}}",
                    "headers": {"X-Key": "${secret:KEY}"},
                    "username": "operator",
                    "password": "${secret:KEY}",
                },
            ),
        ),
        connections=(Connection(source="in", target="ask"),),
        variables=(Variable(name="hall", type=VariableType.STRING, value="hall 3"),),
        health_checks=(HttpCheck(type="http", name="up", url=f"{site.address}/up/${{hall}}?k=${{secret:KEY}}"),),
    )


def _wait_until_asked_with(device: NodeRedDevice, site: Site, quoted: str) -> None:
    wanted = {f"/hall%203?k={quoted}", f"/up/hall%203?k={quoted}"}
    device.wait(lambda: wanted <= {each.path for each in site.asked} or None, what=f"it is asked with {quoted}")


def test_a_secret_reaches_whom_it_is_meant_for_and_nobody_reads_it(device: NodeRedDevice, site: Site) -> None:
    device.secrets["KEY"] = "the first/key"
    device.switch_on()
    device.publish(1, _asks(site))
    assert device.do("apply", 1) == "SUCCEEDED"
    _wait_until_asked_with(device, site, "the%20first%2Fkey")
    asked = next(each for each in site.asked if each.path.startswith("/hall"))
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["x-key"] == "the first/key"
    both = base64.b64encode(b"operator:the first/key").decode()
    assert headers["authorization"] == f"Basic {both}"
    readable = [repr(device.items())]
    files = [path for path in device.node_red.folder.iterdir() if path.is_file() and path.name != "flows_cred.json"]
    readable += [path.read_text(errors="replace") for path in files]
    for text in readable:
        assert not any(form in text for form in ("the first/key", "the%20first%2Fkey", both))
    posts = device.count_posts()
    device.switch_off()
    device.secrets["KEY"] = "the second key"
    device.switch_on()
    _wait_until_asked_with(device, site, "the%20second%20key")
    device.wait_for_health(Health.HEALTHY)
    assert posts() == 1


def test_a_flow_whose_secret_is_missing_is_refused_and_says_so(device: NodeRedDevice, site: Site) -> None:
    device.switch_on()
    device.publish(1, _asks(site))
    assert device.do("apply", 1) == "FAILED"
    assert device.details["reason"] == "missing_secret"
    assert device.details["message"].startswith("secret KEY is not set on this device")
    assert device.items() == []
