"""A message that waits on disk, and what may keep it from being there."""

from dataclasses import dataclass
from typing import Final

MESSAGES_FILE: Final = "messages.db"
ROW_BYTES: Final = 64
"""What a message needs on disk besides its topic and its content, about."""


class StoreUnusable(OSError):
    """The disk does not do it; the message says why."""


class StoreFull(Exception):
    """No room is left for a message of this topic; the message says so."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message on disk. In one file ids grow, and none is used twice; ``file`` tells files apart."""

    file: int
    id: int
    topic: str
    data: bytes

    @property
    def size(self) -> int:
        """What it counts."""
        return size_of(self.topic, self.data)


def size_of(topic: str, data: bytes) -> int:
    """Return the bytes that a message counts."""
    return len(topic) + len(data) + ROW_BYTES
