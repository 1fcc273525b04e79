"""How often flows have taken their process down, and the agent or Node-RED has gone down: kept across restarts.

Nothing depends on this file after a power cut but that it is whole; a version that is new in the slot begins anew.
"""

import logging
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge_agent.disk.files import write_atomically
from edgeflow.contract.ids import FlowId, Sha256

CRASHES_FILE: Final = "crashes.json"
WITHIN: Final = timedelta(minutes=10)
"""Crashes count together when they come within this time; a flow that ran so long is well again."""
LOOP: Final = 3
"""So many are a loop: the flow is quarantined."""
_KEPT: Final = 20
MAX_WHY: Final = 256

_log = logging.getLogger(__name__)


class CrashRecord(BaseModel):
    """The crashes of one version of a flow, the latest last, and how it ended then, as a clause."""

    model_config = ConfigDict(frozen=True)

    at: tuple[AwareDatetime, ...] = Field(min_length=1, max_length=_KEPT)
    why: str = Field(default="", max_length=MAX_WHY)
    in_loop: bool = False
    """It was quarantined, and has not run for long enough since."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    flows: dict[FlowId, dict[Sha256, CrashRecord]] = Field(default_factory=dict)
    starts: int = 0
    node_red: tuple[AwareDatetime, ...] = Field(default=(), max_length=_KEPT)
    """When the one process that runs all flows went down, the latest last."""


class CrashFile:
    """Safe to use from several threads. When the disk takes nothing, what is counted lasts until the agent's end."""

    def __init__(self, directory: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read the file in this folder; one that is damaged counts nothing."""
        self._path = directory / CRASHES_FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._kept = _read(self._path)

    def record(self, flow_id: str, sha256: str) -> CrashRecord | None:
        """Return the crashes of this version that still count, None when there are none."""
        with self._lock:
            record = self._kept.flows.get(flow_id, {}).get(sha256)
        return record if record is not None and (record.in_loop or self._is_late(record.at[-1])) else None

    def crashed(self, flow_id: str, sha256: str, why: str) -> CrashRecord:
        """Note a crash; returns all that count together with it."""
        now = self._clock()
        with self._lock:
            before = self._kept.flows.get(flow_id, {}).get(sha256)
            at = (*(moment for moment in (before.at if before else ()) if self._is_late(moment)), now)[-_KEPT:]
            in_loop = len(at) >= LOOP or (before is not None and before.in_loop)
            record = CrashRecord(at=at, why=why[:MAX_WHY], in_loop=in_loop)
            of_flow = {**self._kept.flows.get(flow_id, {}), sha256: record}
            self._write_flows({**self._kept.flows, flow_id: of_flow})
        return record

    def quarantined(self, flow_id: str, sha256: str, why: str) -> None:
        """Note that a version was found to be the cause of crashes that were counted otherwise."""
        now = self._clock()
        with self._lock:
            record = CrashRecord(at=(now,), why=why[:MAX_WHY], in_loop=True)
            of_flow = {**self._kept.flows.get(flow_id, {}), sha256: record}
            self._write_flows({**self._kept.flows, flow_id: of_flow})

    def forget(self, flow_id: str, sha256: str) -> None:
        """Forget the crashes of a version: it ran for long enough, or somebody wants it to begin anew."""
        with self._lock:
            if sha256 in self._kept.flows.get(flow_id, {}):
                left = {each: record for each, record in self._kept.flows[flow_id].items() if each != sha256}
                self._write_flows({**self._kept.flows, flow_id: left})

    def keep_only(self, versions: Collection[tuple[str, str]]) -> None:
        """Forget all versions but these, each the id of a flow and a hash."""
        with self._lock:
            left = {
                flow_id: {sha256: record for sha256, record in records.items() if (flow_id, sha256) in versions}
                for flow_id, records in self._kept.flows.items()
            }
            if left != self._kept.flows:
                self._write_flows(left)

    def node_red_went_down(self) -> int:
        """Note that Node-RED went down; returns how often it has within ten minutes, this time included."""
        now = self._clock()
        with self._lock:
            at = (*(moment for moment in self._kept.node_red if self._is_late(moment)), now)[-_KEPT:]
            self._write(self._kept.model_copy(update={"node_red": at}))
        return len(at)

    @property
    def starts(self) -> int:
        """How often the agent has started without a start that went well."""
        return self._kept.starts

    def agent_starts(self) -> int:
        """Note that the agent starts; returns how often it has, this time included, without one that went well."""
        with self._lock:
            self._write(self._kept.model_copy(update={"starts": self._kept.starts + 1}))
            return self._kept.starts

    def agent_is_well(self) -> None:
        """Note that this start went well."""
        with self._lock:
            if self._kept.starts:
                self._write(self._kept.model_copy(update={"starts": 0}))

    def _is_late(self, moment: datetime) -> bool:
        # A clock that went back must not keep a crash from counting, nor for ever.
        return abs(self._clock() - moment) < WITHIN

    def _write_flows(self, flows: dict[FlowId, dict[Sha256, CrashRecord]]) -> None:
        self._write(self._kept.model_copy(update={"flows": {name: each for name, each in flows.items() if each}}))

    def _write(self, kept: _Kept) -> None:
        self._kept = kept
        try:
            write_atomically(self._path, kept.model_dump_json().encode())
        except OSError as error:
            _log.warning("%s is not written: %s", self._path, error.strerror)


def _read(path: Path) -> _Kept:
    try:
        return _Kept.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return _Kept()
    except (OSError, ValidationError) as error:
        _log.warning("%s cannot be read, so no crash of before counts: %s", path, error)
        return _Kept()
