"""Flows in workers: what they publish, hear, share and say is what it would be in one process."""

import json
import logging
import os
import signal

import pytest

from edge_agent.disk.slots import Slots
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.publishing import Refusal
from edge_agent.flows.workers import fork_server as fork_server_module
from edge_agent.flows.workers.flow_worker import Timing
from edge_agent.flows.workers.forking import ForkServerProcess
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health, Slot
from tests.support.ill_nodes import as_package
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.workers.works import DEVICE, Works, counting

FLOW, OTHER = "flow_1", "flow_2"
IN = f"edgeflow/devices/{DEVICE}/in"
ECHO = (
    Node(id="in", type="mqtt_in", config={"topic": "said"}),
    Node(id="out", type="mqtt_out", config={"topic": "echo"}),
)


def test_a_flow_runs_in_a_process_of_its_own_and_is_stopped_with_it(works: Works) -> None:
    works.run(FLOW, *counting())
    works.goes_on(seconds=15)
    assert works.process(FLOW) != os.getpid()
    wait_for(lambda: works.runtime.running() == {FLOW: 1} or None, what="it is said to run")
    works.runtime.arrange(FLOW, Slots())
    published = len(works.counts())
    works.run(OTHER, *counting("other"))
    works.goes_on(topic="other")
    assert len(works.counts()) == published
    wait_for(lambda: works.runtime.running() == {OTHER: 1} or None, what="it is said to run")


def test_what_comes_by_mqtt_reaches_the_flow_until_it_is_stopped(works: Works) -> None:
    works.run(FLOW, *ECHO)
    take = wait_for(lambda: works.takers.get(f"{IN}/said"), what="it listens")
    for number in range(50):
        take(f"{IN}/said", json.dumps(number).encode())
    wait_for(lambda: works.counts("echo") == list(range(50)) or None, what="all comes back, in order")
    works.runtime.arrange(FLOW, Slots())
    assert works.takers == {}
    take(f"{IN}/said", b"1")  # what comes late is no fault


@pytest.mark.slow
def test_a_flow_hears_that_the_device_is_offline_and_sends_again(works: Works) -> None:
    works.refusal = Refusal.OFFLINE
    works.run(FLOW, *counting())
    works.wait_for(FLOW, Health.HEALTHY)
    works.refusal = None
    wait_for(lambda: len(works.counts()) > 20 or None, what="it publishes again")
    counts = works.counts()
    assert counts == list(range(counts[0], counts[0] + len(counts)))


@pytest.mark.slow
def test_a_flow_hears_what_became_of_its_messages_with_qos_1(works: Works) -> None:
    config = {"topic": "count", "qos": 1, "store": True}
    works.run(FLOW, Node(id="in", type="counter"), Node(id="out", type="mqtt_out", config=config))
    works.goes_on(seconds=15)
    assert works.last_how == (1, True)
    settled = works.settled[f"edgeflow/devices/{DEVICE}/out/count"]
    settled("not acknowledged within 30 s")
    works.wait_for(FLOW, Health.UNHEALTHY, "A message was not acknowledged within 30 s.")
    settled(None)
    works.wait_for(FLOW, Health.HEALTHY)
    works.refusal = Refusal.STORE_FULL
    works.wait_for(FLOW, Health.UNHEALTHY, "could not be stored: it is store full")
    wait_for(lambda: works.report(FLOW).dropped or None, what="what is dropped is counted")


def test_a_version_that_stands_by_is_not_heard_until_the_switch_which_restarts_nothing(works: Works) -> None:
    blue, green = works.version(*counting("blue")), works.version(*counting("green"), number=2, slot=Slot.GREEN)
    works.runtime.arrange(FLOW, Slots(blue, green))
    works.goes_on(topic="blue", seconds=15)
    wait_for(
        lambda: works.runtime.health(FLOW, standby=True)[0] is Health.HEALTHY or None, what="the other one is well"
    )
    assert works.counts("green") == []
    process = works.process(FLOW)
    works.runtime.arrange(FLOW, Slots(green, blue))
    wait_for(lambda: works.counts("green") or None, what="the other one is heard")
    assert works.counts("green")[0] > 1, "it has been counting for a while"
    assert works.process(FLOW) != process
    both = ({FLOW: 2}, {FLOW: 1})
    wait_for(
        lambda: (works.runtime.running(), works.runtime.running(standby=True)) == both or None,
        what="both are said to run",
    )
    works.runtime.arrange(FLOW, Slots(blue, green))
    assert works.process(FLOW) == process, "it was there all the time"


def test_links_join_flows_that_both_name_them_and_no_others(works: Works) -> None:
    ears = [("a", "hall"), ("b", None), ("c", "roof")]
    for flow_id, link in ears:
        config = {} if link is None else {"link": link}
        out = Node(id="out", type="mqtt_out", config={"topic": flow_id})
        works.run(f"flow_{flow_id}", Node(id="in", type="link_in", config=config), out)
        works.wait_for(f"flow_{flow_id}", Health.HEALTHY)
    works.run(FLOW, Node(id="in", type="counter"), Node(id="out", type="link_out", config={"link": "hall"}))
    wait_for(lambda: len(works.counts("a")) > 5 or None, what="it comes by the link")
    counts = works.counts("a")
    assert counts == list(range(counts[0], counts[0] + len(counts)))
    assert (works.counts("b"), works.counts("c")) == ([], [])


def test_a_link_within_a_flow_joins_its_own_nodes_alone(works: Works) -> None:
    def linked(topic: str) -> tuple[Node, ...]:
        out = Node(id="out", type="mqtt_out", config={"topic": topic})
        return Node(id="in", type="counter"), Node(id="away", type="link_out"), Node(id="back", type="link_in"), out

    for flow_id, topic in ((FLOW, "count"), (OTHER, "other")):
        works.runtime.arrange(flow_id, Slots(works.version(*linked(topic), gap_after="away")))
    works.goes_on(seconds=15)
    works.goes_on(topic="other", seconds=15)


def test_what_a_flow_logs_is_in_the_agent_s_log(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    works.run(FLOW, Node(id="in", type="counter"), Node(id="judge", type="switch"))

    def look() -> logging.LogRecord | None:
        return next((record for record in caplog.records if record.name == "edge_agent.flows.builtin.flow"), None)

    record = wait_for(look, what="it is logged")
    assert record.levelno == logging.WARNING
    assert (getattr(record, "flow_id", None), getattr(record, "node_id", None)) == (FLOW, "judge")


@pytest.mark.slow
def test_activity_is_reported(works: Works) -> None:
    works.run(FLOW, *counting())
    wait_for(lambda: works.report(FLOW).messages_per_minute or None, what="it is measured", seconds=20)
    assert [node.node_id for node in works.report(FLOW).activity]


def test_a_flow_that_cannot_run_is_refused_before_it_runs(works: Works) -> None:
    unknown = FlowArtifact(definition=Definition(nodes=(Node(id="n", type="teleport"),)))
    with pytest.raises(FlowRejected, match="teleport") as refusal:
        works.runtime.check(FLOW, unknown)
    assert refusal.value.reason is Reason.UNKNOWN_NODE_TYPE
    works.runtime.check(FLOW, FlowArtifact(definition=Definition(nodes=counting())))
    works.run(FLOW, Node(id="n", type="teleport"))
    assert "teleport" in works.wait_for(FLOW, Health.UNHEALTHY)
    assert works.runtime.running() == {}
    assert works.runtime.reason(FLOW) is Reason.UNHEALTHY


def test_a_package_that_ends_its_process_when_it_is_loaded_ends_no_more_than_the_check(
    works: Works, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fatal")
    environment = as_package(folder, {"fatal": "fatal_node:Fatal"})
    (folder / "fatal_node.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    server = ForkServerProcess(environment)
    try:
        other = Works(works.directory / "other", server)
        fatal = FlowArtifact(definition=Definition(nodes=(Node(id="n", type="fatal"),)))
        with pytest.raises(FlowRejected, match="ended by itself, with exit code 3"):
            other.runtime.check(FLOW, fatal)
        other.runtime.stop()
    finally:
        server.stop()


@pytest.mark.slow
def test_a_worker_that_is_killed_is_started_again_and_well_after_a_while(works: Works) -> None:
    works.runtime.stop()
    works.switch_on(timing=Timing(first_retry=0.05, quarantine=3_600, well_after=1, stop=3))
    works.run(FLOW, *counting())
    works.run(OTHER, *counting("other"))
    works.goes_on(topic="other", seconds=15)
    process = works.process(FLOW)
    os.kill(process, signal.SIGKILL)
    assert "was killed (SIGKILL)" in works.wait_for(FLOW, Health.UNHEALTHY)
    works.process(FLOW, other_than=process)
    works.wait_for(FLOW, Health.HEALTHY)
    works.goes_on(topic="other")


@pytest.mark.slow
def test_a_fork_server_that_is_killed_comes_back_with_all_flows(works: Works, fork_server: ForkServerProcess) -> None:
    works.run(FLOW, *counting())
    process = works.process(FLOW)
    server = fork_server.process
    assert server is not None
    os.kill(server, signal.SIGKILL)
    works.process(FLOW, other_than=process)
    works.wait_for(FLOW, Health.HEALTHY)
    assert fork_server.process != server


def test_flows_that_cannot_be_loaded_do_not_keep_the_agent_from_its_jobs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def is_missing() -> None:
        message = "No module named 'gone'"
        raise ImportError(message)

    monkeypatch.setattr(fork_server_module, "prepare_memory", is_missing)
    server = ForkServerProcess()
    server.start_early()
    assert server.process is None
    assert "what flows need cannot be loaded" in caplog.text


def test_jobs_may_change_a_flow_before_those_of_before_are_brought_up(works: Works) -> None:
    before, new = works.version(*counting("before")), works.version(*counting("new"), number=2)
    works.runtime.arrange(FLOW, Slots(new))
    works.runtime.bring_up({FLOW: Slots(before)})
    wait_for(lambda: works.runtime.running() == {FLOW: 2} or None, what="the job's version runs")


def test_flows_that_are_held_back_are_told_so_until_they_are_brought_up(works: Works) -> None:
    slots = {FLOW: Slots(works.version(*counting()))}
    works.runtime.hold_back(slots, "The agent goes down again and again.")
    assert works.runtime.running() == {}
    assert works.health(FLOW) == (Health.UNHEALTHY, "The agent goes down again and again.")
    works.runtime.bring_up(slots)
    works.goes_on(seconds=15)


def test_gpio_lines_are_opened_in_a_process_that_all_flows_share(works: Works) -> None:
    for flow_id in (FLOW, OTHER):
        works.run(flow_id, Node(id="n", type="gpio_in", config={"line": 17}))
    said = works.wait_for(FLOW, Health.UNHEALTHY)
    assert "gpio" in said
    assert works.wait_for(OTHER, Health.UNHEALTHY) == said


@pytest.mark.slow
def test_a_flow_that_floods_is_slowed_and_holds_up_nobody(works: Works) -> None:
    source = Node(id="in", type="counter", config={"every": 0.001})
    works.run(OTHER, source, Node(id="out", type="mqtt_out", config={"topic": "flood"}))
    works.run(FLOW, *counting())
    wait_for(lambda: len(works.counts("flood")) > 500 or None, what="it floods")
    works.goes_on()
