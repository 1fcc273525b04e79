"""Filling the free places between objects, before a fork: who used one after it would copy a page that is shared."""

from typing import Final

_SIZES: Final = range(48, 512 + 1, 16)
"""What Python's allocator rounds sizes up to, in bytes, from the smallest ``bytes`` to the largest that it serves."""
_POOL_BYTES: Final = 16 * 1024
_POOL_HEADER_BYTES: Final = 48
"""Of CPython from 3.10 on: places of one size come in pools of such a size, at such a multiple, behind a header."""
_MOST: Final = 20_000
"""Pieces in all; so many are never needed, but another allocator has no such pools."""
_EMPTY_BYTES: Final = b"".__sizeof__()

_kept: Final[list[bytes]] = []


def fill_free_places() -> int:
    """Take every free place in pools that are in use, for as long as the process lives; returns how many were taken.

    To be called with one thread, when nothing is to be loaded any more.
    """
    before = len(_kept)
    for size in _SIZES:
        while len(_kept) - before < _MOST:
            piece = bytes(size - _EMPTY_BYTES)
            if id(piece) % _POOL_BYTES == _POOL_HEADER_BYTES:  # the first one of a new pool, which is let go again
                break
            _kept.append(piece)
    return len(_kept) - before
