"""`make demo` again and again, as a newcomer does it: stopped half-way, after `make down`, after a kill.

One local cloud of its own goes through all of it, because each deployment takes a while: each part begins where the one
before it ended.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from deployed.fleet import Fleet
from deployed.rest import Rest
from localcloud.emulator import Emulator
from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack, load
from tests.support.ports import free_ports
from tests.support.rollouts import Operator
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(900), pytest.mark.stack]

AT_MOST_SECONDS: Final = 400
"""One `make demo`, however busy the machine."""
LOOKS_EVERY_SECONDS: Final = 0.1
THERE_ALREADY: Final = [f"--old-file=.venv{which}/.complete" for which in ("", "-pip", "-sam", "-ministack")]
"""The environments that this test runs in are not to be made anew."""


class Clone:
    """What a newcomer does in a clone, with a data folder and ports of its own."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        gateway_port, mqtt_port = free_ports(2)
        self.settings = Settings(data_dir=folder / "cloud", gateway_port=gateway_port, mqtt_port=mqtt_port)
        self._said = folder / "said.txt"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        self._environment = inherited | {
            "LOCALCLOUD_DIR": str(self.settings.data_dir),
            "GATEWAY_PORT": str(gateway_port),
            "IOT_MTLS_PORT": str(mqtt_port),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def said(self) -> str:
        """What the last command has said up to now."""
        return self._said.read_text()

    @property
    def stack(self) -> Stack:
        """What is deployed."""
        return load(self.settings.data_dir)

    def begin(self, target: str) -> "subprocess.Popen[bytes]":
        """Begin with a target, in a process group as a terminal makes it."""
        command = ["make", *THERE_ALREADY, target, "STRATEGY=all_at_once"]
        with self._said.open("wb") as said:
            return subprocess.Popen(  # noqa: S603  names of ours
                command, cwd=ROOT, env=self._environment, stdout=said, stderr=said, start_new_session=True
            )

    def make(self, target: str) -> int:
        """Make a target; returns the exit code."""
        return self.end_of(self.begin(target))

    def end_of(self, command: "subprocess.Popen[bytes]") -> int:
        """Wait for the end of a command, which tells no traceback; returns its exit code."""
        try:
            code = command.wait(AT_MOST_SECONDS)
        finally:
            if command.poll() is None:
                os.killpg(command.pid, signal.SIGKILL)
                command.wait()
        assert "Traceback" not in self.said, self.said
        return code

    def wait_for_words(self, command: "subprocess.Popen[bytes]", words: str) -> None:
        """Wait until a command has said this."""
        wait_for(
            lambda: words in self.said or command.poll() is not None or None,
            what=f"it says: {words}",
            seconds=AT_MOST_SECONDS,
            every=LOOKS_EVERY_SECONDS,
        )
        assert words in self.said, self.said


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone in which nobody has done anything yet."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    yield clone
    Emulator(clone.settings).stop()


def test_ctrl_c_ends_it_in_a_sentence(clone: Clone) -> None:
    demo = clone.begin("demo")
    clone.wait_for_words(demo, "all_at_once: version 1 goes to")
    with closing(Rest(clone.stack)) as rest:
        wait_for(
            lambda: next(rest.every("deployments", "/deployments?status=running"), None),
            what="a rollout is under way",
            seconds=AT_MOST_SECONDS,
            every=LOOKS_EVERY_SECONDS,
        )
    os.killpg(demo.pid, signal.SIGINT)
    assert clone.end_of(demo) != 0
    assert "Stopped. " in clone.said


def test_the_next_one_begins_anew_whatever_was_left(clone: Clone) -> None:
    with closing(Rest(clone.stack)) as rest:
        (left,) = rest.every("deployments", "/deployments?status=running")
        assert clone.make("demo") == 0, clone.said
        # Cleared away, or gone back by itself: on a slow machine its wave's timeout comes first.
        assert rest.call("GET", f"/deployments/{left['id']}")["status"] in {"failed", "rolled_back"}
    assert "5 of 5 promises kept" in clone.said


def test_a_second_start_tells_the_same_story_and_a_kill_ends_it_in_a_sentence(clone: Clone, tmp_path: Path) -> None:
    assert clone.make("down") == 0
    demo = clone.begin("demo")
    clone.wait_for_words(demo, "all_at_once: version 1 goes to")
    os.killpg(demo.pid, signal.SIGSTOP)  # or it may be at its end before the kill
    mine = somebody_elses_rollout(clone, tmp_path)
    pid = Emulator(clone.settings).pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.killpg(demo.pid, signal.SIGCONT)
    assert clone.end_of(demo) != 0
    assert "the demo failed: the local cloud does not answer" in clone.said

    assert clone.make("demo") == 0, clone.said
    assert f"{mine} was under way when the local cloud ended: it is failed now" in clone.said
    assert "5 of 5 promises kept" in clone.said
    with closing(Rest(clone.stack)) as rest:
        ended = rest.call("GET", f"/deployments/{mine}")
        assert (ended["status"], "its execution ended" in ended["status_reason"]) == ("failed", True)
        assert rest.call("GET", "/devices/mine")["device_id"] == "mine", "only the demo's own is cleared away"
        assert rest.call("GET", f"/flows/{ended['flow_id']}")["id"] == ended["flow_id"]
    assert clone.make("down") == 0


def test_it_passes_again_after_a_down_in_order(clone: Clone) -> None:
    assert clone.make("demo") == 0, clone.said
    assert "5 of 5 promises kept" in clone.said
    assert clone.make("down") == 0, clone.said


def somebody_elses_rollout(clone: Clone, folder: Path) -> str:
    """Start a rollout to a device that never answers; returns its id when it is under way, and saved."""
    Fleet(clone.stack, folder).register(["mine"])
    with closing(Rest(clone.stack)) as rest:
        operator = Operator(rest)
        deployment_id = operator.create(operator.flow(), ["mine"], strategy="all_at_once", timeout="30m")
        operator.start(deployment_id)
        wait_for(
            lambda: operator.statuses(deployment_id)["mine"] == "deploying" or None,
            what="its wave is dispatched",
            seconds=60,
            every=LOOKS_EVERY_SECONDS,
        )
    saved = clone.settings.data_dir / "state" / "stepfunctions.json"
    wait_for(
        lambda: (saved.exists() and f"{deployment_id}-wave-1" in saved.read_text()) or None,
        what="the local cloud is saved",
        seconds=60,
        every=LOOKS_EVERY_SECONDS,
    )
    return deployment_id
