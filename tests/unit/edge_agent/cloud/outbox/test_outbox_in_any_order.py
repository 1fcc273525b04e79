"""Whatever happens, in whatever order: what was stored arrives, each topic's in its order, and nothing is made up."""

import json
import tempfile
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge_agent.cloud.outbox import window
from edge_agent.cloud.outbox.outbox import Outbox
from edge_agent.flows.publishing import NotPublished
from tests.unit.edge_agent.cloud.outbox.link import Clock, Link, outbox

LIMIT = 40_000


class How(Enum):
    """How a message is published."""

    ONCE = "qos 0"
    ACKNOWLEDGED = "qos 1"
    STORED = "stored"


class Trouble(Enum):
    """What happens to a link and an agent."""

    LOST = "the connection is lost"
    FAILED = "what is under way fails, and the connection is there"
    RESTARTED = "the agent is stopped, and started again"
    KILLED = "the agent is killed, and started again"


@settings(max_examples=100, stateful_step_count=30, deadline=None)
class AnyOrder(RuleBasedStateMachine):
    """See the module."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.link = Clock(), Link()
        self.promised: dict[tuple[str, How], list[int]] = {}
        self.number = 0
        self.killed: list[Outbox] = []
        self.switch_on()

    def switch_on(self) -> None:
        self.connected = False
        self.link.under_way.clear()
        for (_, how), numbers in self.promised.items():
            if how is not How.STORED:
                numbers.clear()
        self.box: Outbox = outbox(self.link, Path(self.folder.name), self.clock, limit=LIMIT)

    @rule(topic=st.sampled_from("ab"), how=st.sampled_from(How), count=st.integers(1, 20), size=st.integers(0, 1_000))
    def publish(self, topic: str, how: How, count: int, size: int) -> None:
        for _ in range(count):
            self.number += 1
            data = json.dumps([self.number, "x" * size]).encode()
            qos = 0 if how is How.ONCE else 1
            try:
                self.box.publish(f"{topic}/{how.name}", data, qos=1 if qos else 0, store=how is How.STORED)
            except NotPublished:
                continue
            self.promised.setdefault((topic, how), []).append(self.number)

    @rule(seconds=st.sampled_from([0.0, 1.0, 40.0]))
    def work(self, seconds: float) -> None:
        self.clock.now += seconds
        self.connect()
        self.box.work()

    @rule(count=st.integers(1, window.MAX_MESSAGES))
    def deliver(self, count: int) -> None:
        self.link.deliver(count)

    @rule(trouble=st.sampled_from(Trouble), arrived=st.integers(0, window.MAX_MESSAGES))
    def trouble(self, trouble: Trouble, arrived: int) -> None:
        match trouble:
            case Trouble.FAILED:
                self.link.break_off(arrived=arrived)
            case Trouble.LOST:
                self.connected = False
                self.box.connection(there=False)
                self.link.break_off(arrived=arrived)
            case Trouble.RESTARTED:
                self.link.break_off(arrived=arrived)
                self.box.stop()
                self.switch_on()
            case Trouble.KILLED:
                self.link.break_off(arrived=arrived)
                self.killed.append(self.box)  # closed at the end: until then nothing tidies up after it
                self.switch_on()

    @invariant()
    def little_is_under_way(self) -> None:
        assert not hasattr(self, "link") or self.link.most <= window.MAX_MESSAGES

    def connect(self) -> None:
        if not self.connected:
            self.connected = True
            self.box.connection(there=True)

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        for _ in range(self.number + 10):
            self.work(2.0)
            self.link.deliver()
        for box in (*self.killed, self.box):
            box.stop()
        self.folder.cleanup()
        arrived: dict[str, list[int]] = {}
        for name, data in self.link.arrived:
            arrived.setdefault(name, []).append(json.loads(data)[0])
        for (topic, how), promised in self.promised.items():
            came = arrived.get(f"{topic}/{how.name}", [])
            match how:
                case How.STORED:
                    assert list(dict.fromkeys(came)) == promised, "all of it, in order"
                case How.ACKNOWLEDGED:
                    assert [number for number in dict.fromkeys(came) if number in promised] == promised
                case How.ONCE:
                    assert came == sorted(set(came)), "in order, and none twice"


TestAnyOrder = pytest.mark.slow(AnyOrder.TestCase)
