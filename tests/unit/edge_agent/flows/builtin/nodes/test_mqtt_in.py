"""``mqtt_in``: what comes to the device under its own topics, and subscriptions that survive the connection."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent.cloud.subscriptions import Subscriptions, matches
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edgeflow.contract.nodes.mqtt_in import MAX_DEPTH, MqttInSettings
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, PATIENCE_SECONDS, Bench, chain, node

INPUT = f"edgeflow/devices/{DEVICE_ID}/in/"


class Broker:
    """Remembers what is subscribed to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ended: list[str] = []
        self.subscriptions = Subscriptions(subscribe=self.asked.append, unsubscribe=self.ended.append)

    def say(self, topic: str, data: bytes) -> None:
        self.subscriptions.deliver(INPUT + topic, data)


def _bench(broker: Broker, **settings: Any) -> Bench:  # noqa: ANN401  any setting
    definition = chain(node("in", "mqtt_in", **settings), node("out", "debug"))
    return Bench(definition, subscribe=broker.subscriptions.listen)


def _first(bench: Bench) -> Any:  # noqa: ANN401  any payload
    debug = bench.flow.node("out")
    assert isinstance(debug, DebugNode)
    return wait_for(lambda: next(iter(debug.messages), None), what="a message came", seconds=PATIENCE_SECONDS)


def _error(bench: Bench) -> str:
    return wait_for(lambda: bench.errors().get("in"), what="the node complains", seconds=PATIENCE_SECONDS)


def test_what_comes_is_sent_on_with_its_topic() -> None:
    broker = Broker()
    with _bench(broker, topic="orders/+") as bench:
        assert broker.asked == [INPUT + "orders/+"]
        broker.say("weather", b"1")
        broker.say("orders/7", b'{"lid": "open"}')
        message = _first(bench)
        assert (message.payload, message.metadata["topic"]) == ({"lid": "open"}, "orders/7")
    assert broker.ended == [INPUT + "orders/+"]


def test_text_is_taken_as_it_is() -> None:
    broker = Broker()
    with _bench(broker, format="text") as bench:
        broker.say("x", b"{not json")
        assert _first(bench).payload == "{not json"


@pytest.mark.parametrize("data", [b"{", b"NaN", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_the_node_s_fault_and_ends_nothing(data: bytes) -> None:
    broker = Broker()
    with _bench(broker) as bench:
        broker.say("x", data)
        assert _error(bench) == "A message that came was not JSON."
        broker.say("x", b"3")
        assert _first(bench).payload == 3


def test_json_that_is_too_deep_is_refused() -> None:
    broker = Broker()
    with _bench(broker) as bench:
        broker.say("x", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
        assert _error(bench) == f"A message that came has more than {MAX_DEPTH} levels of JSON."
        broker.say("x", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
        _first(bench)


def test_an_agent_without_a_connection_says_so() -> None:
    with Bench(chain(node("in", "mqtt_in"), node("out", "debug"))) as bench:
        assert "Nothing can be subscribed to" in bench.errors()["in"]


@pytest.mark.parametrize("topic", ["", "/a", "a//b", "a/#/b", "a+", "edgeflow/x", "$aws/x", "a/b/c/d/e", "a b"])
def test_filters_outside_the_device_s_own_topics_or_ill_formed_are_refused(topic: str) -> None:
    with pytest.raises(ValidationError):
        MqttInSettings(topic=topic)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "meant"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/+/c", "a/b/c", True),
        ("#", "a", True),
        ("a/b/c", "a/b", False),
    ],
)
def test_wildcards_mean_what_mqtt_says(topic_filter: str, topic: str, *, meant: bool) -> None:
    assert matches(topic_filter, topic) is meant


def test_listeners_of_one_filter_share_a_subscription_that_ends_with_the_last() -> None:
    broker = Broker()
    heard: list[str] = []

    def listener(name: str) -> Callable[[str, bytes], None]:
        return lambda _topic, data: heard.append(f"{name} {data.decode()}")

    end_a = broker.subscriptions.listen("t", listener("a"))
    end_b = broker.subscriptions.listen("t", listener("b"))
    broker.subscriptions.deliver("t", b"1")
    end_a()
    end_a()
    broker.subscriptions.deliver("t", b"2")
    assert (broker.asked, broker.ended) == (["t"], [])
    broker.subscriptions.renew()
    assert broker.asked == ["t", "t"]
    end_b()
    end_b()
    broker.subscriptions.renew()
    assert heard == ["a 1", "b 1", "b 2"]
    assert (broker.asked, broker.ended) == (["t", "t"], ["t"])
