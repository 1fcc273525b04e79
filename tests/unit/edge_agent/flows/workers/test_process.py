"""A worker's process as the agent sees it, with a stand-in that says whatever a test wants."""

import contextlib
import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers import process as process_module
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.channel import MAX_ABOUT_BYTES, Frame, FrameError, FrameReader, encode
from edge_agent.flows.workers.forking import ForkServerProcess, NoWorkers
from edge_agent.flows.workers.hub import Hub
from edge_agent.flows.workers.orders import Limits, Order
from edge_agent.flows.workers.process import MAX_WAITING_BYTES, Exit, WorkerProcess
from tests.support.waiting import wait_for

LIMITS = Limits(silence=1)


class StandIn(ForkServerProcess):
    """A fork server whose workers are the test itself. Being killed, they end, as by SIGKILL."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = False
        self.kills = 0
        self.channel: socket.socket | None = None
        self._status = -1

    def fork(self, number: int, channel: socket.socket, status: int) -> None:  # noqa: ARG002  see ForkServerProcess
        """See ForkServerProcess."""
        if self.refuses:
            message = "there is no process left"
            raise NoWorkers(message)
        self.channel = socket.socket(fileno=os.dup(channel.fileno()))
        self.channel.settimeout(10)
        self._status = os.dup(status)
        os.write(self._status, f"{os.getpid()}\n".encode())

    def kill(self, number: int) -> None:  # noqa: ARG002  there is one
        """See ForkServerProcess."""
        self.kills += 1
        self.end(-9)

    def end(self, code: int) -> None:
        """End the worker."""
        if self._status >= 0:
            os.write(self._status, f"{code}\n".encode())
            os.close(self._status)
            self._status = -1
        if self.channel is not None:
            self.channel.close()

    def say(self, data: bytes) -> None:
        """Say something to the agent."""
        assert self.channel is not None
        self.channel.sendall(data)


class Office:
    """One process, and all that is heard of it."""

    def __init__(self) -> None:
        self.failed = threading.Event()
        self.hub = Hub("test", on_failure=self.failed.set)
        self.server = StandIn()
        self.heard: list[sayings.Saying] = []
        self.exits: list[Exit] = []
        self.order = Order(artifact=b"{}", surroundings=FlowSurroundings(device_id="d", flow_id="f"), limits=LIMITS)
        self.process = WorkerProcess(
            self.hub,
            self.server,
            self.order,
            on_heard=lambda saying, _: self.heard.append(saying),
            on_end=self.exits.append,
        )

    def begin(self) -> None:
        """Begin it; returns when it was forked."""
        self.do(self.process.begin)

    def do(self, action: Callable[[], None]) -> None:
        """Do something on the hub's thread."""
        done = threading.Event()
        self.hub.call(action)
        self.hub.call(done.set)
        assert done.wait(10)

    def end(self) -> Exit:
        """Wait for the end."""
        return wait_for(lambda: self.exits[0] if self.exits else None, what="it has ended")


@pytest.fixture
def office() -> Iterator[Office]:
    """One process, that is over in the end."""
    made = Office()
    yield made
    made.server.end(0)
    if made.hub.is_begun:
        made.end()
    made.hub.stop()
    assert not made.failed.is_set()
    assert len(made.exits) <= 1, "its end is told once"


def test_it_gets_its_order_first_and_is_heard_until_its_end(office: Office) -> None:
    office.begin()
    assert office.server.channel is not None
    first = next(FrameReader(MAX_WAITING_BYTES).feed(office.server.channel.recv(65_536)))
    assert Order.load(first.body).surroundings.flow_id == "f"
    office.server.say(encode({"kind": "alive"}) + encode({"kind": "checked"}))
    office.server.end(3)
    assert office.end() == Exit(3)
    assert office.heard == [sayings.Alive(), sayings.Checked()], "its last words are heard, too"


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(struct.pack("!II", MAX_ABOUT_BYTES + 1, 0), id="a frame that is too long"),
        pytest.param(struct.pack("!II", 1, 2**31), id="a body that is too long"),
        pytest.param(struct.pack("!II", 3, 0) + b"abc", id="no JSON"),
        pytest.param(struct.pack("!II", 2, 0) + b"[]", id="no object"),
        pytest.param(encode({"kind": "teleport"}), id="no known kind"),
        pytest.param(encode({"kind": "publish", "id": -1, "topic": "a"}), id="a number that is none"),
        pytest.param(encode({"kind": "health", "health": "splendid"}), id="no known health"),
        pytest.param(encode({"kind": "health", "health": "healthy", "proof": 181}), id="needs too long to fail"),
        pytest.param(encode({"kind": "health", "health": "healthy", "proof_switched": -1}), id="needs less than none"),
        pytest.param(struct.pack("!II", 200_000, 0) + b"[" * 200_000, id="deep JSON"),
    ],
)
def test_one_that_talks_nonsense_is_ended(office: Office, nonsense: bytes) -> None:
    office.begin()
    office.server.say(nonsense)
    assert "said what nobody understands" in office.end().describe()
    assert office.server.kills == 1


@pytest.mark.slow
def test_one_that_says_nothing_is_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "START_SECONDS", 1)
    office.begin()
    assert office.end().describe() == "was ended, for it gave no sign of life for 1 s"


@pytest.mark.slow
def test_one_that_closes_its_channel_and_goes_on_is_ended(office: Office) -> None:
    office.begin()
    office.server.say(encode({"kind": "alive"}))
    wait_for(lambda: office.heard or None, what="it is heard")
    assert office.server.channel is not None
    office.server.channel.shutdown(socket.SHUT_RDWR)
    assert "no sign of life" in office.end().describe()


def test_one_that_cannot_be_forked_ends_at_once_and_it_is_not_its_doing(office: Office) -> None:
    office.server.refuses = True
    office.begin()
    exit_ = office.end()
    assert exit_.describe() == "could not be started: there is no process left"
    assert not exit_.is_its_own


def test_one_that_does_not_read_loses_what_it_need_not_hear_and_holds_up_nobody(office: Office) -> None:
    office.begin()
    body = b"x" * 100_000
    kept = 0
    while office.process.say({"kind": "message"}, body, must=False):
        kept += 1
        assert kept < 1_000
    assert office.process.dropped == 1
    assert office.process.say({"kind": "stop"}), "what must be heard is kept"
    office.do(lambda: None)


def test_one_that_talks_without_end_is_heard_at_a_bounded_rate(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "SAYINGS_A_SECOND", 50.0)
    office.process = WorkerProcess(
        office.hub,
        office.server,
        office.order,
        on_heard=lambda s, _: office.heard.append(s),
        on_end=office.exits.append,
    )
    office.begin()
    talking = threading.Thread(target=_talk, args=(office.server,), daemon=True)
    talking.start()
    wait_for(lambda: len(office.heard) > 50 or None, what="it is heard")
    first = len(office.heard)
    wait_for(lambda: len(office.heard) > first or None, what="it is heard again")
    assert not office.exits, "it lives, for it talks"
    office.server.end(0)
    talking.join(10)


def _talk(server: StandIn) -> None:
    try:
        for _ in range(20_000):
            server.say(encode({"kind": "alive"}))
    except OSError:
        pass  # it was ended


@given(
    frames=st.lists(
        st.tuples(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20)), st.binary(max_size=50)),
        max_size=6,
    ),
    sizes=st.lists(st.integers(min_value=1, max_value=40), min_size=1),
)
@pytest.mark.slow
def test_frames_arrive_whole_however_they_are_cut(frames: list[tuple[dict[str, Any], bytes]], sizes: list[int]) -> None:
    data = b"".join(encode(about, body) for about, body in frames)
    reader = FrameReader(100)
    came: list[Frame] = []
    turn = 0
    while data:
        piece, data = data[: sizes[turn % len(sizes)]], data[sizes[turn % len(sizes)] :]
        turn += 1
        came.extend(reader.feed(piece))
    assert [(frame.about, frame.body) for frame in came] == frames


@given(data=st.binary(max_size=200) | st.text().map(lambda text: json.dumps(text).encode()))
@pytest.mark.slow
def test_any_bytes_are_frames_or_refused_with_one_error(data: bytes) -> None:
    reader = FrameReader(1_000)
    with contextlib.suppress(FrameError):
        for frame in reader.feed(struct.pack("!II", len(data), 0) + data):
            assert sayings.read_saying(frame).kind
