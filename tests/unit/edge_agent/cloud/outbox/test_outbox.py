"""What flows publish: bounded, in order, told truly, and never more of it before a job than the window holds."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from edge_agent.cloud.outbox import waiting, window
from edge_agent.cloud.outbox.outbox import LOOKS_EVERY_SECONDS, PAUSE_SECONDS, Ending
from edge_agent.flows.publishing import NotPublished, Refusal
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS
from tests.unit.edge_agent.cloud.outbox.link import Clock, Link, outbox

TOPIC: Final = "edgeflow/devices/dev_001/out/flow_1/n1"


class Desk:
    """An outbox with its link and its clock."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.clock = Clock()
        self.link = Link()
        self.outbox = outbox(self.link, folder, self.clock, limit=limit)
        self.heard: list[str | None] = []

    def connect(self) -> None:
        self.outbox.connection(there=True)
        self.outbox.work()

    def lose(self, *, arrived: int = 0) -> None:
        self.outbox.connection(there=False)
        self.link.break_off(arrived=arrived)
        self.outbox.work()

    def store(self, *numbers: int, topic: str = TOPIC) -> None:
        for number in numbers:
            self.outbox.publish(topic, b"%d" % number, qos=1, store=True, settled=self.heard.append)

    def fill(self, *, store: bool, topic: str = TOPIC, data: bytes | None = None) -> tuple[int, Refusal]:
        """Publish numbers, or this, until that is refused; returns how many were taken, and why no more were."""
        for number in itertools.count():
            try:
                self.outbox.publish(topic, b"%d" % number if data is None else data, qos=1 if store else 0, store=store)
            except NotPublished as refused:
                return number, refused.refusal
        raise AssertionError

    def deliver_all(self) -> list[int]:
        """Let everything arrive; returns all that has, in order."""
        self.outbox.work()
        while self.link.under_way:
            self.link.deliver()
            self.outbox.work()
        return [int(data) for _, data in self.link.arrived]

    def after(self, seconds: float) -> None:
        self.clock.now += seconds
        self.outbox.work()


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes outboxes whose store is in the test's folder, or in that one, and ends them after the test."""
    made: list[Desk] = []

    def make(folder: Path = tmp_path, *, limit: int = 1024 * 1024) -> Desk:
        made.append(Desk(folder, limit=limit))
        return made[-1]

    yield make
    for desk in made:
        desk.outbox.stop()


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """An outbox that is connected."""
    made = new_desk()
    made.connect()
    return made


def test_offline_nothing_is_taken_but_what_is_to_be_stored(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk()
    for qos in (0, 1):
        with pytest.raises(NotPublished) as refused:
            desk.outbox.publish(TOPIC, b"1", qos=1 if qos else 0)
        assert refused.value.refusal is Refusal.OFFLINE
    desk.store(1)
    desk.after(10 * ACKNOWLEDGED_WITHIN_SECONDS)
    assert desk.heard == [], "being offline is no failure of what is stored"
    desk.connect()
    assert desk.deliver_all() == [1]
    assert desk.heard == [None]


def test_no_more_is_under_way_than_the_window_holds(desk: Desk) -> None:
    for number in range(waiting.MAX_TOPIC_MESSAGES):
        desk.outbox.publish(TOPIC, b"%d" % number)
    desk.outbox.work()
    assert len(desk.link.under_way) == window.MAX_MESSAGES
    assert desk.deliver_all() == list(range(waiting.MAX_TOPIC_MESSAGES))


def test_few_messages_with_qos_0_go_out_with_it_and_many_are_acknowledged_now_and_then(desk: Desk) -> None:
    for number in range(window.MAX_MESSAGES):
        desk.outbox.publish(TOPIC, b"%d" % number)
    desk.outbox.work()
    half = window.MAX_MESSAGES // 2
    assert [sent.qos for sent in desk.link.under_way] == ([0] * (half - 1) + [1]) * 2


def test_a_link_that_takes_bytes_and_answers_nothing_gets_no_more_than_the_window(desk: Desk) -> None:
    for number in range(50):
        desk.outbox.publish(TOPIC, b"%d" % number)
    desk.outbox.work()
    for sent in desk.link.under_way:
        if not sent.qos:
            sent.done(Ending.SENT, "")  # the kernel has it; the broker may not
    desk.outbox.work()
    assert len(desk.link.under_way) == window.MAX_MESSAGES


def test_large_messages_go_one_by_one(desk: Desk) -> None:
    for _ in range(3):
        desk.outbox.publish(TOPIC, b"1".zfill(4_000) + b" " * window.MAX_BYTES)
    desk.outbox.work()
    assert [sent.qos for sent in desk.link.under_way] == [1]
    assert len(desk.deliver_all()) == 3


def test_what_is_too_much_is_refused_and_what_waits_is_not_lost(desk: Desk) -> None:
    taken, refusal = desk.fill(store=False)
    assert (refusal, taken) == (Refusal.BUSY, waiting.MAX_TOPIC_MESSAGES)
    assert desk.deliver_all() == list(range(taken))


def test_bytes_are_bounded_for_a_topic_and_in_all(desk: Desk) -> None:
    large = b"1" * 100_000
    filled = [desk.fill(store=False, topic=f"{TOPIC}/{each}", data=large) for each in range(20)]
    assert {refusal for _, refusal in filled} == {Refusal.BUSY}
    assert max(taken for taken, _ in filled) * len(large) <= waiting.MAX_TOPIC_BYTES
    assert sum(taken for taken, _ in filled) * len(large) <= waiting.MAX_BYTES


def test_a_topic_that_floods_does_not_hold_up_another(desk: Desk) -> None:
    for number in range(waiting.MAX_TOPIC_MESSAGES):
        desk.outbox.publish(TOPIC, b"%d" % number)
    desk.outbox.work()
    desk.outbox.publish(f"{TOPIC}/2", b"1000")
    desk.link.deliver()
    desk.outbox.work()
    assert 1000 in [int(sent.data) for sent in desk.link.under_way[:2]]


def test_with_qos_1_what_was_under_way_is_sent_again_and_with_qos_0_it_is_not(desk: Desk) -> None:
    for number in range(5):
        desk.outbox.publish(TOPIC, b"%d" % number, qos=1, settled=desk.heard.append)
        desk.outbox.publish(f"{TOPIC}/0", b"%d" % (100 + number))
    desk.outbox.work()
    desk.lose()
    desk.connect()
    assert desk.deliver_all() == [0, 1, 2, 3, 4]
    assert desk.heard == [None] * 5


def test_an_acknowledgement_that_does_not_come_in_time_is_told_once_and_its_coming_too(desk: Desk) -> None:
    desk.outbox.publish(TOPIC, b"1", qos=1, settled=desk.heard.append)
    desk.outbox.work()
    desk.after(ACKNOWLEDGED_WITHIN_SECONDS - 1)
    assert desk.heard == []
    for _ in range(5):
        desk.after(1)
    assert desk.heard == ["not acknowledged within 30 s"]
    desk.link.deliver()
    desk.outbox.work()
    assert desk.heard == ["not acknowledged within 30 s", None]


def test_what_waits_in_memory_while_offline_is_late_too(desk: Desk) -> None:
    desk.outbox.publish(TOPIC, b"1", qos=1, settled=desk.heard.append)
    desk.lose()
    desk.after(ACKNOWLEDGED_WITHIN_SECONDS)
    assert desk.heard == ["not acknowledged within 30 s: the device is offline"]


def test_what_the_broker_refuses_is_told_and_holds_up_nothing(desk: Desk) -> None:
    desk.store(1, 2)
    desk.outbox.work()
    desk.link.under_way.pop(0).done(Ending.REFUSED, "NOT_AUTHORIZED")
    desk.outbox.work()
    assert desk.heard == ["the broker refuses it: NOT_AUTHORIZED"]
    assert desk.deliver_all() == [2]


def test_after_a_message_that_did_not_go_out_there_is_a_pause(desk: Desk) -> None:
    desk.store(1, 2)
    desk.outbox.work()
    desk.link.break_off()
    desk.outbox.work()
    assert desk.link.under_way == []
    desk.after(PAUSE_SECONDS)
    assert desk.deliver_all() == [1, 2]


def test_stored_messages_go_out_after_a_restart_and_those_that_were_acknowledged_do_not(
    new_desk: Callable[..., Desk],
) -> None:
    desk = new_desk()
    desk.connect()
    desk.store(*range(500))
    desk.outbox.work()
    desk.link.deliver(5)
    desk.outbox.work()
    desk.outbox.stop()
    again = new_desk()
    again.connect()
    assert again.deliver_all() == list(range(5, 500))
    again.after(LOOKS_EVERY_SECONDS)
    again.outbox.stop()
    third = new_desk()
    third.connect()
    assert third.deliver_all() == []


def test_a_store_that_is_full_refuses_the_newest_and_takes_again_when_there_is_room(
    new_desk: Callable[..., Desk],
) -> None:
    desk = new_desk(limit=10_000)
    taken, refusal = desk.fill(store=True)
    assert refusal is Refusal.STORE_FULL
    with pytest.raises(NotPublished, match="outbox_limit"):
        desk.store(taken)
    desk.store(1_000, topic=f"{TOPIC}/2")  # another topic finds room
    desk.connect()
    assert sorted(desk.deliver_all()) == [*range(taken), 1_000]
    desk.after(LOOKS_EVERY_SECONDS)
    desk.store(taken)


def test_a_disk_that_fails_is_a_refusal_and_is_tried_again(tmp_path: Path, new_desk: Callable[..., Desk]) -> None:
    (tmp_path / "file").write_text("no folder")
    desk = new_desk(tmp_path / "file" / "below")
    desk.connect()
    for _ in range(2):
        with pytest.raises(NotPublished) as refused:
            desk.store(1)
        assert refused.value.refusal is Refusal.STORE_UNUSABLE
    desk.outbox.publish(TOPIC, b"2", qos=1)
    assert desk.deliver_all() == [2]
    (tmp_path / "file").unlink()
    desk.after(60)
    desk.store(3)
    assert desk.deliver_all() == [2, 3]
