"""What a flow can do to its process, and what must hold then: it is found, told, and harms nobody else."""

import time

import pytest

from edge_agent.disk.slots import Slots
from edgeflow.contract.flow import Node
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.workers.works import LIMITS, MIB, Works, counting, ill

pytestmark = pytest.mark.slow

ILL, WELL = "flow_ill", "flow_well"
TOLD = {
    "hang": f"was ended, for it gave no sign of life for {LIMITS.silence:g} s",
    "hog": f"was ended, for it used more than {LIMITS.memory // MIB} MiB",
    "exit": "ended by itself, with exit code 7",
    "crash": "was ended by SIGSEGV",
}
QUIET = (Node(id="n", type="debug"),)


@pytest.mark.parametrize("does", TOLD)
def test_a_flow_that_harms_its_process_is_quarantined_and_the_others_go_on(works: Works, does: str) -> None:
    works.run(WELL, *counting())
    works.goes_on(seconds=15)
    works.run(ILL, *ill(does))
    said = works.wait_for(ILL, Health.UNHEALTHY, "crash_loop", seconds=30)
    assert TOLD[does] in said
    assert works.runtime.reason(ILL) is Reason.CRASH_LOOP
    assert works.report(ILL).reason is Reason.CRASH_LOOP
    assert ILL not in works.runtime.running(), "what does not run is not said to run"
    works.goes_on()
    assert works.health(WELL) == (Health.HEALTHY, "")


@pytest.mark.parametrize("does", TOLD)
def test_one_that_turns_bad_at_its_second_start_is_found_after_a_restart_of_the_agent(works: Works, does: str) -> None:
    version = works.run(ILL, *ill(does, from_start=2))
    works.wait_for(ILL, Health.HEALTHY)
    works.runtime.stop()
    well = works.version(*counting())
    works.switch_on().bring_up({ILL: Slots(version), WELL: Slots(well)})
    assert TOLD[does] in works.wait_for(ILL, Health.UNHEALTHY, "crash_loop", seconds=30)
    works.goes_on()


@pytest.mark.parametrize("does", TOLD)
def test_one_that_turns_bad_later_is_unhealthy_from_then_on(works: Works, does: str) -> None:
    works.run(WELL, *counting())
    works.run(ILL, *ill(does, after=0.3))
    works.wait_for(ILL, Health.HEALTHY)
    assert TOLD[does] in works.wait_for(ILL, Health.UNHEALTHY, "The flow's process", seconds=15)
    seen = set()

    def quarantined() -> bool | None:
        health, said = works.health(ILL)
        seen.add(health)
        return "crash_loop" in said or None

    wait_for(quarantined, what="it is quarantined", every=0.001)
    assert seen <= {Health.UNHEALTHY}, "it is never well between two crashes"
    works.goes_on()


@pytest.mark.parametrize("does", TOLD)
def test_the_version_before_comes_back_while_the_new_one_does_its_harm(works: Works, does: str) -> None:
    before = works.version(*counting())
    works.runtime.arrange(ILL, Slots(before))
    works.run(ILL, *ill(does), number=2)
    begun = time.monotonic()
    works.runtime.arrange(ILL, Slots(before))
    assert time.monotonic() - begun < 5
    works.wait_for(ILL, Health.HEALTHY)
    assert works.runtime.running() == {ILL: 1}


def test_a_flow_in_quarantine_is_not_tried_again_by_a_restart_but_told(works: Works) -> None:
    version = works.run(ILL, *ill("exit"))
    works.wait_for(ILL, Health.UNHEALTHY, "crash_loop")
    starts = works.directory / "files" / ILL / "starts"
    before = starts.stat().st_size
    works.runtime.stop()
    works.switch_on().bring_up({ILL: Slots(version), WELL: Slots(works.version(*counting()))})
    works.wait_for(ILL, Health.UNHEALTHY, "crash_loop")
    works.goes_on()
    assert starts.stat().st_size == before


def test_another_version_begins_anew(works: Works) -> None:
    works.run(ILL, *ill("exit"))
    works.wait_for(ILL, Health.UNHEALTHY, "crash_loop")
    works.run(ILL, *counting(), number=2)
    works.wait_for(ILL, Health.HEALTHY)
    assert works.runtime.running() == {ILL: 2}


def test_what_a_flow_left_behind_ends_with_it(works: Works) -> None:
    works.run(ILL, *ill("orphan"))
    works.wait_for(ILL, Health.UNHEALTHY, "exit code 7")
    orphan = works.directory / "files" / ILL / "orphan"
    wait_for(lambda: orphan.exists() or None, what="it has left something behind")
    # What is left at the end of the test is looked at by the fixture.


def test_a_tree_that_doubles_sixty_times_ends_well(works: Works) -> None:
    doubling = [{"action": "set", "property": "a", "value": [1]}]
    for _ in range(60):
        doubling += [
            {"action": "copy", "property": "a", "to": "b.x"},
            {"action": "copy", "property": "a", "to": "b.y"},
            {"action": "move", "property": "b", "to": "a"},
        ]
    works.run(WELL, *counting())
    works.run(
        ILL,
        Node(id="in", type="inject", config={"payload": {}, "interval": "1s"}),
        *[
            Node(id=f"c{part}", type="change", config={"rules": doubling[at : at + 30]})
            for part, at in enumerate(range(0, len(doubling), 30))
        ],
        Node(id="out", type="mqtt_out"),
    )
    works.wait_for(ILL, Health.UNHEALTHY, seconds=30)
    works.goes_on()
