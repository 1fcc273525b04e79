"""Devices, by the client and the API together."""

import httpx
import pytest

from edgeflow.client import ApiError, Client, InvalidArgument, KeyLost, UnreadableAnswer
from edgeflow.contract.rest.devices import DeviceSummary
from edgeflow.contract.rest.fleet import ListDevices
from tests.support.handler_transport import HandlerTransport


@pytest.mark.slow
def test_a_device_is_registered_shown_counted_and_removed(client: Client) -> None:
    registered = client.devices.register("dev_001")
    assert registered.private_key is not None
    assert registered.certificate_pem.startswith("-----BEGIN CERTIFICATE")
    announced = client.devices.announce("dev_002")
    assert (announced.state, announced.provisioning_template) == ("announced", "edgeflow")
    assert client.devices.get("dev_001").state == "registered"
    found = client.devices.list(ListDevices(text="001"))
    assert [each.device_id for each in found if isinstance(each, DeviceSummary)] == ["dev_001"]
    assert client.devices.summary().total == 2
    client.devices.delete("dev_001")
    with pytest.raises(ApiError, match="HTTP 404"):
        client.devices.get("dev_001")


def test_a_key_whose_answer_was_lost_is_not_taken_for_none(client: Client, transport: HandlerTransport) -> None:
    def cut(request: httpx.Request) -> None:
        transport.on_way_back = lambda _: None
        message = "cut"
        raise httpx.ReadError(message, request=request)

    transport.on_way_back = cut
    with pytest.raises(KeyLost, match="delete the device and register it anew"):
        client.devices.register("dev_001")


def test_what_breaks_a_rule_is_not_sent(client: Client, transport: HandlerTransport) -> None:
    with pytest.raises(InvalidArgument, match="/device_id: must be 1 to 128 of"):
        client.devices.register("a b")
    assert transport.requests == []


@pytest.mark.parametrize("text", ["<html>", '{"devices": 5, "next_cursor": null}', "[]"])
def test_an_answer_of_something_else_is_named(client: Client, transport: HandlerTransport, text: str) -> None:
    transport.on_way = lambda request: httpx.Response(200, text=text, request=request)
    with pytest.raises(UnreadableAnswer, match="see that the address is EdgeFlow's"):
        list(client.devices.list())
