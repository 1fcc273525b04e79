"""What is kept of crashes: by flow and version, within ten minutes, across restarts, by any clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.disk.crashes import CRASHES_FILE, LOOP, WITHIN, CrashFile
from tests.unit.edge_agent.device import FLOW, NOON, sha256

WHY = "was ended by SIGSEGV"


class Clock:
    """Shows what a test says."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """It shows noon."""
    return Clock()


def test_the_third_crash_within_ten_minutes_is_a_loop(tmp_path: Path, clock: Clock) -> None:
    file = CrashFile(tmp_path, clock)
    loops = []
    for _ in range(LOOP):
        loops.append(file.crashed(FLOW, sha256(1), WHY).in_loop)
        clock.now += WITHIN / LOOP
    assert loops == [False, False, True]


def test_crashes_that_are_far_apart_are_none(tmp_path: Path, clock: Clock) -> None:
    file = CrashFile(tmp_path, clock)
    for _ in range(10):
        assert not file.crashed(FLOW, sha256(1), WHY).in_loop
        clock.now += WITHIN / 2 + timedelta(seconds=1)


def test_they_are_kept_across_restarts_and_by_version(tmp_path: Path, clock: Clock) -> None:
    for _ in range(LOOP):
        CrashFile(tmp_path, clock).crashed(FLOW, sha256(1), WHY)
    again = CrashFile(tmp_path, clock)
    record = again.record(FLOW, sha256(1))
    assert record is not None
    assert (record.in_loop, record.why) == (True, WHY)
    assert again.record(FLOW, sha256(2)) is None
    assert again.record("flow_2", sha256(1)) is None
    assert not again.crashed(FLOW, sha256(2), WHY).in_loop, "another version begins anew"
    assert again.record(FLOW, sha256(1)) == record, "and takes nothing from the one before"


def test_a_loop_lasts_until_it_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    file = CrashFile(tmp_path, clock)
    for _ in range(LOOP):
        file.crashed(FLOW, sha256(1), WHY)
    clock.now += timedelta(days=1)
    assert file.record(FLOW, sha256(1)) is not None
    assert file.crashed(FLOW, sha256(1), WHY).in_loop, "one more crash is enough then"
    file.forget(FLOW, sha256(1))
    assert CrashFile(tmp_path, clock).record(FLOW, sha256(1)) is None


def test_flows_that_are_gone_are_forgotten(tmp_path: Path, clock: Clock) -> None:
    file = CrashFile(tmp_path, clock)
    for version in (1, 2):
        file.crashed(FLOW, sha256(version), WHY)
    file.keep_only({(FLOW, sha256(2))})
    again = CrashFile(tmp_path, clock)
    assert again.record(FLOW, sha256(1)) is None
    assert again.record(FLOW, sha256(2)) is not None


@given(shifts=st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=12))
@pytest.mark.slow
def test_whatever_the_clock_shows_a_crash_of_now_counts(
    shifts: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    clock = Clock()
    file = CrashFile(tmp_path_factory.mktemp("crashes"), clock)
    for shift in shifts:
        clock.now = datetime.fromtimestamp(NOON.timestamp() + shift, UTC)
        record = file.crashed(FLOW, sha256(1), WHY)
        assert record.at[-1] == clock.now
        assert file.record(FLOW, sha256(1)) == record


def test_starts_of_the_agent_are_counted_until_one_goes_well(tmp_path: Path) -> None:
    assert [CrashFile(tmp_path).agent_starts() for _ in range(3)] == [1, 2, 3]
    CrashFile(tmp_path).agent_is_well()
    assert CrashFile(tmp_path).agent_starts() == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"starts": "x"}', b'{"flows": {"f": {"no hash": {}}}}'])
def test_a_damaged_file_counts_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CRASHES_FILE).write_bytes(content)
    assert CrashFile(tmp_path).agent_starts() == 1
    assert CrashFile(tmp_path).agent_starts() == 2


def test_a_disk_that_takes_nothing_keeps_no_flow_from_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = CrashFile(tmp_path)
    monkeypatch.setattr("edge_agent.disk.crashes.write_atomically", full)
    assert [file.crashed(FLOW, sha256(1), WHY).in_loop for _ in range(LOOP)] == [False, False, True]


def test_how_often_node_red_went_down_within_ten_minutes_is_kept_across_restarts(tmp_path: Path, clock: Clock) -> None:
    assert CrashFile(tmp_path, clock).node_red_went_down() == 1
    clock.now += WITHIN / 2
    assert CrashFile(tmp_path, clock).node_red_went_down() == 2
    clock.now += WITHIN / 2 + timedelta(seconds=1)
    assert CrashFile(tmp_path, clock).node_red_went_down() == 2


def test_a_version_that_was_found_to_be_the_cause_stays_quarantined_until_it_is_forgotten(
    tmp_path: Path, clock: Clock
) -> None:
    CrashFile(tmp_path, clock).quarantined(FLOW, sha256(1), "ended")
    clock.now += timedelta(days=30)
    again = CrashFile(tmp_path, clock)
    record = again.record(FLOW, sha256(1))
    assert record is not None
    assert (record.in_loop, record.why) == (True, "ended")
    again.forget(FLOW, sha256(1))
    assert again.record(FLOW, sha256(1)) is None
