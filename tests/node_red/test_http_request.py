"""What a translated ``http_request`` asks, what it makes of answers, and when it is silent."""

import json
import subprocess
from typing import Any

import pytest

from edge_agent.flows.node_red.nodes.http_request import ask_http, sent_headers
from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.nodes.http_request import HttpRequestSettings
from edgeflow.contract.report import Health
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.support.node_red_scripts import Script, message, run_scripts
from tests.support.ports import free_ports
from tests.support.site import serving
from tests.unit.edge_agent.device import FLOW


def _asks(url: str, *, payload: object = "a b/ü(1)", **config: Any) -> Definition:  # noqa: ANN401  settings of http_request
    return Definition(
        nodes=(
            Node(id="in", type="inject", config={"payload": payload, "interval": "1s"}),
            Node(id="ask", type="http_request", config={"url": url, "timeout": "2s", **config}),
            Node(id="out", type="mqtt_out"),
        ),
        connections=(Connection(source="in", target="ask"), Connection(source="ask", target="out")),
    )


def _ask(**config: Any) -> str:  # noqa: ANN401  settings of http_request
    settings = HttpRequestSettings(**config)
    return ask_http(settings, settings.url, {**sent_headers(settings)})


def test_messages_wait_for_their_turn_in_order_and_only_so_many() -> None:
    text = _ask(url="http://x.test/{payload}", concurrency=2)
    messages = [{"payload": each} for each in range(1_003)]
    runner = """
    const kept = {}, sent = [], errors = [];
    const context = {get: (key) => kept[key], set: (key, value) => { kept[key] = value; }};
    const {text, messages} = JSON.parse(require("fs").readFileSync(0));
    const node = {error: (text) => errors.push(text)};
    const run = new Function("msg", "node", "context", text);
    for (const msg of messages) {
        const result = run(msg, node, context);
        if (result) { sent.push(result.url); }
    }
    process.stdout.write(JSON.stringify([sent, errors]));
    """
    finished = [{"finished": True}] * 1_002
    done = subprocess.run(  # noqa: S603  the Node.js that runs Node-RED
        ["node", "-e", runner],  # noqa: S607  as above
        input=json.dumps({"text": text, "messages": [*messages, *finished, {"payload": "last"}]}),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    sent, errors = json.loads(done.stdout)
    assert sent == [f"http://x.test/{each}" for each in [*range(1_002), "last"]]
    assert errors == ["Messages come faster than this node works them off, so some were dropped."]


def test_only_a_request_that_succeeded_makes_up_for_a_message_that_was_dropped() -> None:
    text = _ask(url="http://x.test/")
    dropping = [message(number) for number in range(1_002)]
    ends = [{"msg": {"finished": True, "succeeded": succeeded}} for succeeded in (False, True)]
    [told] = run_scripts([Script(text, [*dropping, ends[0], message("next"), ends[1]])])
    assert [len(each.errors) for each in told[-4:]] == [1, 0, 0, 0]
    assert [each.done for each in told[-4:]] == [0, 0, 0, 1]


def test_an_answer_is_sent_on_and_a_version_that_stands_by_asks_too(device: NodeRedDevice) -> None:
    with MqttEar() as ear, serving() as site:
        device.publish(1, _asks(site.address + "/one?q={payload}", headers={"X-Key": "k"}))
        device.publish(2, _asks(site.address + "/two"))
        device.switch_on(broker=ear.address)
        assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "SUCCEEDED"]
        device.wait(lambda: ear.heard() or None, what="the answer is sent on")
        assert json.loads(ear.heard()[0][1]) == {"ok": True}
        device.wait(lambda: any(each.path == "/two" for each in site.asked) or None, what="version 2 asks")
        first = next(each for each in site.asked if each.path != "/two")
        assert (first.method, first.path, first.body) == ("GET", "/one?q=a%20b%2F%C3%BC%281%29", b"")
        assert {name.lower(): value for name, value in first.headers.items()}["x-key"] == "k"
        assert device.flows.failures(FLOW) == ()


def test_a_body_is_json_and_only_the_live_version_sends_one(device: NodeRedDevice) -> None:
    with serving() as site:
        device.publish(1, _asks(site.address + "/one", method="POST"))
        device.publish(2, _asks(site.address + "/two", method="POST"))
        device.switch_on()
        assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "SUCCEEDED"]
        assert {(each.method, each.path, each.body) for each in site.asked} == {("POST", "/one", '"a b/ü(1)"'.encode())}
        assert device.do("activate", 2) == "SUCCEEDED"
        device.wait(lambda: any(each.path == "/two" for each in site.asked) or None, what="version 2 asks")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((404, b"{}"), " answers with HTTP 404."),
        ((200, b"{"), " answers with something that is not JSON."),
        ((200, b" " * (1024 * 1024 + 1)), " answers with more than 1048576 bytes."),
    ],
)
def test_an_answer_that_is_no_good_is_said_of_the_node_until_one_is(
    device: NodeRedDevice, answer: tuple[int, bytes], says: str
) -> None:
    with serving() as site:
        site.answers["/x"] = answer
        device.publish(1, _asks(site.address + "/x"))
        device.switch_on()
        device.ask("apply", 1, window=None)
        device.engine.work()
        (told,) = device.wait_for_health(Health.UNHEALTHY)
        assert (told.node_id, told.error) == ("ask", f"GET {site.address}/x{says}")
        del site.answers["/x"]
        device.wait_for_health(Health.HEALTHY)


def test_a_request_that_is_never_answered_is_a_fault_for_as_long_as_none_is(device: NodeRedDevice) -> None:
    with serving() as site:
        site.silent.add("/x")
        device.publish(1, _asks(site.address + "/x", timeout="1s"))
        device.switch_on()
        device.ask("apply", 1, window=None)
        device.engine.work()
        (told,) = device.wait_for_health(Health.UNHEALTHY)
        assert told.error.startswith(f"GET {site.address}/x got no answer")
        asked = len(site.asked)
        device.wait(lambda: len(site.asked) > asked + 3 or None, what="it was asked again and again")
        assert len(device.flows.failures(FLOW)) == 1, "it was never well in between"
        site.silent.clear()
        device.wait_for_health(Health.HEALTHY)


def test_a_request_that_hangs_for_longer_than_the_window_fails_the_deployment(device: NodeRedDevice) -> None:
    with serving() as site:
        site.silent.add("/x")
        device.publish(1, _asks(site.address + "/x", timeout="3s"))
        device.switch_on()
        assert device.do("apply", 1, window=0.1) == "FAILED"
        assert device.details["message"].startswith(f"node ask: GET {site.address}/x got no answer")


def test_nobody_there_is_said_of_the_node_and_fails_the_deployment(device: NodeRedDevice) -> None:
    (nobody,) = free_ports(1)
    url = f"http://127.0.0.1:{nobody}/"
    device.publish(1, _asks(url))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"].startswith(f"node ask: GET {url} got no answer: ")
