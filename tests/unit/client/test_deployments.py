"""Deployments, by the client and the API together."""

import httpx
import pytest

from edgeflow.bootstrap import rollout
from edgeflow.client import ApiError, Client, TimedOut, Unreachable
from edgeflow.client.deployments import OUTAGE_SECONDS
from edgeflow.contract.rest.deployment_queries import ListDeployments
from edgeflow.contract.rest.deployments import CreateRolling, DeploymentSummary
from edgeflow.contract.rest.settings import RollingSettings
from edgeflow.contract.rest.targets import ListTargets
from tests.support.handler_transport import HandlerTransport
from tests.unit.api.conftest import DEVICES
from tests.unit.client.conftest import Sleeper

pytestmark = pytest.mark.usefixtures("machines")


def _body(flow_id: str) -> CreateRolling:
    config = RollingSettings(batch_size=1)
    return CreateRolling(strategy="rolling", flow_id=flow_id, target_devices=tuple(DEVICES), config=config)


@pytest.mark.slow
def test_a_deployment_and_what_operators_do_with_it(client: Client, flow_id: str) -> None:
    made = client.deployments.create(_body(flow_id))
    assert (made.status, made.config["batch_size"], made.config["batch_delay"]) == ("pending", 1, "5m")
    assert client.deployments.get(made.id).waits_for is not None
    assert client.deployments.start(made.id).status == "running"
    assert client.deployments.pause(made.id).status == "paused"
    assert client.deployments.resume(made.id).status == "running"
    rollout.plan_rollout()(made.id)
    waves = [target.wave for target in client.deployments.targets(made.id) if hasattr(target, "wave")]
    assert waves == [1, 2, 3]
    (second,) = client.deployments.targets(made.id, ListTargets(wave=2))
    assert second.device_id == DEVICES[1]
    for act in (client.deployments.promote, client.deployments.retry):
        with pytest.raises(ApiError) as refused:
            act(made.id)
        assert refused.value.code == "conflict"
    with pytest.raises(ApiError, match="HTTP 409"):
        client.deployments.skip(made.id, DEVICES[2])
    assert client.deployments.rollback(made.id).status == "rolling_back"
    listed = client.deployments.list(ListDeployments(status=("rolling_back", "paused")))
    assert [each.id for each in listed if isinstance(each, DeploymentSummary)] == [made.id]
    types = [getattr(event, "type", None) for event in client.deployments.events(made.id)]
    assert types[:4] == ["created", "started", "paused", "resumed"]
    assert "rollback_requested" in types


def test_who_waits_hears_of_another_status_at_once(client: Client, transport: HandlerTransport, flow_id: str) -> None:
    made = client.deployments.create(_body(flow_id)).id
    assert client.deployments.get_changed(made, unless="running").status == "pending"
    assert dict(transport.requests[-1].url.params) == {"unless": "running", "wait": "25s"}


@pytest.mark.slow
def test_one_that_never_started_is_cancelled_and_removed(client: Client, flow_id: str) -> None:
    made = client.deployments.create(_body(flow_id))
    assert client.deployments.cancel(made.id).status == "cancelled"
    client.deployments.delete(made.id)
    with pytest.raises(ApiError, match="HTTP 404"):
        client.deployments.get(made.id)


def test_who_follows_hears_of_each_change_once(
    client: Client, transport: HandlerTransport, flow_id: str, sleeper: Sleeper
) -> None:
    made = client.deployments.create(_body(flow_id)).id
    following = client.deployments.follow(made, now=sleeper.now)
    assert next(following).status == "pending"
    transport.requests.clear()

    def cancel_at_the_third(_: httpx.Request) -> None:
        if len(transport.requests) == 3:
            client.deployments.cancel(made)

    transport.on_way_back = cancel_at_the_third
    assert [view.status for view in following] == ["cancelled"]
    asked = [request.headers.get("If-None-Match") for request in transport.requests if request.method == "GET"]
    assert len(asked) == 4
    assert None not in asked
    assert sleeper.waits == [2, 2, 2, 2]


def test_who_follows_is_told_when_it_takes_too_long(client: Client, flow_id: str, sleeper: Sleeper) -> None:
    made = client.deployments.create(_body(flow_id)).id
    following = client.deployments.follow(made, every=2, timeout=5, now=sleeper.now)
    assert next(following).status == "pending"
    with pytest.raises(TimedOut, match="has not ended within 5 s"):
        next(following)
    assert sleeper.waits == [2, 2, 1]


def test_an_outage_of_the_api_does_not_end_the_following_at_once(
    client: Client, transport: HandlerTransport, flow_id: str, sleeper: Sleeper
) -> None:
    made = client.deployments.create(_body(flow_id)).id
    following = client.deployments.follow(made, now=sleeper.now)
    assert next(following).status == "pending"

    def refuse(request: httpx.Request) -> httpx.Response:
        if sleeper.at > OUTAGE_SECONDS / 2:
            transport.on_way = lambda _: None
            client.deployments.cancel(made)
        return httpx.Response(503, request=request)

    transport.on_way = refuse
    assert [view.status for view in following] == ["cancelled"]


def test_an_outage_that_lasts_does(client: Client, transport: HandlerTransport, flow_id: str, sleeper: Sleeper) -> None:
    made = client.deployments.create(_body(flow_id)).id
    following = client.deployments.follow(made, now=sleeper.now)
    next(following)

    def cut(request: httpx.Request) -> None:
        message = "cut"
        raise httpx.ReadError(message, request=request)

    transport.on_way = cut
    with pytest.raises(Unreachable, match="cut"):
        next(following)
    assert OUTAGE_SECONDS < sleeper.at < OUTAGE_SECONDS + 60
