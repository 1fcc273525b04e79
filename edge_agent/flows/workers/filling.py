"""Filling the free places between objects, before a fork: who used one after it would copy a page that is shared."""

from typing import Final

_SIZES: Final = range(48, 512 + 1, 16)
"""What Python's allocator rounds sizes up to, in bytes, from the smallest ``bytes`` to the largest that it serves."""
_POOL_BYTES: Final = 16 * 1024
_POOL_HEADER_BYTES: Final = 48
"""Of CPython from 3.10 on: places of one size come in pools of such a size, at such a multiple, behind a header."""
_MOST: Final = 50_000
"""Places in all. So many there never are: it is another allocator, which has no such pools, and nothing is filled."""
_EMPTY_BYTES: Final = b"".__sizeof__()

_kept: Final[list[bytes]] = []


def fill_free_places() -> int:
    """Take every free place in pools that are in use, for as long as the process lives; returns how many were taken.

    To be called with one thread, when nothing is to be loaded any more.
    """
    before = len(_kept)
    for size in _SIZES:
        last = in_a_row = 0
        whole_pool = (_POOL_BYTES - _POOL_HEADER_BYTES) // size
        while in_a_row < whole_pool:
            piece = bytes(size - _EMPTY_BYTES)
            begins = id(piece) % _POOL_BYTES == _POOL_HEADER_BYTES
            in_a_row = 1 if begins else in_a_row + 1 if in_a_row and id(piece) == last + size else 0
            last = id(piece)
            _kept.append(piece)
            if len(_kept) - before > _MOST:
                del _kept[before:]
                return 0
        del _kept[len(_kept) - in_a_row :]  # that pool was empty, so no other had a place left; it is empty again
    return len(_kept) - before
