"""Frames between the agent and a worker: a few values as JSON, and bytes that nobody looks into on the way.

A frame is two lengths, four bytes each, then a JSON object, then the bytes. What a worker sends is never unpickled.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_ABOUT_BYTES: Final = 256 * 1024
"""Of the JSON object: a health report of twenty nodes with long errors has a tenth of it."""
_LENGTHS: Final = struct.Struct("!II")


class FrameError(Exception):
    """What came is no frame, or one that is too large; nothing that follows can be read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What it is about, with its ``kind``, and what it carries."""

    about: dict[str, Any]
    body: bytes = b""


def encode(about: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    told = json.dumps(about, separators=(",", ":")).encode()
    return b"".join((_LENGTHS.pack(len(told), len(body)), told, body))


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self, max_body: int) -> None:
        """Take frames that carry up to so many bytes."""
        self.max_body = max_body
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole now.

        Raises:
            FrameError: see there.
        """
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            about_length, body_length = _LENGTHS.unpack_from(self._buffer)
            if about_length > MAX_ABOUT_BYTES or body_length > self.max_body:
                message = f"a frame of {about_length} + {body_length} bytes came"
                raise FrameError(message)
            begin = _LENGTHS.size + about_length
            end = begin + body_length
            if len(self._buffer) < end:
                return
            about, body = bytes(self._buffer[_LENGTHS.size : begin]), bytes(self._buffer[begin:end])
            del self._buffer[:end]
            yield Frame(_read(about), body)


def _read(about: bytes) -> dict[str, Any]:
    try:
        told = json.loads(about)
    except (ValueError, RecursionError) as error:
        message = f"a frame came that is not JSON: {error}"
        raise FrameError(message) from error
    if not isinstance(told, dict):
        message = f"a frame came that is about a {type(told).__name__}"
        raise FrameError(message)
    return told
