"""Which version takes Node-RED down, when it goes down again and again, and that this one is not deployed any more.

All flows share Node-RED's process, so nobody is told whose doing its end is. It is found by deploying them in groups,
each watched for a while beside those that ran well before: first all but the newest version, then that one. A group
with which Node-RED goes down is halved, and one of a single version is the cause.

all run ─> (down twice within ten minutes) ─> searching ─> all but the cause run, the cause is quarantined
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from edge_agent.disk.crashes import LOOP, WITHIN, CrashFile
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health

WATCH_SECONDS: Final = 30.0
"""So long a group is watched, or twice as long as Node-RED ran before it went down, if that is longer."""
_COUNTS_SECONDS: Final = WITHIN.total_seconds()
LONGEST_WATCH_SECONDS: Final = _COUNTS_SECONDS
SEARCH_AFTER: Final = LOOP - 1
"""So often Node-RED has to go down within ten minutes; the time that shows the cause is one more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A version that may be the cause; ``since`` it is in its slot."""

    flow_id: str
    version: int
    sha256: str
    since: datetime

    @property
    def age(self) -> tuple[datetime, str, int]:
        """Sorts the newest last."""
        return self.since, self.flow_id, self.version


class Apart(NamedTuple):
    """Why Node-RED does not have a version, and how it is to be told."""

    health: Health
    reason: Reason
    sentence: str


WAITS: Final = Apart(
    Health.STARTING,
    Reason.UNHEALTHY,
    "it waits until it is found which flow takes Node-RED down, and is started then",
)


@dataclass(slots=True)
class _Search:
    """Tabs by their ids: that ran well, that are on trial beside them, and those whose turn comes, in order.

    An empty group on trial shows whether Node-RED goes down by itself, or by what others have in it.
    """

    trial: frozenset[str]
    groups: list[frozenset[str]]
    cleared: set[str] = field(default_factory=set)
    since: float | None = None
    """When Node-RED got what is on trial; None before that."""
    base_is_well: bool = False
    """Node-RED did not go down with some group, so neither does it by itself."""

    @property
    def admitted(self) -> frozenset[str]:
        return self.trial | self.cleared


class Isolation:
    """See the module. Times are monotonic, in seconds. Safe to use from several threads."""

    def __init__(
        self,
        crashes: CrashFile,
        *,
        watch: float = WATCH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is suspected; what is quarantined is in ``crashes``. Groups are watched for ``watch`` at least."""
        self._crashes = crashes
        self._watch = watch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: Mapping[str, Suspect] = {}
        self._running: frozenset[str] = frozenset()
        """Tabs that Node-RED has, as far as they are ours."""
        self._freed: dict[str, float] = {}
        """Tabs that were quarantined until somebody wanted them anew, and when."""
        self._search: _Search | None = None
        self._up_since: float | None = None
        self._among_others = False
        """The last deployment may have left something of the one before running."""
        self._well_at = 0.0
        self._longest = 0.0
        """For how long Node-RED ran at most before it went down, of the times that count together."""
        self._not_ours_until = -math.inf
        """Until then nothing is looked for: Node-RED went down without any of ours."""

    def keep_only(self, versions: Collection[tuple[str, str]]) -> None:
        """Forget what is known of other versions than these, each the id of a flow and a hash."""
        self._crashes.keep_only(versions)

    def ask_for(self, wanted: Mapping[str, Suspect]) -> None:
        """Let these tabs begin anew, for somebody wants them now: out of quarantine, and first in turn."""
        with self._lock:
            for tab_id, each in wanted.items():
                if self._is_quarantined(each):
                    self._crashes.forget(each.flow_id, each.sha256)
                    self._freed[tab_id] = self._monotonic()
                if self._search is not None:
                    without = [(group, group - {tab_id}) for group in self._search.groups]
                    self._search.groups = [left for group, left in without if left or not group]

    def admitted(self, held: Mapping[str, Suspect]) -> frozenset[str]:
        """Return which of the tabs that are wanted Node-RED may have now.

        One that is new while the cause is looked for is on trial by itself, at once.
        """
        with self._lock:
            self._held = dict(held)
            return self._admitted()

    def deployed(self, tab_ids: frozenset[str], *, among_others: bool = False) -> None:
        """Note that Node-RED has these, and no others of ours.

        ``among_others``: it was just starting others, of which some may go on until it goes down.
        """
        with self._lock:
            now = self._monotonic()
            if self._up_since is None or tab_ids != self._running:
                self._up_since = self._well_at = now
                self._among_others = among_others and not self._running <= tab_ids
            self._running = tab_ids
            search = self._search
            if search is not None and search.since is None and tab_ids == self._admitted():
                search.since = now

    def is_well(self) -> bool:
        """Note that Node-RED answers; tells whether others may be deployed now."""
        with self._lock:
            now = self._well_at = self._monotonic()
            self._up_since = now if self._up_since is None else self._up_since
            search = self._search
            patience = min(max(self._watch, 2 * self._longest), LONGEST_WATCH_SECONDS)
            if search is None or search.since is None or now - search.since < patience:
                return False
            search.base_is_well = True
            search.cleared |= search.trial
            self._next(search)
            return True

    def went_down(self, how: str) -> bool:
        """Note that Node-RED has been started anew; ``how`` it went down is a clause.

        Tells whether it went down before it had what it may have: then that is nobody's doing who is wanted.
        """
        with self._lock:
            ran = self._well_at - self._up_since if self._up_since is not None else 0.0
            among_others, self._among_others = self._among_others, False
            self._up_since = None
            if self._running != self._admitted():
                return True
            if among_others:  # the next start is with the right ones from the beginning
                if self._search is not None:
                    self._search.since = None
                return False
            self._longest = max(self._longest, ran) if ran < _COUNTS_SECONDS else 0.0
            times = self._crashes.node_red_went_down()
            _log.warning("Node-RED %s; it went down %d times within ten minutes", how, times)
            why = f"{how} some {max(1.0, ran):.0f} s after its start"
            if self._search is None:
                self._suspect(times, why)
            else:
                self._judge(self._search, why)
            return False

    def apart(self, tab_id: str, suspect: Suspect) -> Apart | None:
        """Return why Node-RED must not have a version now; None when it may."""
        with self._lock:
            record = self._crashes.record(suspect.flow_id, suspect.sha256)
            if record is not None and record.in_loop:
                sentence = (
                    "crash_loop: Node-RED goes down again and again with this flow; the last time it "
                    f"{record.why}. It is not deployed any more; deploy another version."
                )
                return Apart(Health.UNHEALTHY, Reason.CRASH_LOOP, sentence)
            waits = self._search is not None and any(tab_id in group for group in self._search.groups)
            return WAITS if waits else None

    # --- Called by who holds the lock -------------------------------------------------------------------------------

    def _is_quarantined(self, suspect: Suspect) -> bool:
        record = self._crashes.record(suspect.flow_id, suspect.sha256)
        return record is not None and record.in_loop

    def _admitted(self) -> frozenset[str]:
        free = frozenset(tab_id for tab_id, each in self._held.items() if not self._is_quarantined(each))
        search = self._search
        if search is None:
            return free
        if new := free - search.admitted - frozenset().union(*search.groups):
            if search.trial:
                search.groups.insert(0, search.trial)
            search.trial, search.since = new, None
        return search.admitted & free

    def _suspect(self, times: int, why: str) -> None:
        now = self._monotonic()
        again = [
            each for each in self._by_age(self._running) if now < self._freed.get(each, -math.inf) + _COUNTS_SECONDS
        ]
        if len(again) == 1:
            self._quarantine(again[0], why)
        elif times >= SEARCH_AFTER and now >= self._not_ours_until:
            running = self._by_age(self._running)
            if not running:
                self._give_up()
                return
            _log.warning("which flow takes Node-RED down is looked for; meanwhile some of them wait")
            self._search = _Search(frozenset(running[:-1]), [frozenset(running[-1:])])

    def _judge(self, search: _Search, why: str) -> None:
        trial = self._by_age(search.trial)
        if not trial and not search.cleared:
            self._give_up()
            return
        if not trial:  # those that ran well were not watched for long enough
            trial = self._by_age(search.cleared)
            search.cleared, search.base_is_well = set(), False
        if len(trial) == 1 and search.base_is_well:
            self._quarantine(trial[0], why)
        else:
            half = (len(trial) + 1) // 2
            halves = [frozenset(trial[:half]), frozenset(trial[half:])]
            base = [] if search.base_is_well else [frozenset[str]()]
            search.groups[:0] = base + [each for each in halves if each]
        self._next(search)

    def _next(self, search: _Search) -> None:
        search.trial, search.since = frozenset(), None
        while search.groups:
            group = search.groups.pop(0)
            if not group or group & self._held.keys():
                search.trial = group
                return
        self._search = None
        _log.warning("the flows that were held back run again, but for those that are quarantined")

    def _quarantine(self, tab_id: str, why: str) -> None:
        suspect = self._held[tab_id]
        self._crashes.quarantined(suspect.flow_id, suspect.sha256, why)
        _log.error(
            "flow %s version %d is quarantined: Node-RED %s",
            suspect.flow_id,
            suspect.version,
            why,
            extra={"flow_id": suspect.flow_id},
        )

    def _give_up(self) -> None:
        """Let all run, for Node-RED goes down without them, too."""
        self._search = None
        self._not_ours_until = self._monotonic() + _COUNTS_SECONDS
        _log.error("Node-RED goes down again and again with none of this device's flows, too: look at those of others")

    def _by_age(self, tab_ids: Collection[str]) -> list[str]:
        return sorted((each for each in tab_ids if each in self._held), key=lambda each: self._held[each].age)
