"""Every strategy in every situation, generated from the table in docs/architecture.md: the two cannot differ."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import product
from pathlib import Path
from queue import SimpleQueue
from typing import Final
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import Rest
from localcloud.stack import Stack
from tests.e2e.conftest import WITH_OTHER_SENSOR
from tests.support.rollouts import LATE, OTHER_SENSOR, Operator, jobs_of
from tests.support.scenarios import SUCCEEDS_LATE, Lane, Scenario, play, read_table

SCENARIOS: Final = read_table(Path(__file__).parents[2] / "docs" / "architecture.md")
STRATEGIES: Final = ("all_at_once", "rolling", "canary", "blue_green")
SITUATIONS: Final = (
    "success",
    "failure below the threshold",
    "failure at the threshold",
    "failure above the threshold",
    "a device never answers",
    "an offline device, offline: skip",
    SUCCEEDS_LATE,
    "health lost in the wait",
    "pause, then resume",
    "promote in the wait",
    "rollback by the operator",
    "cancel while it runs",
    "failure, auto_rollback off",
    "failure, health_check off",
    "undeploy",
    "undeploy where there is nothing",
    "undeploy, then rollback",
    "undeploy, a device does not answer",
)
WELL_IN_A_LANE: Final = 4
LONGEST_SECONDS: Final = 240.0

pytestmark = pytest.mark.timeout(LONGEST_SECONDS + 10)


def test_the_table_has_a_line_for_every_strategy_in_every_situation() -> None:
    assert sorted((line.strategy, line.situation) for line in SCENARIOS) == sorted(product(STRATEGIES, SITUATIONS))


@pytest.fixture(scope="module")
def lanes(
    stack: Stack, fleet: Fleet, devices: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Lane]]:
    """The fleet, and as many devices as one lane needs, divided so that scenarios do not wait for each other's."""
    more = [f"lane_{number}" for number in range(1, WELL_IN_A_LANE + 2)]
    fleet.register(more)
    fleet.start(more, hardware={more[0]: OTHER_SENSOR})
    ill = [*(devices[place] for place in WITH_OTHER_SENSOR), more[0]]
    well = [device for place, device in enumerate(devices) if place not in WITH_OTHER_SENSOR] + more[1:]
    rests = [Rest(stack) for _ in ill]

    def asleep() -> str:
        name = f"asleep_{uuid4().hex[:8]}"
        Fleet(stack, tmp_path_factory.mktemp("asleep")).register([name])
        return name

    def late() -> str:
        name = f"{LATE}{uuid4().hex[:8]}"
        fleet.register([name])
        fleet.start([name])
        return name

    yield [
        Lane(
            Operator(rest),
            fleet,
            one,
            well[number * WELL_IN_A_LANE : (number + 1) * WELL_IN_A_LANE],
            asleep,
            late,
            lambda deployment_id, device: bool(jobs_of(stack, deployment_id, device)),
        )
        for number, (one, rest) in enumerate(zip(ill, rests, strict=True))
    ]
    for rest in rests:
        rest.close()


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, lanes: list[Lane]) -> Iterator[dict[str, Future[None]]]:
    """Every scenario that is asked for, at work: one in each lane at a time, the next in the lane that is free."""
    asked = [scenario for item in request.session.items if (scenario := scenario_of(item)) is not None]
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def play_in_a_free_lane(scenario: Scenario) -> None:
        lane = free.get_nowait()  # there are as many lanes as threads
        try:
            play(scenario, lane)
        finally:
            free.put(lane)

    pool = ThreadPoolExecutor(max_workers=len(lanes), thread_name_prefix="lane")
    yield {scenario.name: pool.submit(play_in_a_free_lane, scenario) for scenario in asked}
    pool.shutdown(cancel_futures=True)


def scenario_of(item: pytest.Item) -> Scenario | None:
    """Return the line of the table that a test is generated from."""
    call = getattr(item, "callspec", None)
    scenario = call.params.get("scenario") if call is not None else None
    return scenario if isinstance(scenario, Scenario) else None


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_ends_as_the_table_says(scenario: Scenario, plays: dict[str, Future[None]]) -> None:
    plays[scenario.name].result(timeout=LONGEST_SECONDS)
