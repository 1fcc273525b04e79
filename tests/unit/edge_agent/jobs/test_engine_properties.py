"""Any story of jobs, power cuts, lost connections and cancels ends with the device as the cloud has it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.disk.state import AgentState
from edge_agent.jobs.ports import OPEN, Offline
from tests.unit.edge_agent.device import (
    FLOW,
    REMOVE,
    Device,
    Power,
    PowerCut,
    activate,
    apply,
    stage,
)
from tests.unit.edge_agent.writes import watch_writes

JOBS = [
    REMOVE,
    *(ask(version) for version in (1, 2, 3) for ask in (apply, stage, activate)),
    *(activate(version, artifact=True, clear_standby=True) for version in (1, 2, 3)),
]
TROUBLES = ("power cut", "offline", "silence", "cancel")

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
        self.device = Device(folder, POWER).pin()
        if before is not None:
            self.device.install(before)
        self.before = before
        self.device.bad = bad
        self.troubles = list(troubles)
        self.told = [kind for kind, _ in troubles]
        self.jobs: list[str] = []

    def ask(self, document: dict[str, Any]) -> None:
        """Queue a job."""
        name = f"dep_{len(self.jobs) + 1}-w00001-0000"
        self.jobs.append(name)
        self.device.cloud.queue(document, name)

    def tell(self) -> None:
        """Let it all happen."""
        self._await_trouble()
        booted = False
        for _ in range(5 * len(self.told) + 3):
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
            assert state.job.slots_before == state.slots(FLOW) or state.job.activated

    def expected(self) -> tuple[int | None, int | None]:
        """Return the versions that should be live and stand by, by what the cloud has; and hold each end to reason."""
        live, standby = self.before, None
        for name in self.jobs:
            status, document = self.device.cloud.executions[name]
            version = document.get("version")
            after = slots_after(document, live, standby)
            possible = after is not None and version not in self.device.bad
            if status == "FAILED" and possible:
                assert self.device.cloud.details[name]["reason"] == "connection_lost"
                assert "silence" in self.told
            else:
                assert status in {"SUCCEEDED" if possible else "FAILED", "CANCELED"}
            if status == "SUCCEEDED" and after is not None:
                live, standby = after
            elif status == "FAILED" and standby == version:
                standby = None
        return live, standby

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
            case "silence":
                self.device.cloud.silent_calls = 4
            case _:
                at_work = [name for name in self.jobs if self.device.cloud.status(name) in OPEN][:1]
                for name in at_work:
                    self.device.cloud.cancel(name)
                    self.device.engine.look_again()


def slots_after(
    document: dict[str, Any], live: int | None, standby: int | None
) -> tuple[int | None, int | None] | None:
    """Return what a job that succeeds leaves live and standing by; None when the slots do not hold what it wants."""
    version = document.get("version")
    match document["operation"]:
        case "apply":
            return version, None
        case "stage":
            return live, version
        case "remove":
            return None, None
        case _:
            return switched(document, live, standby)


def switched(document: dict[str, Any], live: int | None, standby: int | None) -> tuple[int | None, int | None] | None:
    """Return what a switch leaves."""
    version = document["version"]
    if live == version:
        after = live, standby
    elif standby == version:
        after = standby, live
    elif "artifact" in document:
        after = version, None
    else:
        return None
    return (after[0], None) if document["clear_standby"] else after


def assert_can_run(device: Device, state: AgentState) -> None:
    """What a restart brings up, and what it may have to go back to, is on disk."""
    job = state.job
    slots = [state.slots(FLOW), *([job.slots_before] if job else [])]
    for held in (version for each in slots for version in each.by_slot().values()):
        assert device.has(held.version), f"version {held.version} can be started"


@settings(max_examples=300, deadline=None)
@given(
    before=st.sampled_from([None, 1]),
    bad=st.sets(st.sampled_from([2, 3])),
    jobs=st.lists(st.sampled_from(JOBS), min_size=1, max_size=4),
    troubles=st.lists(st.tuples(st.sampled_from(TROUBLES), st.integers(1, 40)), max_size=5),
)
@pytest.mark.slow
def test_any_story_ends_as_the_cloud_has_it(
    before: int | None, bad: set[int], jobs: list[dict[str, Any]], troubles: list[Trouble]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), before, bad, troubles)
        for job in jobs:
            story.ask(job)
        with patch("edge_agent.jobs.engine.MAX_STARTS", len(troubles) + 2):  # no cut here is the version's doing
            story.tell()
        story.check()
        device = story.device
        assert all(device.cloud.status(name) not in OPEN for name in story.jobs)
        assert device.state.job is None
        assert (device.version, device.standby) == story.expected()
        assert (device.flows.now.get(FLOW), device.flows.standing_by.get(FLOW)) == (device.version, device.standby)
        kept = {version.sha256 for version in device.state.slots(FLOW).by_slot().values()}
        kept |= {version.sha256 for version in device.state.previous.values()}
        assert {path.stem for path in (device.directory / "artifacts").iterdir()} == kept, "nothing else takes room"
