"""Any story of jobs, power cuts, lost connections and cancels ends with the device as the cloud has it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.ports import OPEN, Offline
from edge_agent.state import AgentState
from tests.unit.edge_agent.device import FLOW, REMOVE, Device, Power, PowerCut, apply, watch_writes

REMOVES = 0
"""Stands for a job that removes the flow, where others have the version they apply."""
TROUBLES = ("power cut", "offline", "cancel")

Trouble = tuple[str, int]
"""What happens, and how many moments after the one before."""


@pytest.fixture(autouse=True, scope="module")
def _writes_are_moments() -> Iterator[Power]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        watch_writes(POWER, monkeypatch)
        yield POWER


POWER = Power()


class Story:
    """One device and its troubles, in order; after the last one nothing disturbs it any more."""

    def __init__(self, folder: Path, before: int | None, bad: set[int], troubles: list[Trouble]) -> None:
        """Begin with the device at rest."""
        POWER.at, POWER.happens = None, None
        self.device = Device(folder, POWER)
        if before is not None:
            self.device.install(before)
        self.before = before
        self.device.bad = bad
        self.troubles = list(troubles)
        self.jobs: list[str] = []

    def ask(self, job: int) -> None:
        """Queue a job: a version to apply, or the removal."""
        name = f"dep_{len(self.jobs) + 1}-w00001-0000"
        self.jobs.append(name)
        self.device.cloud.queue(REMOVE if job == REMOVES else apply(job), name)

    def tell(self) -> None:
        """Let it all happen."""
        self._await_trouble()
        booted = False
        for _ in range(3 * len(self.troubles) + 3):
            try:
                if not booted:
                    self.device.boot()
                    booted = True
                self.device.engine.work()
            except PowerCut:
                booted = False
            except Offline:
                pass
            else:
                return
            self.check()
        message = "it never comes to an end"
        raise AssertionError(message)

    def check(self) -> None:
        """Hold what is on disk, at any moment, to what the cloud was told and to itself."""
        state = self.device.state
        assert_can_run(self.device, state)
        ended = [name for name, _ in self.device.cloud.ends]
        assert len(ended) == len(set(ended)), "one end a job"
        if state.job is not None and state.job.outcome is None:
            assert state.job.before == state.flows.get(FLOW) or state.job.activated

    def expected(self) -> int | None:
        """Return the version that the device should run, by what the cloud has."""
        runs = self.before
        for name in self.jobs:
            status, document = self.device.cloud.executions[name]
            if status == "SUCCEEDED":
                runs = document.get("version")
        return runs

    def _await_trouble(self) -> None:
        if self.troubles:
            kind, after = self.troubles.pop(0)
            POWER.at = POWER.moments + after
            POWER.happens = lambda: self._strike(kind)

    def _strike(self, kind: str) -> None:
        self._await_trouble()
        match kind:
            case "power cut":
                raise PowerCut
            case "offline":
                self.device.cloud.offline_at = self.device.cloud.calls + 1
            case _:
                at_work = [name for name in self.jobs if self.device.cloud.status(name) in OPEN][:1]
                for name in at_work:
                    self.device.cloud.cancel(name)
                    self.device.engine.look_again()


def assert_can_run(device: Device, state: AgentState) -> None:
    """What a restart brings up, and what it may have to go back to, is on disk."""
    job = state.job
    wanted = [live.version for live in state.flows.values()] + ([job.before.version] if job and job.before else [])
    for version in wanted:
        assert device.has(version), f"version {version} can be started"


@settings(max_examples=300, deadline=None)
@given(
    before=st.sampled_from([None, 1]),
    bad=st.sets(st.sampled_from([2, 3])),
    jobs=st.lists(st.sampled_from([1, 2, 3, REMOVES]), min_size=1, max_size=3),
    troubles=st.lists(st.tuples(st.sampled_from(TROUBLES), st.integers(1, 40)), max_size=5),
)
def test_any_story_ends_as_the_cloud_has_it(
    before: int | None, bad: set[int], jobs: list[int], troubles: list[Trouble]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), before, bad, troubles)
        for job in jobs:
            story.ask(job)
        with patch("edge_agent.engine.MAX_STARTS", len(troubles) + 2):  # no cut here is the version's doing
            story.tell()
        story.check()
        device = story.device
        assert all(device.cloud.status(name) not in OPEN for name in story.jobs)
        assert device.state.job is None
        assert device.version == story.expected()
        assert device.flows.now == ({} if device.version is None else {FLOW: device.version})
        for name, version in zip(story.jobs, jobs, strict=True):
            allowed = {"FAILED", "CANCELED"} if version in bad else {"SUCCEEDED", "CANCELED"}
            assert device.cloud.status(name) in allowed
        kept = {live.sha256 for live in device.state.flows.values()}
        kept |= {live.sha256 for live in device.state.previous.values()}
        assert {path.stem for path in (device.directory / "artifacts").iterdir()} == kept, "nothing else takes room"
