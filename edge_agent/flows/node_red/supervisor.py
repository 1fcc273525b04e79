"""Keeps in Node-RED exactly the versions that the slots of the flows hold, and tells how they are."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.node_red.check import (
    check_for_node_red,
    check_without_node_red,
    missing_types,
    why_nothing_starts,
)
from edge_agent.flows.node_red.client import Item, NodeRed, NodeRedFault, NodeRedUnreachable
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.health import counts, node_health, unwell_nodes, whole_flow
from edge_agent.flows.node_red.health_checks import TabChecks
from edge_agent.flows.node_red.held import Deployed, Seen, Supervised
from edge_agent.flows.node_red.links import joined
from edge_agent.flows.node_red.merge import arranged
from edge_agent.flows.node_red.monitor import CONTEXT_KEY, TabState
from edge_agent.flows.node_red.names import family
from edge_agent.flows.node_red.translate import translate
from edge_agent.flows.ports import PrepareChecks
from edge_agent.flows.runtime import MAX_FAILURES, MAX_LISTED_NODES, START_SECONDS
from edge_agent.flows.stuck_nodes import SharedLoop, StuckNodes
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth, Slot

LOOKS_EVERY_SECONDS: Final = 1.0
"""So often the tabs are asked how they are, and what could not be deployed is tried again."""
LOOKS_AT_FLOWS_EVERY: Final = 10
"""Each so many looks the flows themselves are looked at: somebody may have changed ours in the editor."""
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
        *,
        on_change: Callable[[], None],
        io: SharedLoop | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Run artifacts of this store; ``on_change`` hears when health changes.

        ``prepare_checks`` makes a flow's health checks ready, which the agent carries out itself; ``io`` is the loop
        that they wait on, to be watched.
        """
        self._store = store
        self._node_red = node_red
        self._surroundings = surroundings
        self._prepare_checks = prepare_checks
        self._on_change = on_change
        self._monotonic = monotonic
        self._family = family(surroundings.device_id)
        self._lock = threading.Lock()
        self._deploying = threading.Lock()
        """Held while the flows are changed; never taken by who holds the other one."""
        self._flows: dict[str, dict[Slot, Supervised]] = {}
        self._deployed: dict[str, Deployed] = {}
        """Tabs that Node-RED has, by their ids, also those that it was asked to change or give up and did not."""
        self._lacking: dict[str, str] = {}
        """Why tabs are not deployed, for types that Node-RED does not have."""
        self._seen: dict[str, Seen] = {}
        self._refusal = ""
        self._out_of_reach = ""
        self._blocked = ""
        self._reached = False
        self._settled = False
        self._begun = monotonic()
        self._generation = 0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._io = io
        self._stuck_nodes = StuckNodes(self._checks, io)
        self._thread = threading.Thread(target=self._look_until_stopped, name="node-red", daemon=True)

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See :func:`~edge_agent.flows.node_red.check.check_for_node_red`."""
        surroundings = self._surroundings
        check_for_node_red(artifact, self._node_red, surroundings.overrides(flow_id), surroundings.secrets())

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """Return how long a version's own health checks may take until the first time they pass."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.checks.grace_seconds if supervised is not None and supervised.checks is not None else 0.0

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """See Patients.proof_seconds."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.proof.of(switched=switched) if supervised is not None else 0.0

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Let Node-RED run just these flows of this device; what it runs already goes on. May be called once."""
        with self._lock:
            self._begun = self._monotonic()
            self._flows = {}
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
        self._want(flow_id, slots)
        self._deploy()
        self._wake.set()

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the live version of a flow is, or the one that stands by, and which of its nodes are not well.

        One that does not run is unhealthy.
        """
        supervised = self._find(flow_id, standby=standby)
        return self._judge(supervised) if supervised is not None else (Health.UNHEALTHY, ())

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:  # noqa: ARG002  Node-RED knows no other
        """See Patients.reason."""
        return Reason.UNHEALTHY

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since that version was deployed, also those it got over; at most 1,000."""
        supervised = self._find(flow_id, standby=standby)
        if supervised is None or supervised.tab is None:
            return ()
        with self._lock:
            seen = self._seen.get(supervised.tab_id, Seen())
        tab, checks = supervised.tab, supervised.checks
        told = tuple(node_health(tab, each) for each in seen.failures if counts(tab, each, live=supervised.live))
        return (*(checks.failures() if checks is not None else ()), *told)[:MAX_FAILURES]

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by.

        That is what Node-RED has: as long as it refuses to change or to give up a tab, what was there before.
        """
        with self._lock:
            return {
                each.flow_id: each.version
                for tab_id, each in self._deployed.items()
                if each.live is not standby and self._has_started(tab_id)
            }

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is in every slot, for the cloud."""
        with self._lock:
            held = [(flow_id, slots[slot]) for flow_id, slots in sorted(self._flows.items()) for slot in sorted(slots)]
            running = {each.tab_id for _, each in held if self._is_deployed(each) and self._has_started(each.tab_id)}
        told = []
        for flow_id, supervised in held:
            health, nodes = self._judge(supervised)
            told.append(supervised.told(flow_id, running=supervised.tab_id in running, health=health, nodes=nodes))
        return tuple(told)

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

    def _want(self, flow_id: str, slots: Slots) -> None:
        with self._lock:
            present = self._flows.get(flow_id, {})
        live = slots.live.slot if slots.live is not None else None
        wanted = {}
        for slot, version in slots.by_slot().items():
            before = present.get(slot)
            if before is not None and before.tab is not None and before.installed.is_same(version):
                wanted[slot] = replace(before, installed=version, live=slot is live)
            else:
                wanted[slot] = self._prepare(flow_id, version, live=slot is live)
        with self._lock:
            self._settled = False
            self._flows.pop(flow_id, None)
            if wanted:
                self._flows[flow_id] = wanted
        kept = {id(each.checks) for each in wanted.values()}
        for each in present.values():
            if each.checks is not None and id(each.checks) not in kept:
                each.checks.stop()

    def _prepare(self, flow_id: str, version: InstalledVersion, *, live: bool) -> Supervised:
        try:
            artifact = self._store.get(version.sha256)
            secrets = self._surroundings.secrets()
            check_without_node_red(artifact, self._surroundings.overrides(flow_id), secrets)
        except (ArtifactDamaged, ArtifactUnreadable, FlowRejected) as error:
            logger.error("flow %s version %d cannot run: %s", flow_id, version.version, error)  # noqa: TRY400  one sentence says it
            return Supervised(version, live, error=str(error))
        definition = artifact.definition
        tab = translate(flow_id, version, definition, self._surroundings, secrets)
        if not definition.health_checks:
            return Supervised(version, live, tab)
        self._stuck_nodes.start()
        checks = TabChecks(
            tab.name,
            flow_id,
            definition,
            self._prepare_checks,
            secrets=secrets.named_by(definition),
            on_change=self._wake.set,
        )
        return Supervised(version, live, tab, checks=checks)

    def _deploy(self) -> None:
        """Let Node-RED have what is wanted, unless it cannot; then the reason is kept, and it is tried again."""
        with self._deploying:
            with self._lock:
                held = {
                    each.tab_id: (flow_id, each)
                    for flow_id, slots in self._flows.items()
                    for each in slots.values()
                    if each.tab is not None
                }
            try:
                self._converge(held)
            except NodeRedFault as fault:
                with self._lock:
                    self._settled = False
                    self._refusal = str(fault)
                    if isinstance(fault, NodeRedUnreachable):
                        self._out_of_reach = str(fault)
                logger.warning("%s; trying again", fault)

    def _converge(self, held: Mapping[str, tuple[str, Supervised]]) -> None:
        known = self._node_red.node_types()
        lacking = {
            tab_id: str(fault)
            for tab_id, (_, each) in held.items()
            if each.tab is not None and (fault := missing_types(each.tab.types, known)) is not None
        }
        fit_to_run = [each for tab_id, (_, each) in held.items() if tab_id not in lacking]
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

        changed = self._node_red.change(edit)
        with self._lock:
            self._generation += 1
            self._lacking = lacking
            self._deployed = {
                each.tab_id: Deployed(held[each.tab_id][0], each.installed.version, each.live) for each in fit_to_run
            }
            self._seen = {
                each.tab_id: self._seen.get(each.tab_id, Seen()) if each.tab_id in before else Seen()
                for each in fit_to_run
            }
            self._refusal = self._out_of_reach = ""
            self._reached = True
            self._blocked = why_nothing_starts(blocking, known)
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
                    self._out_of_reach = f"Looking at Node-RED failed unexpectedly: {type(error).__name__}: {error}"
            seen = [
                (each.flow_id, each.slot, each.live, each.running, each.health, each.nodes) for each in self.report()
            ]
            if seen != told:
                told = seen
                self._on_change()
            self._wake.wait(LOOKS_EVERY_SECONDS)
            self._wake.clear()

    def _look(self) -> None:
        """Ask every tab how it is."""
        with self._lock:
            generation, tab_ids = self._generation, list(self._seen)
        try:
            states = {tab_id: self._ask(tab_id) for tab_id in tab_ids}
            if not tab_ids:
                self._node_red.node_types()
        except NodeRedFault as fault:
            with self._lock:
                if generation != self._generation:  # it answered somebody else meanwhile
                    return
                self._settled = False  # when it is back, it may have other flows
                self._out_of_reach = str(fault)
                self._seen = {tab_id: seen.after(None) for tab_id, seen in self._seen.items()}
            return
        with self._lock:
            self._out_of_reach = ""
            self._reached = True
            if generation == self._generation:  # else they were deployed anew meanwhile
                self._seen = {tab_id: self._seen[tab_id].after(state) for tab_id, state in states.items()}
        for checks in self._checks():
            state = states.get(checks.tab_id)
            if state is not None:
                checks.hear(state)

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

    def _is_deployed(self, supervised: Supervised) -> bool:
        """Tell whether Node-RED has it as it is meant to be. Called by who holds the lock."""
        present = self._deployed.get(supervised.tab_id)
        return present is not None and present.live is supervised.live

    def _has_started(self, tab_id: str) -> bool:
        """Tell whether Node-RED runs a tab, as far as is known. Called by who holds the lock."""
        seen = self._seen.get(tab_id)
        known = not self._out_of_reach and not self._stopping.is_set()
        return known and seen is not None and seen.state is not None

    def _judge(self, supervised: Supervised) -> tuple[Health, tuple[NodeHealth, ...]]:
        tab = supervised.tab
        with self._lock:
            seen = self._seen.get(supervised.tab_id, Seen())
            deployed = self._is_deployed(supervised)
            out_of_reach, blocked = self._out_of_reach, self._blocked
            error = supervised.error or self._lacking.get(supervised.tab_id, "")
            refusal = "" if deployed else self._refusal
            starts = not self._reached and self._monotonic() - self._begun < START_SECONDS
        if tab is None or error:
            return Health.UNHEALTHY, (whole_flow(Health.UNHEALTHY, error),)
        if out_of_reach or refusal:
            # A device that is switched on starts both, and Node-RED takes longer.
            health = Health.STARTING if out_of_reach and starts else Health.UNHEALTHY
            return health, (whole_flow(health, out_of_reach or refusal),)
        if not deployed or seen.state is None:
            return Health.STARTING, (whole_flow(Health.STARTING, blocked or "Node-RED has not started it yet"),)
        nodes = unwell_nodes(tab, seen.state, live=supervised.live)
        checked, failing = supervised.checks.health() if supervised.checks is not None else (Health.HEALTHY, ())
        nodes = (*nodes, *failing)[:MAX_LISTED_NODES]
        return (Health.UNHEALTHY if nodes else checked), nodes
