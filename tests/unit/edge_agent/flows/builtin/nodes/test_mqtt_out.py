"""``mqtt_out``: what it keeps, what it drops, and by what evidence it is healthy."""

from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent.flows.builtin.nodes.mqtt_out import LAST_RETRY_SECONDS, MAX_KEPT_BYTES, MAX_KEPT_MESSAGES
from edge_agent.flows.publishing import NotPublished, Refusal
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES, MqttOutSettings
from edgeflow.contract.report import Health
from tests.unit.edge_agent.flows.builtin.bench import Bench, chain, node


def _publishing(**config: object) -> dict[str, Any]:
    return chain(node("in", "inject", payload=1, interval="1s"), node("out", "mqtt_out", **config))


def _dropped(bench: Bench) -> int:
    return sum(each.dropped for each in bench.flow.activity().nodes if each.node_id == "out")


def test_mqtt_out_counts_what_it_drops_while_offline() -> None:
    with Bench(_publishing()) as bench:
        bench.broker.failure = NotPublished(Refusal.OFFLINE, "the device is offline")
        bench.run(MAX_KEPT_MESSAGES + 20)
        assert bench.flow.health() == (Health.HEALTHY, ())
        assert _dropped(bench) == 20


def test_mqtt_out_keeps_no_more_bytes_than_it_may() -> None:
    definition = chain(
        node("in", "inject", payload="x" * (MAX_PAYLOAD_BYTES - 2), interval="1s"), node("out", "mqtt_out")
    )
    with Bench(definition) as bench:
        bench.broker.failure = NotPublished(Refusal.OFFLINE, "the device is offline")
        bench.run(10)
        assert _dropped(bench) == 10 - MAX_KEPT_BYTES // MAX_PAYLOAD_BYTES


def test_mqtt_out_to_a_connection_that_takes_too_little_is_unhealthy_once_it_drops() -> None:
    with Bench(_publishing()) as bench:
        bench.broker.failure = NotPublished(Refusal.BUSY, "100 messages wait")
        bench.run(MAX_KEPT_MESSAGES - 2)
        assert bench.errors() == {}
        bench.run(10)
        assert bench.errors() == {
            "out": "Messages come faster than the connection takes them, so some were dropped: 100 messages wait."
        }
        assert _dropped(bench) > 0
        bench.broker.failure = None
        bench.run(int(LAST_RETRY_SECONDS) + 1)
        assert bench.errors() == {}


def test_mqtt_out_with_qos_1_is_healthy_by_acknowledgements_alone() -> None:
    with Bench(_publishing(qos=1)) as bench:
        assert bench.broker.taken[-1][:2] == (1, False)
        bench.broker.settle("not acknowledged within 30 s")
        bench.run(3)
        assert bench.errors() == {"out": "A message was not acknowledged within 30 s."}
        bench.broker.settle()
        bench.run(1)
        assert bench.errors() == {}


def test_mqtt_out_with_qos_1_fails_when_it_is_offline_for_longer_than_an_acknowledgement_may_take() -> None:
    with Bench(_publishing(qos=1)) as bench:
        bench.run(1)
        bench.broker.failure = NotPublished(Refusal.OFFLINE, "the device is offline")
        bench.run(int(ACKNOWLEDGED_WITHIN_SECONDS) - 1)
        assert bench.errors() == {}
        bench.run(5)
        assert bench.errors() == {"out": "A message was not acknowledged within 30 s: the device is offline."}
        bench.broker.failure = None
        bench.run(int(LAST_RETRY_SECONDS))
        assert bench.errors() != {}, "that it was taken is no evidence"
        bench.broker.settle()
        bench.run(1)
        assert bench.errors() == {}


def test_mqtt_out_that_stores_keeps_nothing_itself_and_fails_when_the_store_does() -> None:
    with Bench(_publishing(qos=1, store=True)) as bench:
        bench.run(2)
        assert {taken[:2] for taken in bench.broker.taken} == {(1, True)}
        assert bench.flow.health() == (Health.HEALTHY, ())
        bench.broker.failure = NotPublished(Refusal.STORE_FULL, "100 bytes wait on disk")
        bench.run(3)
        assert bench.errors() == {"out": "A message was dropped, for it could not be stored: 100 bytes wait on disk."}
        assert _dropped(bench) == 3
        bench.broker.failure = None
        bench.run(1)
        assert bench.errors() != {}, "that another one is on disk is no evidence that it goes out"
        bench.broker.settle()
        bench.run(1)
        assert bench.errors() == {}


@pytest.mark.parametrize("config", [{"store": True}, {"store": True, "qos": 0}, {"qos": 2}, {"qos": "1"}])
def test_mqtt_out_stores_nothing_that_is_not_acknowledged(config: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MqttOutSettings.model_validate(config)
