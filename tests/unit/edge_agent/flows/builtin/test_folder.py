"""A flow's folder on a real file system: no path leads out of it, and no file outgrows it."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.builtin import folder as module
from edge_agent.flows.builtin.folder import MAX_FILE_BYTES, MAX_FOLDER_FILES, MAX_READ_BYTES, FlowFolder, FolderError
from edgeflow.contract.nodes.file_paths import MAX_LEVELS, parse_file_path


@pytest.fixture
def folder(tmp_path: Path) -> FlowFolder:
    return FlowFolder(tmp_path / "files" / "flow")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files" / "flow"


def test_what_is_written_is_read(folder: FlowFolder, root: Path) -> None:
    folder.write(("a", "b", "c.txt"), b"one")
    folder.append(("a", "b", "c.txt"), b" two")
    assert folder.read(("a", "b", "c.txt")) == b"one two"
    folder.write(("a", "b", "c.txt"), b"new")
    assert (root / "a/b/c.txt").read_bytes() == b"new"
    assert [file.name for file in (root / "a/b").iterdir()] == ["c.txt"]


def test_append_makes_the_file_and_delete_removes_it(folder: FlowFolder, root: Path) -> None:
    folder.append(("log",), b"x")
    folder.delete(("log",))
    folder.delete(("log",))
    folder.delete(("no", "such", "folder"))
    assert not list(root.iterdir())


@pytest.mark.parametrize("levels", [("nope",), ("no", "folder")])
def test_a_file_that_is_not_there_is_named(folder: FlowFolder, levels: tuple[str, ...]) -> None:
    with pytest.raises(FolderError, match="There is no file"):
        folder.read(levels)


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../x", "a/./x", "a//x", "a/", ".hidden", "a/.b", "a\\b", "a\0b", "a\nb",
     "x" * 256, "é" * 101, "/".join("x" * (MAX_LEVELS + 1))],
)  # fmt: skip
def test_a_path_that_would_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"below the flow's folder|has more than"):
        parse_file_path(path)


@given(st.text(st.sampled_from("ab./\\\0é"), max_size=12))
def test_every_accepted_path_stays_below(path: str) -> None:
    try:
        levels = parse_file_path(path)
    except ValueError:
        return
    assert os.path.normpath(Path("/below", *levels)) == f"/below/{path}"


def _actions(folder: FlowFolder, *levels: str) -> list[str]:
    """Try every action; return what each said."""
    errors = []
    for action in (
        lambda: folder.write(levels, b"x"),
        lambda: folder.append(levels, b"x"),
        lambda: folder.read(levels),
        lambda: folder.delete(levels),
    ):
        with pytest.raises(FolderError) as caught:
            action()
        errors.append(str(caught.value))
    return errors


@pytest.mark.parametrize("kind", ["symlink", "hard link", "folder", "pipe"])
def test_nothing_but_a_file_of_its_own_is_touched(folder: FlowFolder, root: Path, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    root.mkdir(parents=True)
    match kind:
        case "symlink":
            (root / "x").symlink_to(secret)
        case "hard link":
            (root / "x").hardlink_to(secret)
        case "folder":
            (root / "x").mkdir()
        case _:
            os.mkfifo(root / "x")
    assert all("no file of the flow's own" in error for error in _actions(folder, "x"))
    assert secret.read_text() == "secret"
    assert (root / "x").exists()


def test_no_path_goes_through_a_link(folder: FlowFolder, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("secret")
    root.mkdir(parents=True)
    (root / "out").symlink_to(outside)
    assert all("a link or a file, which no path may go through" in error for error in _actions(folder, "out", "f"))
    assert (outside / "f").read_text() == "secret"


def test_the_folder_itself_is_no_link(folder: FlowFolder, root: Path, tmp_path: Path) -> None:
    root.parent.mkdir()
    (tmp_path / "outside").mkdir()
    root.symlink_to(tmp_path / "outside")
    _actions(folder, "f")
    assert not list((tmp_path / "outside").iterdir())


def test_a_link_that_takes_the_place_of_a_half_written_file_is_not_followed(
    folder: FlowFolder, root: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    root.mkdir(parents=True)
    (root / ".x.new").symlink_to(secret)
    with pytest.raises(FolderError):
        folder.write(("x",), b"mine")
    assert secret.read_text() == "secret"


def test_a_file_has_a_largest_size(folder: FlowFolder) -> None:
    folder.write(("f",), bytes(MAX_FILE_BYTES))
    with pytest.raises(FolderError, match=f"at most {MAX_FILE_BYTES}"):
        folder.append(("f",), b"x")
    with pytest.raises(FolderError, match=f"at most {MAX_READ_BYTES} are read"):
        folder.read(("f",))


def test_a_flow_has_a_largest_size_and_number_of_files(folder: FlowFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FOLDER_BYTES", 10)
    folder.write(("a", "f"), bytes(6))
    folder.append(("g",), bytes(4))
    with pytest.raises(FolderError, match="more than 10 bytes together"):
        folder.append(("g",), b"x")
    folder.write(("a", "f"), bytes(5))
    folder.append(("g",), b"x")
    monkeypatch.setattr(module, "MAX_FOLDER_FILES", 2)
    with pytest.raises(FolderError, match="has 2 files"):
        folder.append(("h",), b"")
    assert MAX_FOLDER_FILES == 1_000


def test_a_disk_that_is_full_halves_no_file(folder: FlowFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(("f",), b"old")
    real_write = os.write
    written = 0

    def full(descriptor: int, content: bytes) -> int:
        nonlocal written
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real_write(descriptor, content[:2])
        return written

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(FolderError, match="no room left"):
        folder.append(("f",), b"more")
    monkeypatch.undo()
    assert folder.read(("f",)) == b"old"

    def fails(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(FolderError, match="no room left"):
        folder.write(("f",), b"new")
    monkeypatch.undo()
    assert folder.read(("f",)) == b"old"
    folder.write(("f",), b"new")
