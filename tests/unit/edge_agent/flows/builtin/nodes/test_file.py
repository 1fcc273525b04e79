"""``file``: what messages leave in files, and what files put in messages."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.edge_agent.flows.builtin.single import NODE_ID, SingleNode


def _node(tmp_path: Path, action: str, **settings: Any) -> SingleNode:  # noqa: ANN401  any setting
    config = {"action": action, "path": "day/log.txt", **settings}
    it = SingleNode("file", config, files=tmp_path / "flow_abc123")
    assert it.start_error is None
    return it


def _content(tmp_path: Path) -> bytes:
    return (tmp_path / "flow_abc123" / "day" / "log.txt").read_bytes()


@pytest.mark.parametrize(
    ("settings", "payload", "content"),
    [
        ({}, "é", b"\xc3\xa9\n"),
        ({"newline": False}, "a", b"a"),
        ({}, {"a": "é"}, b'{"a": "\xc3\xa9"}\n'),
        ({"format": "json"}, "a", b'"a"\n'),
        ({"format": "lines"}, ["a", 1, {"b": None}], b'a\n1\n{"b": null}\n'),
        ({"format": "lines"}, [], b""),
        ({"property": "t"}, {"t": "x"}, b"x\n"),
        ({}, "\ud800", b"?\n"),
    ],
)
def test_a_payload_is_written_and_goes_on(
    tmp_path: Path, settings: dict[str, Any], payload: object, content: bytes
) -> None:
    assert _node(tmp_path, "write", **settings).answers(payload, payload) == [payload, payload]
    assert _content(tmp_path) == content
    assert _node(tmp_path, "append", **settings).answers(payload) == [payload]
    assert _content(tmp_path) == content * 2


@pytest.mark.parametrize(
    ("settings", "content", "payload"),
    [
        ({}, "a\nb\n", "a\nb\n"),
        ({"format": "lines"}, "a\n\nb\u2028c\n", ["a", "", "b\u2028c"]),
        ({"format": "lines"}, "", []),
        ({"format": "json"}, "[1]\n", [1]),
    ],
)
def test_a_file_is_read_into_the_message(tmp_path: Path, settings: dict[str, Any], content: str, payload: Any) -> None:  # noqa: ANN401
    _node(tmp_path, "write", newline=False).send(content)
    reader = _node(tmp_path, "read", property="content", **settings)
    reader.send({"id": 1}, metadata={"unit": "x"})
    assert reader.sent[0].payload == {"id": 1, "content": payload}
    assert (reader.sent[0].source, reader.sent[0].metadata) == (NODE_ID, {"unit": "x"})


def test_a_file_is_deleted_if_there_is_one(tmp_path: Path) -> None:
    _node(tmp_path, "write").send("x")
    assert _node(tmp_path, "delete").answers(1, 2) == [1, 2]
    assert not (tmp_path / "flow_abc123/day/log.txt").exists()


def test_a_flow_that_stands_by_changes_no_file_but_reads_them(tmp_path: Path) -> None:
    _node(tmp_path, "write").send("live")
    for action in ("write", "append", "delete"):
        it = _node(tmp_path, action)
        it.muted = True
        assert it.answers("standby") == ["standby"]
    assert _content(tmp_path) == b"live\n"
    reader = _node(tmp_path, "read")
    reader.muted = True
    assert reader.answers(None) == ["live\n"]


@pytest.mark.parametrize(
    ("action", "settings", "content", "payload", "words"),
    [
        ("read", {}, None, {}, "There is no file 'day/log.txt'"),
        ("read", {"format": "json"}, b"{", {}, "is not json"),
        ("read", {}, b"\xff", {}, "is not text"),
        ("read", {"property": "a.b"}, b"x", {"a": 1}, "takes nothing at 'a.b'"),
        ("write", {"property": "a"}, None, {}, "had nothing at 'a'"),
        ("write", {"format": "lines"}, None, "x", "is no list"),
        ("append", {"format": "lines"}, None, ["a\nb"], "several lines"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_next_message_goes_on(
    tmp_path: Path, *, action: str, settings: dict[str, Any], content: bytes | None, payload: object, words: str
) -> None:
    if content is not None:
        (tmp_path / "flow_abc123/day").mkdir(parents=True)
        (tmp_path / "flow_abc123/day/log.txt").write_bytes(content)
    it = _node(tmp_path, action, **settings)
    assert it.answers(payload) == []
    assert words in it.errors[0]


def test_an_agent_without_a_folder_says_so() -> None:
    it = SingleNode("file", {"action": "read", "path": "f"})
    assert it.start_error == "This agent offers flows no folder for files."


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"path": "f"}, "Field required"),
        ({"action": "read"}, "Field required"),
        ({"action": "write", "path": "../f"}, "below the flow's folder"),
        ({"action": "rename", "path": "f"}, "Input should be"),
        ({"action": "append", "path": "f", "format": "json", "newline": False}, "need newline"),
    ],
)
def test_settings_that_make_no_sense_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SingleNode("file", config)
