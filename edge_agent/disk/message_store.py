"""Messages that wait on disk until the broker has acknowledged them, in the order in which they came."""

import contextlib
import logging
import secrets
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge_agent.disk.files import make_folder
from edge_agent.disk.stored_message import (
    MESSAGES_FILE,
    ROW_BYTES,
    StoredMessage,
    StoreFull,
    StoreUnusable,
    size_of,
)

_BUSY_SECONDS: Final = 5.0
_FILES: Final = 2**31 - 1
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL)
"""

_log = logging.getLogger(__name__)


class MessageStore:
    """One file. All methods are thread-safe; who has opened it closes it.

    What is added survives the end of the program at once, and a power cut from the next :meth:`sync` on. A power cut
    leaves no half of a message; one that was removed may be there again.

    Attributes:
        file: tells this file from any other that was in its place.
    """

    file: int

    def __init__(self, folder: Path, limit: int) -> None:
        """Open the file in this folder, or begin it; it holds messages of at most ``limit`` bytes in all.

        One that is damaged is set aside, under another name, and the store begins anew.

        Raises:
            StoreUnusable: neither works.
        """
        self._path = folder / MESSAGES_FILE
        self._limit = limit
        self._lock = threading.Lock()
        self._changed = False
        try:
            make_folder(folder)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._set_aside(error)
                self._open()
        except (sqlite3.Error, OSError) as error:
            message = f"{self._path} cannot be used: {error}"
            raise StoreUnusable(message) from error

    def _open(self) -> None:
        with contextlib.ExitStack() as opened:
            connection = opened.enter_context(contextlib.closing(self._connect()))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # sync does that, on a thread that may wait
            connection.execute(_TABLE)
            (self.file,) = connection.execute("PRAGMA user_version").fetchone()
            if not self.file:
                self.file = secrets.randbelow(_FILES) + 1
                connection.execute(f"PRAGMA user_version = {self.file}")
            rows = connection.execute(
                f"SELECT topic, SUM(LENGTH(topic) + LENGTH(data) + {ROW_BYTES}) FROM messages GROUP BY topic"  # noqa: S608  a constant
            )
            self._used = Counter({str(topic): int(size) for topic, size in rows})
            syncing = opened.enter_context(contextlib.closing(self._connect()))
            syncing.execute("PRAGMA synchronous = NORMAL")
            opened.pop_all()
        self._connection, self._syncing = connection, syncing

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _set_aside(self, error: Exception) -> None:
        for suffix in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + suffix)
            with contextlib.suppress(FileNotFoundError):
                part.replace(self._path.with_name(f"{self._path.name}.damaged{suffix}"))
        _log.error("%s was damaged (%s); it was set aside, with all messages that waited in it", self._path, error)

    @property
    def used(self) -> int:
        """Bytes of all messages that are kept."""
        with self._lock:
            return self._used.total()

    def holds(self, topic: str) -> bool:
        """Tell whether there are messages of this topic."""
        with self._lock:
            return topic in self._used

    def add(self, topic: str, data: bytes) -> StoredMessage:
        """Keep a message.

        A topic may take as much as is left free then, so that one alone takes half, and another one finds room.

        Raises:
            StoreFull: this topic has taken as much as it may.
            StoreUnusable: the disk does not take it.
        """
        size = size_of(topic, data)
        with self._lock, self._in_words():
            if self._used[topic] + size > self._limit - self._used.total():
                message = (
                    f"{self._used[topic]} bytes of this topic wait on disk, and {self._used.total()} in all; "
                    f"a topic may take as much as is free, and outbox_limit is {self._limit}"
                )
                raise StoreFull(message)
            cursor = self._connection.execute("INSERT INTO messages (topic, data) VALUES (?, ?)", (topic, data))
            self._used[topic] += size
            self._changed = True
            return StoredMessage(self.file, int(cursor.lastrowid or 0), topic, data)

    def after(self, message_id: int, *, count: int, size: int) -> list[StoredMessage]:
        """Return the messages that follow this id: at most so many, and no more once they have so many bytes.

        Raises:
            StoreUnusable: they cannot be read.
        """
        found: list[StoredMessage] = []
        with self._lock, self._in_words():
            rows = self._connection.execute(
                "SELECT id, topic, data FROM messages WHERE id > ? ORDER BY id LIMIT ?", (message_id, count)
            )
            for row_id, topic, data in rows:
                found.append(StoredMessage(self.file, row_id, topic, bytes(data)))
                size -= found[-1].size
                if size <= 0:
                    break
            rows.close()
        return found

    def remove(self, messages: Iterable[StoredMessage]) -> None:
        """Forget messages, all of them or none.

        Raises:
            StoreUnusable: the disk does not do it.
        """
        gone = list(messages)
        with self._lock, self._in_words():
            self._connection.execute("BEGIN")
            try:
                self._connection.executemany("DELETE FROM messages WHERE id = ?", [(each.id,) for each in gone])
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                with contextlib.suppress(sqlite3.Error):  # it may have ended by itself
                    self._connection.execute("ROLLBACK")
                raise
            for each in gone:
                self._used[each.topic] -= each.size
                if self._used[each.topic] <= 0:
                    del self._used[each.topic]
            self._changed = True

    def sync(self) -> None:
        """Let what was done so far survive a power cut. It may wait for the disk; others go on meanwhile.

        Raises:
            StoreUnusable: the disk does not do it; to be tried again.
        """
        with self._lock:
            if not self._changed:
                return
            self._changed = False
        with self._in_words():
            try:
                self._syncing.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except sqlite3.Error:
                self._changed = True
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, contextlib.suppress(sqlite3.Error):  # all that counts is on disk
            self._syncing.close()
            self._connection.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"{self._path} cannot be used: {error}"
            raise StoreUnusable(message) from error
