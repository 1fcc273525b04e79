"""What flows have to do with the cloud: health checks of their own decide deployments, and messages reach them."""

import json
from typing import Any

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import ENDED, GOOD, Operator, eventually, runs

LISTENS: dict[str, Any] = {
    "nodes": [{"id": "orders", "type": "mqtt_in", "config": {"topic": "orders/+"}}, {"id": "log", "type": "debug"}],
    "connections": [{"source": "orders", "target": "log"}],
    "health_checks": [{"type": "emitted", "name": "orders", "node": "orders", "within": "30s"}],
}
"""Healthy only once a message has come to the device."""
NEVER_SPEAKS: dict[str, Any] = {
    "nodes": [
        {"id": "late", "type": "inject", "config": {"interval": "1h", "once": False}},
        {"id": "log", "type": "debug"},
    ],
    "connections": [{"source": "late", "target": "log"}],
    "health_checks": [{"type": "emitted", "name": "speaks", "node": "late", "within": "2s"}],
}


def test_a_version_whose_own_health_check_fails_goes_back_and_says_which_check(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[1:3]
    flow_id = operator.flow(GOOD)
    assert operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, NEVER_SPEAKS)
    ended = operator.deploy(flow_id, few, strategy="all_at_once", auto_rollback=False)
    assert ended["status"] == "failed"
    targets = operator.targets(ended["id"])
    assert {target["reason"] for target in targets.values()} == {"unhealthy"}
    assert all("check:speaks: Node late sent nothing for 2s." in str(target) for target in targets.values())
    assert runs(fleet, flow_id, few, 1)


def test_a_message_that_is_published_to_a_device_reaches_its_flow_and_makes_it_healthy(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    device = devices[1]
    flow_id = operator.flow(LISTENS)
    deployment_id = operator.create(flow_id, [device], strategy="all_at_once")
    operator.start(deployment_id)
    messages = stack.client("iot-data")

    def ended() -> bool:
        messages.publish(topic=f"edgeflow/devices/{device}/in/orders/7", qos=1, payload=json.dumps({"lid": "open"}))
        return operator.read(deployment_id)["status"] in ENDED

    eventually(ended, seconds=60, what="the deployment has ended")
    assert operator.read(deployment_id)["status"] == "completed"
    assert runs(fleet, flow_id, [device], 1)

    def told() -> bool:
        shown = operator.rest.call("GET", f"/devices/{device}")
        (flow,) = [each for each in shown["flows"] if each["flow_id"] == flow_id]
        return flow["health"] == "healthy" and shown["vitals"] is not None and shown["vitals"]["agent_memory"] > 0

    eventually(told, seconds=60, what="the device tells how it is")
