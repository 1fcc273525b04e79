"""Health is evidence: a node is unhealthy from its failure until its next success, whatever happens in between."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.builtin.links import Links
from edge_agent.flows.builtin.nodes.mqtt_out import FIRST_RETRY_SECONDS
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES
from edgeflow.contract.report import Health
from tests.unit.edge_agent.flows.builtin.bench import Bench, ScriptedSensor, node
from tests.unit.edge_agent.flows.builtin.hand_io import HandIo

pytestmark = pytest.mark.slow

TIMEOUT_SECONDS: Final = 3
GIVEN_UP_SECONDS: Final = TIMEOUT_SECONDS + 1
"""By then a request that is under way is a failure, also where the loop that it waits on does not move."""
CONCURRENCY: Final = 2
HUGE: Final = "x" * (MAX_PAYLOAD_BYTES + 1)

NODES: Final = {
    "ask": node(
        "ask", "http_request", url="http://127.0.0.1:9/", timeout=f"{TIMEOUT_SECONDS}s", concurrency=CONCURRENCY
    ),
    "rename": node("rename", "change", rules=[{"action": "move", "property": "a", "to": "b"}]),
    "say": node("say", "mqtt_out"),
    "hold": node("hold", "delay", keep=1, time="2s"),
}


class Site:
    """A flow of nodes of every kind that does its work at another time than it takes its messages, fed by links."""

    def __init__(self) -> None:
        self.io = HandIo()
        self.links = Links()
        self.sensor = ScriptedSensor()
        nodes = [node("read", "dht"), *NODES.values(), *(node(f"in-{each}", "link_in", link=each) for each in NODES)]
        connections = [{"source": f"in-{each}", "target": each} for each in NODES]
        self.bench = Bench(
            {"nodes": nodes, "connections": connections},
            open_sensor=self.sensor.open,
            io=self.io,
            links=self.links,
        )

    def send(self, node_id: str, payload: Any) -> None:  # noqa: ANN401  any payload
        """Hand a node a message."""
        self.links.send(node_id, Message(payload=payload, source="test"))
        self.bench.clock.advance(0)

    def answer(self, number: int, error: Exception | None = None) -> None:
        """End what is under way, such as the oldest (0)."""
        future = self.io.under_way()[number]
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
        self.bench.clock.advance(0)


def test_a_request_that_is_never_answered_is_a_failure_at_every_look() -> None:
    site = Site()
    with site.bench as bench:
        healths = []
        for _ in range(40):
            site.send("ask", 1)
            bench.run(1)
            healths.append(bench.flow.health()[0])
    assert healths[:TIMEOUT_SECONDS] == [Health.HEALTHY] * TIMEOUT_SECONDS, "it may take that long"
    assert set(healths[GIVEN_UP_SECONDS:]) == {Health.UNHEALTHY}


def test_neither_a_beginning_nor_a_request_that_was_over_in_time_clears_a_failure() -> None:
    site = Site()
    with site.bench as bench:
        site.send("ask", 1)
        site.answer(0)
        bench.run(GIVEN_UP_SECONDS - 1)
        for number in range(CONCURRENCY + 1):
            site.send("ask", number)
        site.answer(0, OSError("no route"))
        assert list(bench.errors()) == ["ask"], "the next one has begun, and that is all"
        bench.run(2)
        assert list(bench.errors()) == ["ask"], "the first one's time is over, but it was answered long ago"
        site.answer(0)
        assert bench.errors() == {}


def test_what_is_only_kept_clears_no_failure_of_mqtt_out() -> None:
    site = Site()
    with site.bench as bench:
        site.send("say", HUGE)
        bench.broker.failure = ConnectionError("offline")
        site.send("say", 1)
        bench.run(3 * int(FIRST_RETRY_SECONDS))
        assert list(bench.errors()) == ["say"], "nothing has gone out since"
        bench.broker.failure = None
        bench.run(8)
        assert bench.broker.payloads() == [1]
        assert bench.errors() == {}


def test_a_message_that_was_held_and_goes_on_does_not_clear_that_another_was_dropped() -> None:
    site = Site()
    with site.bench as bench:
        site.send("hold", 1)
        site.send("hold", 2)
        bench.run(5)
        assert list(bench.errors()) == ["hold"]
        site.send("hold", 3)
        assert bench.errors() == {}


@pytest.mark.parametrize("kind", ["http", "command"])
def test_a_check_that_was_lost_with_its_loop_is_a_failure_and_is_run_again(kind: str) -> None:
    how = {"url": "http://127.0.0.1:9/"} if kind == "http" else {"command": ["/bin/true"]}
    check = {"type": kind, "name": "it", "interval": "1s", "timeout": "2s", "grace": "5s", **how}
    io = HandIo()
    definition = {"nodes": [node("in", "inject")], "health_checks": [check]}
    with Bench(definition, io=io, programs=frozenset({"/bin/true"})) as bench:
        bench.run(2)
        assert bench.flow.health() == (Health.STARTING, ())
        bench.run(3)
        healths = []
        for _ in range(20):
            bench.run(1)
            healths.append(bench.flow.health()[0])
        assert set(healths) == {Health.UNHEALTHY}, "without an answer it is not starting any more"
        assert len(io.taken) > 20 / (2 + 1 + 1)
        assert len(io.under_way()) <= 1


def test_a_check_that_takes_longer_than_the_grace_is_a_failure_from_then_on() -> None:
    check = {"type": "http", "name": "it", "url": "http://127.0.0.1:9/", "timeout": "1h", "grace": "3s"}
    with Bench({"nodes": [node("in", "inject")], "health_checks": [check]}, io=HandIo()) as bench:
        bench.run(2)
        assert bench.flow.health() == (Health.STARTING, ())
        bench.run(2)
        assert bench.errors() == {"check:it": "The check has not passed within its grace of 3 s, and is still at work."}


class Model:
    """What is known of each node's last attempt: true when it succeeded."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._now = 0
        self._asked: list[int] = []
        """When each request that is under way was begun, the oldest first."""
        self._to_ask = 0
        self._well = dict.fromkeys((*NODES, "read"), True)
        self._unsaid: list[object] = []
        self._retry_at: float | None = None
        self._pause = FIRST_RETRY_SECONDS
        self._held_until = -1

    @property
    def unhealthy(self) -> set[str]:
        return {node_id for node_id, well in self._well.items() if not well}

    @property
    def under_way(self) -> int:
        return len(self._asked)

    def message(self, node_id: str, *, good: bool) -> None:
        match node_id:
            case "ask":
                self._site.send(node_id, 1)
                self._to_ask += 1
                self._begin()
            case "rename":
                self._site.send(node_id, {"a": 1} if good else {})
                self._well[node_id] = good
            case "hold":
                full = self._held_until > self._now
                self._site.send(node_id, 1)
                self._well[node_id] = not full
                if not full:
                    self._held_until = self._now + 2
            case "say":
                self._site.send(node_id, 1 if good else HUGE)
                if good:
                    self._unsaid.append(1)
                    if self._retry_at is None:
                        self._publish()
                else:
                    self._well[node_id] = False
            case _:
                pytest.fail(f"no node {node_id}")

    def answer(self, number: int, *, good: bool) -> None:
        if self._asked:
            place = number % len(self._asked)
            del self._asked[place]
            self._site.answer(place, None if good else OSError("no route"))
            self._well["ask"] = good
            self._begin()

    def sensor(self, *, good: bool) -> None:
        self._site.sensor.failure = None if good else OSError("no answer")

    def broker(self, failure: Exception | None) -> None:
        self._site.bench.broker.failure = failure

    def second(self) -> None:
        self._now += 1
        self._site.bench.run(1)
        self._well["read"] = self._site.sensor.failure is None
        if any(self._now - since >= GIVEN_UP_SECONDS for since in self._asked):
            self._asked = [since for since in self._asked if self._now - since < GIVEN_UP_SECONDS]
            self._well["ask"] = False
        self._begin()
        if self._retry_at is not None and self._retry_at <= self._now:
            self._publish()

    def _begin(self) -> None:
        while self._to_ask and len(self._asked) < CONCURRENCY:
            self._to_ask -= 1
            self._asked.append(self._now)

    def _publish(self) -> None:
        self._retry_at = None
        while self._unsaid:
            match self._site.bench.broker.failure:
                case None:
                    self._well["say"] = True
                    self._pause = FIRST_RETRY_SECONDS
                    self._unsaid.pop()
                case OSError():
                    self._retry_at = self._now + self._pause
                    self._pause = min(2 * self._pause, 60)
                    return
                case _:
                    self._well["say"] = False
                    self._unsaid.pop()
                    return


_EVENTS: Final = st.one_of(
    st.builds(
        lambda node_id, good: lambda model: model.message(node_id, good=good),
        st.sampled_from(list(NODES)),
        st.booleans(),
    ),
    st.builds(lambda number, good: lambda model: model.answer(number, good=good), st.integers(0, 3), st.booleans()),
    st.builds(lambda good: lambda model: model.sensor(good=good), st.booleans()),
    st.builds(
        lambda failure: lambda model: model.broker(failure),
        st.sampled_from([None, ConnectionError("offline"), ValueError("refused")]),
    ),
    st.just(lambda model: model.second()),
    st.just(lambda model: [model.second() for _ in range(GIVEN_UP_SECONDS)]),
)


@given(events=st.lists(_EVENTS, max_size=40))
def test_whose_last_attempt_failed_is_unhealthy_and_whose_last_succeeded_is_not(events: list[Any]) -> None:
    site = Site()
    with site.bench as bench:
        model = Model(site)
        for event in events:
            event(model)
            assert set(bench.errors()) == model.unhealthy
            assert len(site.io.under_way()) == model.under_way
