"""The device's clock: with a wrong one no certificate is valid, and health reports are ignored."""

import ctypes
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from edge_agent.config import AgentConfig
from edge_agent.doctor.certificate import read_validity
from edge_agent.doctor.finding import Finding, fail, ok, warn

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""There was no agent before."""
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
FAR: Final = timedelta(minutes=5)
"""Presigned addresses and reports bear so much, and not much more."""
SYNCHRONISED_MICROSECONDS: Final = 16_000_000
"""The kernel's error grows to this (NTP_PHASE_LIMIT) when nobody corrects its clock."""
_SET: Final = "switch on time synchronisation (timedatectl set-ntp true), and let NTP (UDP 123) out"


class _Timex(ctypes.Structure):
    """The beginning of the kernel's ``struct timex``; the rest is room for what it writes besides."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 256),
    )


def kernel_is_synchronised() -> bool | None:
    """Ask the kernel whether somebody corrects its clock, as timedatectl does; None when it does not say."""
    try:
        ask = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):  # no libc of Linux
        return None
    told = _Timex()
    if ask(ctypes.byref(told)) < 0:
        return None
    return bool(told.maxerror < SYNCHRONISED_MICROSECONDS)


def check_clock(config: AgentConfig, now: datetime) -> Finding:
    """Check that the clock can be right, as far as the device knows by itself."""
    said = f"it is {now:%Y-%m-%d %H:%M} UTC"
    if not EARLIEST <= now < LATEST:
        return fail("clock", f"{said}, which cannot be", _SET)
    try:
        begins = read_validity(config.certificate).begins
    except (OSError, ValueError):  # another check says so
        return ok("clock", said)
    if now < begins:
        return fail("clock", f"{said}, before the device's certificate was made ({begins:%Y-%m-%d %H:%M})", _SET)
    return ok("clock", said)


def check_synchronisation(is_synchronised: Callable[[], bool | None]) -> Finding:
    """Check that the clock is corrected by somebody."""
    match is_synchronised():
        case True:
            return ok("time_sync", "the clock is synchronised")
        case False:
            return warn("time_sync", "nobody synchronises the clock", _SET)
        case _:
            return warn("time_sync", "the kernel does not say whether the clock is synchronised", "compare it yourself")


def check_offset(now: datetime, theirs: datetime | None) -> Finding:
    """Compare the clock with the endpoint's, which is None when it gave none."""
    name = "clock_offset"
    if theirs is None:
        remedy = "nothing, when the clock is synchronised; else compare it yourself"
        return warn(name, "the endpoint told no time by HTTPS (port 443), so the clock is not compared", remedy)
    offset = now - theirs
    seconds = round(offset.total_seconds())
    said = f"the clock is {abs(seconds)} s {'ahead of' if seconds >= 0 else 'behind'} the endpoint's"
    return ok(name, said) if abs(offset) <= FAR else fail(name, said, _SET)
