"""What is on the device's disk: the state, the artifacts, and one agent at a time."""

import errno
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from edge_agent.disk.files import make_folder, write_atomically
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import (
    STATE_BEFORE_FILE,
    STATE_FILE,
    AgentState,
    StateError,
    StateFile,
    damaged_files,
    only_agent_of,
    read_state,
)
from edge_agent.disk.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable, StoreFull
from tests.unit.edge_agent.device import NOON, artifact_bytes, sha256, sha256_of


def test_a_write_that_is_cut_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"old")

    def fails(_: int) -> None:
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"], "a full disk gets its room back"
    monkeypatch.undo()
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_folder_is_made_to_last_with_those_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("edge_agent.disk.files.sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b" / "c", 0o700)
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]
    assert (tmp_path / "a" / "b" / "c").stat().st_mode & 0o777 == 0o700
    make_folder(tmp_path / "a" / "b" / "c")
    assert len(synced) == 3, "what is there is left alone"


def test_state_is_read_back_after_a_restart(tmp_path: Path) -> None:
    live = InstalledVersion(version=3, sha256=sha256(1), since=NOON)
    state = AgentState(sequence=9, flows={"flow_1": live})
    StateFile(tmp_path, lambda: NOON).write(state)
    assert StateFile(tmp_path, lambda: NOON).state == state


def test_a_device_that_is_new_knows_nothing(tmp_path: Path) -> None:
    assert read_state(tmp_path / "not" / "there") == AgentState()


def _flows(number: int) -> AgentState:
    return AgentState(sequence=number, flows={"flow_1": InstalledVersion(version=number, sha256=sha256(1), since=NOON)})


DAMAGES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "cut off": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "a byte another": lambda content: content.replace(b'"version": 2', b'"version": 7'),
    "zeros": lambda content: b"\0" * len(content),
    "of another shape": lambda _: b'{"flows": 7}',
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_of_a_damaged_state_the_one_before_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    file = StateFile(tmp_path, lambda: NOON)
    file.write(_flows(1))
    file.write(_flows(2))
    path = tmp_path / STATE_FILE
    damaged = DAMAGES[damage](path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(StateError, match="damaged"):
        read_state(tmp_path)
    found = StateFile(tmp_path, lambda: NOON)
    assert found.state == _flows(1)
    (aside,) = damaged_files(tmp_path)
    assert (tmp_path / aside).read_bytes() == damaged, "nothing is lost"
    assert aside in caplog.text
    assert read_state(tmp_path) == _flows(1), "who only looks is told what the agent goes by"
    found.write(_flows(3))
    assert StateFile(tmp_path, lambda: NOON).state == _flows(3)


def test_when_both_are_damaged_the_device_begins_anew_and_both_are_kept(tmp_path: Path) -> None:
    file = StateFile(tmp_path, lambda: NOON)
    file.write(_flows(1))
    file.write(_flows(2))
    for name in (STATE_FILE, STATE_BEFORE_FILE):
        (tmp_path / name).write_bytes(b"{")
    assert StateFile(tmp_path, lambda: NOON).state == AgentState()
    assert len(damaged_files(tmp_path)) == 2


def test_the_state_of_an_agent_of_before_is_read(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text(_flows(1).model_dump_json(indent=1))
    assert StateFile(tmp_path, lambda: NOON).state == _flows(1)


def test_an_agent_of_before_reads_the_state(tmp_path: Path) -> None:
    StateFile(tmp_path, lambda: NOON).write(_flows(1))
    assert AgentState.model_validate_json((tmp_path / STATE_FILE).read_bytes()) == _flows(1)


def test_a_disk_without_links_keeps_the_state_before_as_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    file = StateFile(tmp_path, lambda: NOON)
    file.write(_flows(1))
    file.write(_flows(2))
    (tmp_path / STATE_FILE).write_bytes(b"{")
    assert StateFile(tmp_path, lambda: NOON).state == _flows(1)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_disk_that_cannot_give_the_state_back_any_more_does_not_keep_the_agent_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, read_only: bool
) -> None:
    file = StateFile(tmp_path, lambda: NOON)
    file.write(_flows(1))
    file.write(_flows(2))
    read = Path.read_bytes

    def fail(path: Path) -> bytes:
        if path.name == STATE_FILE:
            raise OSError(errno.EIO, "Input/output error")
        return read(path)

    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "read_bytes", fail)
    if read_only:
        monkeypatch.setattr(Path, "replace", refuse)
    assert StateFile(tmp_path, lambda: NOON).state == _flows(1)
    assert ("it cannot be set aside: Read-only file system" in caplog.text) is read_only


def test_a_state_that_may_not_be_read_is_not_taken_for_a_new_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    StateFile(tmp_path, lambda: NOON).write(_flows(1))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StateError, match="Permission denied"):
        StateFile(tmp_path, lambda: NOON)


def test_sequences_never_go_back_when_the_clock_does(tmp_path: Path) -> None:
    now = [datetime(2026, 2, 21, tzinfo=UTC)]
    file = StateFile(tmp_path, lambda: now[0])
    first = file.next_sequence()
    file.write(AgentState(sequence=first))
    now[0] -= timedelta(days=400)
    assert file.next_sequence() == first + 1


def test_reports_go_on_in_their_order_after_a_restart_with_a_clock_that_went_back(tmp_path: Path) -> None:
    now = [datetime(2026, 2, 21, tzinfo=UTC)]
    file = StateFile(tmp_path, lambda: now[0])
    said = []
    for _ in range(5):
        said += [file.next_report(), file.next_sequence()]
        now[0] += timedelta(minutes=4)
    now[0] -= timedelta(days=20_000)
    again = StateFile(tmp_path, lambda: now[0])
    said += [again.next_report(), again.next_sequence(), again.next_report()]
    assert said == sorted(set(said))
    now[0] += timedelta(days=40_000)
    assert again.next_report() == int(now[0].timestamp() * 1_000), "ahead it is by no more than it must"


def test_a_disk_that_takes_nothing_does_not_keep_reports_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _content: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    file = StateFile(tmp_path, lambda: NOON)
    monkeypatch.setattr("edge_agent.disk.sequence.write_atomically", refuse)
    assert file.next_report() < file.next_report()
    (tmp_path / "sequence").write_text("so many")
    assert StateFile(tmp_path, lambda: NOON).next_report() == int(NOON.timestamp() * 1_000)


def test_a_folder_keeps_its_id_and_a_new_one_has_another(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "data", lambda: NOON)
    file.next_report()
    assert StateFile(tmp_path / "data", lambda: NOON).epoch == file.epoch
    assert StateFile(tmp_path / "other", lambda: NOON).epoch != file.epoch


@pytest.mark.parametrize("damage", [None, b"", b"so many", b"\xff\x00"])
@pytest.mark.parametrize("lost", ["sequence", "epoch"])
def test_numbers_that_were_lost_begin_again_under_another_id(tmp_path: Path, lost: str, damage: bytes | None) -> None:
    file = StateFile(tmp_path, lambda: NOON)
    before = file.next_report()
    if damage is None:
        (tmp_path / lost).unlink()
    else:
        (tmp_path / lost).write_bytes(damage)
    again = StateFile(tmp_path, lambda: NOON - timedelta(days=1))
    assert again.epoch != file.epoch
    assert (again.next_report() > before) is (lost == "epoch")
    assert StateFile(tmp_path, lambda: NOON).epoch == again.epoch


def test_a_folder_of_an_agent_of_before_gets_an_id_and_keeps_its_numbers(tmp_path: Path) -> None:
    ahead = int(NOON.timestamp() * 1_000) + 3_600_000
    (tmp_path / "sequence").write_text(str(ahead))
    file = StateFile(tmp_path, lambda: NOON)
    assert file.next_report() == ahead + 1
    assert StateFile(tmp_path, lambda: NOON).epoch == file.epoch


def test_one_folder_has_one_agent(tmp_path: Path) -> None:
    with only_agent_of(tmp_path), pytest.raises(StateError, match="another agent"), only_agent_of(tmp_path):
        pass
    with only_agent_of(tmp_path):
        assert (tmp_path / "lock").exists()


def test_an_artifact_is_kept_by_its_hash_and_checked_when_it_is_read(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    store.put(sha256(1), artifact_bytes(1))
    assert store.has(sha256(1))
    assert store.get(sha256(1)).canonical_bytes() == artifact_bytes(1)
    (tmp_path / "artifacts" / f"{sha256(1)}.json").write_bytes(b"{}")
    assert not store.has(sha256(1))
    with pytest.raises(ArtifactDamaged, match="damaged"):
        store.get(sha256(1))
    with pytest.raises(ArtifactDamaged, match="cannot be read"):
        store.get(sha256(2))


def test_right_bytes_that_are_no_flow_are_told_from_damage(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    content = b'{"schema": "edgeflow.flow/1", "definition": {"nodes": 7}}'
    store.put(sha256_of(content), content)
    with pytest.raises(ArtifactUnreadable, match="definition/nodes"):
        store.get(sha256_of(content))


def test_what_is_not_wanted_is_removed(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    for version in (1, 2):
        store.put(sha256(version), artifact_bytes(version))
    store.keep_only({sha256(2)})
    assert (store.has(sha256(1)), store.has(sha256(2))) == (False, True)


def test_a_store_that_is_full_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, limit=len(artifact_bytes(1)) + 10)
    store.put(sha256(1), artifact_bytes(1))
    with pytest.raises(StoreFull, match="store_limit"):
        store.put(sha256(2), artifact_bytes(2))
    assert (store.has(sha256(1)), store.has(sha256(2))) == (True, False)
    store.keep_only([])
    store.put(sha256(2), artifact_bytes(2))


def test_what_a_cut_write_left_behind_goes_and_a_folder_of_somebody_s_stays(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    store.put(sha256(1), artifact_bytes(1))
    (tmp_path / "artifacts" / ".x.json.new").write_bytes(b"half")
    (tmp_path / "artifacts" / "lost+found").mkdir()
    store.keep_only([sha256(1)])
    assert sorted(path.name for path in (tmp_path / "artifacts").iterdir()) == [f"{sha256(1)}.json", "lost+found"]
    store.put(sha256(2), artifact_bytes(2))
