"""Secrets of flows that run in workers: each gets those that it names, and what it tells the agent shows none."""

import logging

import pytest

from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.publishing import Refusal
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.workers.works import Works, counting

FLOW = "flow_1"
NAMES_IT = counting("x/${secret:PART}")


def test_a_flow_without_its_secret_is_refused_by_name_and_runs_with_it(works: Works) -> None:
    version = works.version(*NAMES_IT)
    with pytest.raises(FlowRejected) as refused:
        works.runtime.check(FLOW, works.store.get(version.sha256))
    assert refused.value.reason is Reason.MISSING_SECRET
    assert refused.value.message.startswith("secret PART is not set on this device")
    works.run(FLOW, *NAMES_IT)
    works.wait_for(FLOW, Health.UNHEALTHY, "secret PART is not set on this device")
    assert works.runtime.running() == {}
    assert works.report(FLOW).running is False
    works.secrets |= {"PART": "hidden.part", "OTHER": "of another flow"}
    works.runtime.check(FLOW, works.store.get(version.sha256))
    works.run(FLOW, *NAMES_IT)
    works.goes_on(topic="x/hidden.part", seconds=15)
    wait_for(lambda: works.report(FLOW).running or None, what="it is said to run")


def test_no_log_of_a_worker_shows_a_secret(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    works.secrets["PART"] = "hidden.part"
    works.refusal = Refusal.OFFLINE
    works.run(FLOW, *NAMES_IT)
    wait_for(lambda: "/out/x/•••: not published" in caplog.text or None, what="it is said that it cannot publish")
    assert "hidden.part" not in caplog.text
    assert all("hidden.part" not in str(each) for each in works.runtime.report())
