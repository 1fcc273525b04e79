"""The table of what ends how (docs/architecture.md), and each of its situations brought about on the local cloud."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError
from tests.support.history import story_as_shown, story_of
from tests.support.rollouts import FALLS_ILL, GOOD, NEEDS_DHT11, OTHER_SENSOR, Operator, eventually

HEADING: Final = "| strategy | situation |"
NOTHING: Final = "\N{EN DASH}"
REFUSED: Final = "refused"
SUCCEEDS_LATE: Final = "a device succeeds after the cancelling"
_ANOTHER: Final = GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]}
_SECONDS: Final = 90.0
_WAITS: Final = {
    "health lost in the wait": "10m",
    "pause, then resume": "1s",
    "cancel while it runs": "10m",
    "promote in the wait": "10m",
}
_THRESHOLDS: Final = {"failure below the threshold": 60, "failure at the threshold": 50}
UNANSWERED_REMOVAL: Final = "undeploy, a device does not answer"
OFFLINE: Final = "an offline device, offline: skip"
CONFLICT: Final = 409
UNPROCESSABLE: Final = 422

Ends = frozenset[tuple[str, int | None]]
"""Ways one device may end: its target's status, and the version it then runs (None: it never connected)."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One line of the table."""

    strategy: str
    situation: str
    deployment: str
    trouble: Ends
    its_wave: Ends
    before: Ends
    after: Ends

    @property
    def removes(self) -> bool:
        """The deployment takes the flow off its targets."""
        return self.situation.startswith("undeploy")

    @property
    def name(self) -> str:
        """What the test is called."""
        return f"{self.strategy}: {self.situation}"


def read_table(page: Path) -> list[Scenario]:
    """Return every line of the table on this page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(HEADING)) + 2
    scenarios = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        strategy, situation, deployment, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        trouble, its_wave, before, after = map(_read_cell, cells)
        scenarios.append(
            Scenario(
                strategy=strategy,
                situation=situation,
                deployment=deployment,
                trouble=trouble,
                its_wave=its_wave,
                before=before,
                after=after,
            )
        )
    return scenarios


def _read_cell(cell: str) -> Ends:
    if cell == NOTHING:
        return frozenset()
    ways = [way.split(": ") for way in cell.split(" or ")]
    return frozenset((status, None if version == NOTHING else int(version)) for status, version in ways)


@dataclass(frozen=True)
class Lane:
    """Devices that one scenario has to itself: one that is not well with a flow that needs a DHT11, and four others."""

    operator: Operator
    fleet: Fleet
    ill: str
    well: Sequence[str]
    asleep: Callable[[], str]
    """Registers a device that never connects."""
    late: Callable[[], str]
    """Runs a device of which AWS IoT is slow to end what is cancelled."""
    has_job: Callable[[str, str], bool]
    """Tells whether there is a job of a deployment for a device."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A deployment as a situation needs it. Waves are lists of devices; the trouble is in ``waves[trouble_in]``."""

    waves: Sequence[Sequence[str]]
    trouble: str | None = None
    trouble_in: int = 0
    version_2: dict[str, Any]
    config: dict[str, object]
    stopped: Sequence[str] = ()
    """Devices that run the flow, and do not while the deployment is under way."""
    late: str | None = None
    """A device that comes back after its job was cancelled, and before AWS IoT has ended it."""

    @property
    def devices(self) -> list[str]:
        """All targets, in order."""
        return [device for wave in self.waves for device in wave]


def play(scenario: Scenario, lane: Lane) -> None:
    """Bring the situation about, wait for the end, and hold everything to the table."""
    if scenario.deployment == REFUSED:
        _is_refused(scenario, lane)
        return
    plan = _plan(scenario, lane)
    operator = lane.operator
    flow_id = _prepare(scenario, lane, plan)
    create = operator.create_removal if scenario.removes else operator.create
    deployment_id = create(flow_id, plan.devices, strategy=scenario.strategy, **plan.config)
    operator.start(deployment_id)
    match scenario.situation:
        case "cancel while it runs":
            _cancel_in_the_wait(operator, deployment_id, plan)
        case "promote in the wait":
            _until_first_wave_is_through(operator, deployment_id, plan)
            _promote(operator, deployment_id)
        case "pause, then resume":
            _pause_and_go_on(operator, deployment_id, plan)
        case _ if plan.late is not None:
            _roll_back_before_it_is_back(lane, deployment_id, plan, plan.late)
            lane.fleet.start([plan.late])
        case "rollback by the operator" | "undeploy, then rollback":
            assert operator.ended(deployment_id, seconds=_SECONDS)["status"] == "completed"
            operator.rollback(deployment_id)
        case _:
            pass  # it comes by itself
    ended = operator.until(deployment_id, {scenario.deployment}, seconds=_SECONDS)
    assert ended["status_reason"]
    if plan.stopped:
        _wake(lane, plan.stopped, flow_id)
    _hold_to(scenario, plan, lane, flow_id, operator.targets(deployment_id))
    _hold_to_its_history(operator, deployment_id)
    if scenario.deployment == "paused":
        operator.rollback(deployment_id)  # what the table shows is kept; the devices are left as they were
        operator.ended(deployment_id, seconds=_SECONDS)


def _prepare(scenario: Scenario, lane: Lane, plan: Plan) -> str:
    """Let the devices that are awake run a first version; returns the flow's id."""
    operator = lane.operator
    flow_id = operator.flow(GOOD)
    awake = [device for device in plan.devices if device in {lane.ill, plan.late, *lane.well}]
    if scenario.situation == OFFLINE:
        operator.until_connected(awake, seconds=_SECONDS)
    installed = operator.deploy(flow_id, awake, strategy="all_at_once")
    assert installed["status"] == "completed", installed["status_reason"]
    if scenario.removes:
        if plan.stopped:
            lane.fleet.stop(plan.stopped)
    else:
        operator.next_version(flow_id, plan.version_2)
    if plan.late is not None:
        lane.fleet.stop([plan.late])
    return flow_id


def _plan(scenario: Scenario, lane: Lane) -> Plan:
    situation = scenario.situation
    config: dict[str, object] = {"timeout": "40s"}
    version_2, trouble = _ANOTHER, None
    if scenario.removes:
        trouble = _trouble_with_a_removal(situation, lane)
        if situation == UNANSWERED_REMOVAL:
            config["timeout"] = "12s"
    elif situation == "a device never answers":
        trouble, config["timeout"] = lane.asleep(), "12s"
    elif situation == OFFLINE:
        trouble, config["offline"] = lane.asleep(), "skip"
    elif situation == "health lost in the wait":
        version_2 = FALLS_ILL
    elif situation == "cancel while it runs" and scenario.strategy == "all_at_once":
        trouble = lane.asleep()  # without it the deployment would be over
    elif situation == SUCCEEDS_LATE:
        trouble = lane.late()
    elif "failure" in situation:
        trouble, version_2 = lane.ill, NEEDS_DHT11
    config |= {name: False for name in ("auto_rollback", "health_check") if f"{name} off" in situation}
    waves, trouble_in, of_strategy = _waves(scenario, lane.well, trouble)
    return Plan(
        waves=waves,
        trouble=trouble,
        trouble_in=trouble_in,
        version_2=version_2,
        config=config | of_strategy,
        stopped=[lane.ill] if situation == UNANSWERED_REMOVAL else [],
        late=trouble if situation == SUCCEEDS_LATE else None,
    )


def _trouble_with_a_removal(situation: str, lane: Lane) -> str | None:
    match situation:
        case "undeploy where there is nothing":
            return lane.asleep()
        case "undeploy, a device does not answer":
            return lane.ill
        case _:
            return None


def _waves(
    scenario: Scenario, well: Sequence[str], trouble: str | None
) -> tuple[Sequence[Sequence[str]], int, dict[str, object]]:
    """Return the waves, the one with the trouble, counted from 0, and the settings that make them so."""
    a, b, c, d = well
    wait, offline = _WAITS.get(scenario.situation), scenario.situation == OFFLINE
    match scenario.strategy:
        case "all_at_once":
            return [[*([trouble] if trouble else []), a, b]], 0, {}
        case "blue_green":
            return [[*([trouble] if trouble else []), a, b]], 0, {"switch_delay": wait or "0s"}
        case "canary":
            # Somebody has to be there to speak for the rest.
            first, rest = ([trouble, a, b], [c, d]) if trouble and offline else ([trouble or a], [b, c, d])
            percentage = 100 * len(first) // (len(first) + len(rest))
            return [first, rest], 0, {"canary_percentage": percentage, "canary_delay": wait or "0s"}
        case "rolling" if wait is not None:
            return [[a, b], [c, d]], 0, {"batch_size": 2, "batch_delay": wait}
        case "rolling" if trouble is not None:
            threshold = _THRESHOLDS.get(scenario.situation, 20)  # one of two is 50%
            return [[a, b], [trouble, c], [d]], 1, {"batch_size": 2, "failure_threshold": threshold}
        case "rolling":
            return [[a], [b], [c]], 1, {"batch_size": 1}
        case _:
            message = f"the table names an unknown strategy {scenario.strategy}"
            raise ValueError(message)


def _wake(lane: Lane, devices: Sequence[str], flow_id: str) -> None:
    """Let devices run again that slept through a removal: they take nothing up that was withdrawn meanwhile."""
    lane.fleet.start(devices, hardware=dict.fromkeys(devices, OTHER_SENSOR))
    eventually(
        lambda: all(lane.fleet.running(flow_id)[device] == 1 for device in devices),
        seconds=_SECONDS,
        what="who slept runs what it ran",
    )


def _cancel_in_the_wait(operator: Operator, deployment_id: str, plan: Plan) -> None:
    """Cancel once the first wave is through, while something is still waited for."""
    _until_first_wave_is_through(operator, deployment_id, plan)
    assert operator.cancel(deployment_id)["status"] in {"cancelling", "cancelled"}


def _roll_back_before_it_is_back(lane: Lane, deployment_id: str, plan: Plan, late: str) -> None:
    """Roll back while a device has its job, and has not taken it up."""
    operator = lane.operator
    others = [device for device in plan.waves[plan.trouble_in] if device != late]

    def is_waited_for() -> bool:
        statuses = operator.statuses(deployment_id)
        others_are_through = all(statuses[device] in {"success", "staged"} for device in others)
        return statuses.get(late) == "deploying" and others_are_through and lane.has_job(deployment_id, late)

    eventually(is_waited_for, seconds=_SECONDS, what=f"nothing but {late} is waited for")
    operator.rollback(deployment_id)


def _promote(operator: Operator, deployment_id: str) -> None:
    """Promote as soon as the wait has begun."""

    def is_promoted() -> bool:
        try:
            operator.promote(deployment_id)
        except ProblemError as refused:
            if refused.status != CONFLICT or "no delay between waves is under way" not in refused.problem["detail"]:
                raise
            return False
        return True

    eventually(is_promoted, seconds=_SECONDS, what="the wait is under way, and ended")


def _until_first_wave_is_through(operator: Operator, deployment_id: str, plan: Plan) -> None:
    first = [device for device in plan.waves[0] if device != plan.trouble]
    eventually(
        lambda: all(operator.statuses(deployment_id).get(device) in {"success", "staged"} for device in first),
        seconds=_SECONDS,
        what="the first wave is through",
    )


def _pause_and_go_on(operator: Operator, deployment_id: str, plan: Plan) -> None:
    """Pause while the first wave settles; the waves after it do not begin before the resume."""
    eventually(
        lambda: operator.read(deployment_id)["current_wave"] == 1, seconds=_SECONDS, what="the first wave is dispatched"
    )
    operator.pause(deployment_id)
    later = [device for wave in plan.waves[1:] for device in wave]
    eventually(
        lambda: all(
            target["status"] in {"success", "staged"}
            for device, target in operator.targets(deployment_id).items()
            if device not in later
        ),
        seconds=_SECONDS,
        what="the devices that were told have finished",
    )
    assert all(operator.statuses(deployment_id)[device] == "pending" for device in later)
    if operator.read(deployment_id)["status"] == "paused":  # a deployment without a further wave has completed
        try:
            operator.resume(deployment_id)
        except ProblemError as problem:
            if problem.status != CONFLICT or operator.read(deployment_id)["status"] != "completed":
                raise  # else it completed in between


def _hold_to(scenario: Scenario, plan: Plan, lane: Lane, flow_id: str, targets: dict[str, dict[str, Any]]) -> None:
    seen = set()
    for number, wave in enumerate(plan.waves):
        for device in wave:
            allowed = _allowed(scenario, plan, number, device)
            seen.add(allowed)
            status = targets[device]["status"]
            runs = lane.fleet.running(flow_id).get(device)
            assert (status, runs) in allowed, f"{device} of wave {number + 1}: {targets[device]}, runs {runs}"
    told = {scenario.trouble, scenario.its_wave, scenario.before, scenario.after} - {frozenset()}
    assert seen == told, "every cell is of some device"


def _hold_to_its_history(operator: Operator, deployment_id: str) -> None:
    """What the history tells, alone, is what is shown, as soon as the tally has counted the last target."""

    def is_told() -> bool:
        story = story_of(operator.events(deployment_id))
        return story == story_as_shown(operator.read(deployment_id), operator.targets(deployment_id), like=story)

    eventually(is_told, seconds=_SECONDS, what=f"the history of {deployment_id} tells what is shown")


def _allowed(scenario: Scenario, plan: Plan, number: int, device: str) -> Ends:
    if device == plan.trouble:
        return scenario.trouble
    if number == plan.trouble_in:
        return scenario.its_wave
    return scenario.before if number < plan.trouble_in else scenario.after


_ABSENT: Final[dict[str, dict[str, object]]] = {
    "failure below the threshold": {"failure_threshold": 60},
    "failure at the threshold": {"failure_threshold": 50},
    "health lost in the wait": {"batch_delay": "10m"},
    "promote in the wait": {"batch_delay": "10m"},
}
"""The setting that the situation would need."""


def _is_refused(scenario: Scenario, lane: Lane) -> None:
    setting = _ABSENT[scenario.situation]
    flow_id = lane.operator.flow(GOOD)
    with pytest.raises(ProblemError) as refused:
        lane.operator.create(flow_id, [*lane.well], strategy=scenario.strategy, **setting)
    assert refused.value.status == UNPROCESSABLE
    faults = [fault["pointer"] for fault in refused.value.problem["errors"]]
    assert faults == [f"/config/{name}" for name in setting]
