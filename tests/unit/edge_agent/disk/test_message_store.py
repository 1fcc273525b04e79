"""Messages on disk: what happens to a file that is damaged, a disk that is full, and one that fails."""

import logging
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.disk.message_store import MessageStore
from edge_agent.disk.stored_message import MESSAGES_FILE, ROW_BYTES, StoredMessage, StoreFull, StoreUnusable

LIMIT = 1024 * 1024


@contextmanager
def opened(folder: Path, limit: int = LIMIT) -> Iterator[MessageStore]:
    """Open the store, and close it."""
    store = MessageStore(folder, limit)
    try:
        yield store
    finally:
        store.close()


def _all(store: MessageStore) -> list[StoredMessage]:
    return store.after(0, count=10_000, size=LIMIT)


def test_what_was_added_is_there_in_order_after_it_was_opened_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        added = [store.add("a" if each % 2 else "b", b"\x00%d" % each) for each in range(100)]
        store.remove(added[:10])
    with opened(tmp_path) as store:
        assert _all(store) == added[10:]
        assert store.used == sum(each.size for each in added[10:])
        store.remove(_all(store))
        assert store.used == 0
        assert not store.holds("a")
        assert store.add("a", b"").id > added[-1].id, "no id is used twice"


def test_a_part_is_bounded_by_number_and_by_bytes(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        added = [store.add("a", b"x" * 100) for _ in range(10)]
        assert store.after(added[2].id, count=3, size=LIMIT) == added[3:6]
        assert store.after(0, count=10, size=250) == added[:2]
        assert store.after(0, count=10, size=1) == added[:1], "or one that is larger would never go"


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3_000), st.booleans()), max_size=60),
    st.integers(1_000, 20_000),
)
@settings(deadline=None, max_examples=40)
def test_the_limit_holds_and_every_topic_finds_room(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, int, bool]], limit: int
) -> None:
    used: dict[str, int] = {}
    with opened(tmp_path_factory.mktemp("store"), limit) as store:
        for topic, size, removed in messages:
            counts = len(topic) + size + ROW_BYTES
            fits = used.get(topic, 0) + counts <= limit - sum(used.values())
            try:
                message = store.add(topic, b"x" * size)
            except StoreFull:
                assert not fits
                continue
            assert fits
            if removed:
                store.remove([message])
            else:
                used[topic] = used.get(topic, 0) + counts
            assert store.used == sum(used.values()) <= limit


@pytest.mark.parametrize("damage", [b"nothing of SQLite's" * 100, b"SQLite format 3\x00" + b"\xff" * 4_080])
def test_a_file_that_is_damaged_is_set_aside_and_told(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / MESSAGES_FILE).write_bytes(damage)
    with caplog.at_level(logging.ERROR), opened(tmp_path) as store:
        store.add("a", b"1")
    assert "set aside" in caplog.text
    assert (tmp_path / f"{MESSAGES_FILE}.damaged").read_bytes() == damage
    with opened(tmp_path) as store:
        assert [each.data for each in _all(store)] == [b"1"]


def test_a_page_that_is_damaged_is_found_when_it_is_opened_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        before = store.file
        for _ in range(1_000):
            store.add("a", b"x" * 400)
    file = tmp_path / MESSAGES_FILE
    content = bytearray(file.read_bytes())
    content[8_192:-4_096] = b"\xff" * (len(content) - 12_288)
    file.write_bytes(content)
    with opened(tmp_path) as store:
        assert _all(store) == []
        assert store.file != before


def test_a_disk_that_is_full_refuses_a_message_and_takes_the_next_when_there_is_room(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with opened(tmp_path) as store:
        store.add("a", b"1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(StoreUnusable, match=MESSAGES_FILE):
                store.add("a", b"x" * 200_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, ignored)
        store.add("a", b"2")
        assert [each.data for each in _all(store)] == [b"1", b"2"]


def test_sync_brings_all_into_the_file_itself(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.add("a", b"1")
        store.sync()
        copy = tmp_path / "copy.db"
        copy.write_bytes((tmp_path / MESSAGES_FILE).read_bytes())
        connection = sqlite3.connect(copy)
        assert connection.execute("SELECT topic, data FROM messages").fetchall() == [("a", b"1")]
        connection.close()


def test_the_log_does_not_grow_while_messages_come_and_go(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for _ in range(50):
            added = [store.add("a", b"x" * 1_000) for _ in range(20)]
            store.remove(added)
            store.sync()
        log = tmp_path / f"{MESSAGES_FILE}-wal"
        assert log.stat().st_size < 512 * 1024
        assert (tmp_path / MESSAGES_FILE).stat().st_size < 512 * 1024
