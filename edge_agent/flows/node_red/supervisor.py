"""Keeps in Node-RED exactly the versions that the slots of the flows hold, and tells how they are."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from edge_agent.disk.slots import Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.node_red.absence import Absence
from edge_agent.flows.node_red.check import (
    check_for_node_red,
    lacking_types,
    why_nothing_starts,
)
from edge_agent.flows.node_red.client import Item, NodeRed, NodeRedFault, NodeRedUnreachable
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.health import counts, node_health, unexpected, whole_flow
from edge_agent.flows.node_red.health_checks import TabChecks
from edge_agent.flows.node_red.held import Seen, Supervised, by_tab, wanted_anew
from edge_agent.flows.node_red.isolation import Apart, Isolation
from edge_agent.flows.node_red.known import Known
from edge_agent.flows.node_red.links import joined
from edge_agent.flows.node_red.merge import arranged
from edge_agent.flows.node_red.monitor import CONTEXT_KEY, TabState
from edge_agent.flows.node_red.names import family
from edge_agent.flows.node_red.prepare import Preparation
from edge_agent.flows.ports import PrepareChecks
from edge_agent.flows.runtime import MAX_FAILURES, START_SECONDS
from edge_agent.flows.stuck_nodes import SharedLoop, StuckNodes
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth, Slot

LOOKS_EVERY_SECONDS: Final = 1.0
"""So often the tabs are asked how they are, and what could not be deployed is tried again."""
LOOKS_AT_FLOWS_EVERY: Final = 10
"""Each so many looks the flows themselves are looked at: somebody may have changed ours in the editor."""
STARTS_FLOWS_SECONDS: Final = 10.0
"""So long after its own start Node-RED may be starting the flows of before, and a change then leaves some running."""
COMES_BACK_SECONDS: Final = 90.0
"""So long a version that is new waits for a Node-RED that is away: it may be started anew meanwhile."""
GOES_DOWN_FIRST: Final = "Node-RED ends before it takes the flows that are wanted, so it is started in safe mode"
_JOIN_SECONDS: Final = 30.0

logger = logging.getLogger(__name__)


class NodeRedSupervisor:
    """Deploys, switches and removes flows in Node-RED. Called from one thread; looked at from several.

    What runs is Node-RED's to say: a change begins with a look at its flows, and changes what differs by one request.
    When that fails, the flow is unhealthy with the reason, nothing is raised, and it is tried again until it is done.
    """

    def __init__(
        self,
        store: ArtifactStore,
        node_red: NodeRed,
        surroundings: Surroundings,
        prepare_checks: PrepareChecks,
        isolation: Isolation,
        *,
        on_change: Callable[[], None],
        io: SharedLoop | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Run artifacts of this store; ``on_change`` hears when health changes.

        ``prepare_checks`` makes a flow's health checks ready, which the agent carries out itself; ``io`` is the loop
        that they wait on, to be watched. ``isolation`` says which versions Node-RED may have.
        """
        self._node_red = node_red
        self._surroundings = surroundings
        self._isolation = isolation
        self._absence = Absence()
        self._on_change = on_change
        self._monotonic = monotonic
        self._family = family(surroundings.device_id)
        self._lock = threading.Lock()
        self._deploying = threading.Lock()
        """Held while the flows are changed; never taken by who holds the other one."""
        self._flows: dict[str, dict[Slot, Supervised]] = {}
        self._known = Known()
        self._settled = False
        self._attempted = False
        """Node-RED was there when its flows were to be changed, and they are not."""
        self._is_safe = False
        self._starts_until = 0.0
        self._away_at = -math.inf
        self._generation = 0
        self._wake = threading.Event()
        self._prepare = Preparation(store, surroundings, prepare_checks, self._wake.set)
        self._stopping = threading.Event()
        self._io = io
        self._stuck_nodes = StuckNodes(self._checks, io)
        self._thread = threading.Thread(target=self._look_until_stopped, name="node-red", daemon=True)

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See :func:`~edge_agent.flows.node_red.check.check_for_node_red`."""
        surroundings = self._surroundings
        check_for_node_red(artifact, self._node_red, surroundings.overrides(flow_id), surroundings.secrets())

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """Return how long a version's own health checks may take until the first time they pass.

        While Node-RED is away, and shortly after it, so long as that may take is added.
        """
        supervised = self._find(flow_id, standby=standby)
        grace = supervised.checks.grace_seconds if supervised is not None and supervised.checks is not None else 0.0
        with self._lock:
            away = self._known.reached and self._monotonic() - self._away_at < START_SECONDS
        return grace + COMES_BACK_SECONDS if away else grace

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """See Patients.proof_seconds."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.proof.of(switched=switched) if supervised is not None else 0.0

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Let Node-RED run just these flows of this device; what it runs already goes on. May be called once."""
        with self._lock:
            self._flows = {}
        self._isolation.keep_only(
            {(flow_id, each.sha256) for flow_id, slots in flows.items() for each in slots.by_slot().values()}
        )
        for flow_id, slots in flows.items():
            self._want(flow_id, slots)
        self._deploy()
        self._thread.start()

    def hold_back(self, flows: Mapping[str, Slots], why: str) -> None:
        """Deploy none of these flows until they are brought up; what Node-RED runs goes on unseen."""
        for flow_id, slots in flows.items():
            live = slots.live.slot if slots.live is not None else None
            held = {slot: Supervised(each, slot is live, error=why) for slot, each in slots.by_slot().items()}
            with self._lock:
                self._flows[flow_id] = held

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """Let Node-RED run just what a flow's slots hold: the live version heard, the other one muted, by one request.

        A version that runs in its slot already goes on running. One that cannot be deployed is an unhealthy flow.
        """
        wanted = self._want(flow_id, slots)
        self._isolation.ask_for({each.tab_id: each.suspect(flow_id) for each in wanted if each.tab is not None})
        self._deploy()
        self._wake.set()

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the live version of a flow is, or the one that stands by, and which of its nodes are not well.

        One that does not run is unhealthy.
        """
        supervised = self._find(flow_id, standby=standby)
        return self._judge(flow_id, supervised) if supervised is not None else (Health.UNHEALTHY, ())

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:
        """See Patients.reason."""
        supervised = self._find(flow_id, standby=standby)
        return self._reason(flow_id, supervised) if supervised is not None else Reason.UNHEALTHY

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since that version was deployed, also those it got over; at most 1,000."""
        supervised = self._find(flow_id, standby=standby)
        if supervised is None or supervised.tab is None:
            return ()
        seen, tab, checks = self._known.of(supervised.tab_id), supervised.tab, supervised.checks
        told = tuple(node_health(tab, each) for each in seen.failures if counts(tab, each, live=supervised.live))
        return (*(checks.failures() if checks is not None else ()), *told)[:MAX_FAILURES]

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by.

        That is what Node-RED has: as long as it refuses to change or to give up a tab, what was there before.
        """
        known = self._known
        return {
            each.flow_id: each.version
            for tab_id, each in known.deployed.items()
            if each.live is not standby and known.has_started(tab_id) and not self._stopping.is_set()
        }

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is in every slot, for the cloud."""
        with self._lock:
            held = [(flow_id, slots[slot]) for flow_id, slots in sorted(self._flows.items()) for slot in sorted(slots)]
        return tuple(self._told(flow_id, supervised) for flow_id, supervised in held)

    def stop(self) -> None:
        """Look at nothing any more. The flows go on in Node-RED, as they do while the agent is updated."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
        self._stuck_nodes.stop()
        for checks in self._checks():
            checks.stop()
        if self._io is not None:
            self._io.stop()

    # --- Deploying ------------------------------------------------------------------------------------------------

    def _want(self, flow_id: str, slots: Slots) -> list[Supervised]:
        """Take note of what a flow's slots hold; returns the versions that are asked for thereby."""
        with self._lock:
            present = self._flows.get(flow_id, {})
        live = slots.live.slot if slots.live is not None else None
        wanted = {}
        for slot, version in slots.by_slot().items():
            before = present.get(slot)
            if before is not None and before.tab is not None and before.installed.is_same(version):
                held = replace(before, installed=version, live=slot is live)
            else:
                held = self._prepare(flow_id, version, live=slot is live)
            if held.checks is not None:
                self._stuck_nodes.start()
            wanted[slot] = replace(held, wanted_at=self._monotonic())
        with self._lock:
            self._settled = False
            self._flows.pop(flow_id, None)
            if wanted:
                self._flows[flow_id] = wanted
        kept = {id(each.checks) for each in wanted.values()}
        for each in present.values():
            if each.checks is not None and id(each.checks) not in kept:
                each.checks.stop()
        return wanted_anew(present, wanted)

    def _deploy(self) -> None:
        """Let Node-RED have what is wanted, unless it cannot; then the reason is kept, and it is tried again."""
        with self._deploying:
            with self._lock:
                held = by_tab(self._flows)
            try:
                self._look_for_a_new_start()
                self._converge(held)
            except NodeRedFault as fault:
                with self._lock:
                    is_news = self._settled or self._known.refusal != str(fault)
                    self._settled = False
                    self._known = replace(self._known, refusal=str(fault))
                    if isinstance(fault, NodeRedUnreachable):
                        self._is_away(fault)
                if is_news:
                    logger.warning("%s; trying again", fault)

    def _look_for_a_new_start(self) -> None:
        """Note when Node-RED has gone down and is back. Raises NodeRedFault."""
        # Only an answer shows that it is back.
        is_safe = self._absence.lasts and self._node_red.is_in_safe_mode()
        how = self._absence.ended(self._ask)
        if how is None or not self._known.reached:
            return
        self._is_safe = is_safe
        self._starts_until = self._monotonic() + (0.0 if is_safe else STARTS_FLOWS_SECONDS)
        goes_down_first = self._isolation.went_down(how) and self._attempted
        self._attempted = False
        if goes_down_first and not is_safe and self._node_red.restart_in_safe_mode():
            raise NodeRedUnreachable(GOES_DOWN_FIRST)

    def _converge(self, held: Mapping[str, tuple[str, Supervised]]) -> None:
        admitted = self._isolation.admitted({tab_id: each.suspect(flow_id) for tab_id, (flow_id, each) in held.items()})
        self._attempted = True
        types = self._node_red.node_types()
        lacking = lacking_types({tab_id: each.types for tab_id, (_, each) in held.items()}, types)
        fit_to_run = [each for tab_id, (_, each) in held.items() if tab_id in admitted and tab_id not in lacking]
        tabs = [(each.tab, each.live) for each in fit_to_run if each.tab is not None]
        ends = {item_id: name for tab, _ in tabs for item_id, name in tab.link_ends.items()}
        wanted = joined((item for tab, live in tabs for item in tab.deployed(muted=not live)), ends)
        before: set[str] = set()
        blocking: set[str] = set()

        def edit(items: list[Item]) -> list[Item] | None:
            before.clear()
            before.update(item["id"] for item in items if item["type"] == "tab")
            blocking.clear()
            blocking.update(item["type"] for item in items if not item["id"].startswith(self._family))
            return arranged(items, wanted, self._family)

        try:
            changed = self._node_red.change(edit)
        except NodeRedUnreachable:
            if self._is_safe:  # nothing else was running
                self._isolation.deployed(admitted)
            raise
        self._attempted = self._is_safe = False
        self._isolation.deployed(admitted, among_others=changed and self._monotonic() < self._starts_until)
        deployed = {each.tab_id: each.deployed(held[each.tab_id][0]) for each in fit_to_run}
        with self._lock:
            self._generation += 1
            seen = {tab_id: self._known.of(tab_id) if tab_id in before else Seen() for tab_id in deployed}
            blocked = why_nothing_starts(blocking, types)
            self._known = Known(deployed=deployed, lacking=lacking, seen=seen, blocked=blocked, reached=True)
            self._settled = True
        if changed:
            logger.info("Node-RED has %d tabs of this device", len(fit_to_run))

    # --- Looking --------------------------------------------------------------------------------------------------

    def _look_until_stopped(self) -> None:
        looks = 0
        told: object = None
        while not self._stopping.is_set():
            looks += 1
            try:
                if not self._settled or looks % LOOKS_AT_FLOWS_EVERY == 0:
                    self._deploy()
                self._look()
            except Exception as error:  # or health would be told for ever as it was seen last
                logger.exception("looking at Node-RED failed")
                with self._lock:
                    self._known = replace(self._known, out_of_reach=unexpected(error))
            seen = [
                (each.flow_id, each.slot, each.live, each.running, each.health, each.nodes) for each in self.report()
            ]
            if seen != told:
                told = seen
                self._on_change()
            self._wake.wait(self._absence.patience(LOOKS_EVERY_SECONDS, self._monotonic()))
            self._wake.clear()

    def _look(self) -> None:
        """Ask every tab how it is."""
        with self._lock:
            generation, tab_ids = self._generation, list(self._known.seen)
        try:
            states = {tab_id: self._ask(tab_id) for tab_id in tab_ids}
            if not tab_ids:
                self._node_red.node_types()
        except NodeRedFault as fault:
            with self._lock:
                if generation != self._generation:  # it answered somebody else meanwhile
                    return
                self._settled = False  # when it is back, it may have other flows
                self._is_away(fault)
                self._known = replace(self._known, seen=self._known.seen_after(dict.fromkeys(tab_ids)))
            return
        with self._lock:
            self._known = replace(self._known, out_of_reach="", reached=True)
            if generation == self._generation:  # else they were deployed anew meanwhile
                self._known = replace(self._known, seen=self._known.seen_after(states))
                self._absence.saw({tab_id: state.run for tab_id, state in states.items() if state is not None})
                self._settled &= not self._isolation.is_well()  # else others may be deployed
        for checks in self._checks():
            state = states.get(checks.tab_id)
            if state is not None:
                checks.hear(state)

    def _is_away(self, fault: NodeRedFault) -> None:
        """Note that Node-RED cannot be asked. Called by who holds the lock."""
        self._known = replace(self._known, out_of_reach=str(fault))
        self._away_at = self._monotonic()
        self._absence.begun(fault, self._away_at)

    def _ask(self, tab_id: str) -> TabState | None:
        return TabState.read(self._node_red.flow_context(tab_id, CONTEXT_KEY))

    # --- Judging --------------------------------------------------------------------------------------------------

    def _find(self, flow_id: str, *, standby: bool) -> Supervised | None:
        with self._lock:
            slots = self._flows.get(flow_id, {})
        return next((each for each in slots.values() if each.live is not standby), None)

    def _checks(self) -> list[TabChecks]:
        with self._lock:
            held = [each for slots in self._flows.values() for each in slots.values()]
        return [each.checks for each in held if each.checks is not None]

    def _apart(self, flow_id: str, supervised: Supervised) -> Apart | None:
        if supervised.tab is None or supervised.error:
            return None
        return self._isolation.apart(supervised.tab_id, supervised.suspect(flow_id))

    def _judge(self, flow_id: str, supervised: Supervised) -> tuple[Health, tuple[NodeHealth, ...]]:
        apart = self._apart(flow_id, supervised)
        if apart is not None:
            return apart.health, (whole_flow(apart.health, apart.sentence),)
        # A device that is switched on starts both, and Node-RED takes longer; so does one that is started anew.
        patience = COMES_BACK_SECONDS if self._known.reached else START_SECONDS
        return self._known.judge(supervised, starts=self._monotonic() - supervised.wanted_at < patience)

    def _reason(self, flow_id: str, supervised: Supervised) -> Reason:
        return apart.reason if (apart := self._apart(flow_id, supervised)) is not None else Reason.UNHEALTHY

    def _told(self, flow_id: str, supervised: Supervised) -> FlowHealth:
        known = self._known
        started = known.is_deployed(supervised) and known.has_started(supervised.tab_id)
        health, nodes = self._judge(flow_id, supervised)
        return supervised.told(
            flow_id,
            running=started and not self._stopping.is_set(),
            health=health,
            reason=self._reason(flow_id, supervised),
            nodes=nodes,
        )
