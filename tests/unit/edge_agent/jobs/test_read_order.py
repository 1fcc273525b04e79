"""A device with keys of orders does what the stack has signed for it, once, in its order and in time; nothing else."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.disk.state import AgentState
from edge_agent.jobs.ports import Execution
from edge_agent.jobs.read_document import NotUnderstood
from edge_agent.jobs.read_order import Ordered, OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.job import StatusDetails
from edgeflow.contract.reasons import Reason
from tests.support.signing import LocalKey
from tests.unit.edge_agent.device import (
    JOB,
    NOON,
    REMOVE,
    Device,
    Power,
    PowerCut,
    activate,
    apply,
    sha256,
    stage,
)
from tests.unit.edge_agent.orders import DEVICE_ID, TRUSTED, sign, signed

SECOND = timedelta(seconds=1)


def read(document: Any, **about: Any) -> Ordered | NotUnderstood:  # noqa: ANN401  anything can come
    """Read a document on a device that trusts the key of these tests, at noon."""
    execution = Execution(**{"job_id": JOB, "status": "QUEUED", "document": document} | about)
    return OrderReader(DEVICE_ID, TRUSTED, lambda: NOON)(execution, AgentState())


def refusal(document: Any, **about: Any) -> tuple[Reason, str]:  # noqa: ANN401  as above
    found = read(document, **about)
    assert isinstance(found, NotUnderstood)
    return found.reason, found.message


def payload(**changes: Any) -> str:  # noqa: ANN401  as above
    """Return the payload of an order, changed; ``None`` takes a key away."""
    said = json.loads(signed(apply(2))["order"]["payload"]) | changes
    return json.dumps({key: value for key, value in said.items() if value is not None})


@pytest.mark.parametrize("document", [apply(2), stage(2), activate(2), activate(2, artifact=True), REMOVE])
def test_what_is_signed_is_done_whatever_the_document_says_beside(document: dict[str, Any]) -> None:
    honest = read(signed(document))
    assert isinstance(honest, Ordered)
    outer = REMOVE | {"flow_id": "flow_9", "order": signed(document)["order"], "artifact": document.get("artifact")}
    assert read(outer) == honest
    assert honest.document.operation == document["operation"]


def test_of_the_artifact_the_address_alone_is_taken_from_the_document() -> None:
    document = signed(apply(2))
    document["artifact"] = {"url": "https://fresh.test/", "sha256": "0" * 64, "size": 1}
    found = read(document)
    assert isinstance(found, Ordered)
    assert found.document.artifact is not None
    assert (found.document.artifact.url, found.document.artifact.sha256) == ("https://fresh.test/", sha256(2))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (apply(2), "has no signed order, and this device takes no other; .* order_keys"),
        (apply(2) | {"order": None}, "has no signed order"),
        (apply(2) | {"order": {"payload": "{}"}}, "signed order cannot be read: key: Field required"),
        (apply(2) | {"order": []}, "signed order cannot be read"),
        (signed(apply(2), key=LocalKey()), "does not trust; add the key to order_keys in the agent's settings"),
        (signed(apply(2), "another"), f"was signed for job another, and came as {JOB}"),
        (signed(apply(2), devices=("dev_002", "dev_0011")), "was signed for other devices than dev_001"),
        (apply(2) | {"order": sign("not JSON")}, "is no JSON"),
        (apply(2) | {"order": sign("{}") | {"payload": '{"half": "\ud800"}'}}, "signed order cannot be read: payload"),
        ([], "has no signed order"),
    ],
)
def test_what_is_not_signed_for_this_job_and_device_by_a_trusted_key_is_refused(document: Any, said: str) -> None:  # noqa: ANN401
    reason, message = refusal(document)
    assert reason is Reason.ORDER_UNTRUSTED
    assert re.search(said, message)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": "edgeflow.order/2"}, Reason.UNSUPPORTED_SCHEMA),
        ({"operation": "explode"}, Reason.UNSUPPORTED_OPERATION),
        ({"version": None}, Reason.UNSUPPORTED_OPERATION),
        ({"artifact": None}, Reason.UNSUPPORTED_OPERATION),
        ({"issued": None}, Reason.UNSUPPORTED_OPERATION),
    ],
)
def test_what_a_newer_stack_signs_and_this_agent_does_not_know_is_told_as_that(
    changes: dict[str, Any], reason: Reason
) -> None:
    assert refusal(apply(2) | {"order": sign(payload(**changes))})[0] is reason
    assert isinstance(read(apply(2) | {"order": sign(payload(of_tomorrow=1))}), Ordered), "a key more is none the worse"


@pytest.mark.parametrize("order", ["[]", "1", '"text"', "null"])
def test_a_payload_that_is_no_order_at_all_is_refused(order: str) -> None:
    assert refusal(apply(2) | {"order": sign(order)})[0] is Reason.UNSUPPORTED_SCHEMA


@given(data=st.data(), part=st.sampled_from(["payload", "value", "key"]))
def test_any_change_of_what_is_signed_or_of_the_signature_is_refused(data: st.DataObject, part: str) -> None:
    document = signed(apply(2))
    text = document["order"][part]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[place]))
    document["order"] = document["order"] | {part: text[:place] + other + text[place + 1 :]}
    assert refusal(document)[0] is Reason.ORDER_UNTRUSTED


def test_an_order_counts_until_it_expires_by_the_clock_of_the_cloud_where_that_is_known() -> None:
    document = signed(apply(2), lasts=timedelta(hours=1))
    assert isinstance(read(document, told_at=NOON + timedelta(hours=1) - SECOND), Ordered)
    reason, message = refusal(document, told_at=NOON + timedelta(hours=1))
    assert reason is Reason.ORDER_EXPIRED
    assert "expired at 2026-02-21T13:00:00Z, and by the clock of AWS IoT it is 2026-02-21T13:00:00Z" in message
    reason, message = refusal(signed(apply(2), lasts=-SECOND))
    assert reason is Reason.ORDER_EXPIRED
    assert "by this device's clock it is 2026-02-21T12:00:00Z; deploy what is to run anew, or set the clock" in message
    assert isinstance(read(signed(apply(2), lasts=-SECOND), told_at=NOON - timedelta(hours=2)), Ordered)


@pytest.mark.parametrize("order", [{}, {"order": {"payload": "whatever", "key": "a" * 64, "value": "AAAA"}}])
def test_a_device_without_keys_of_orders_goes_by_the_document(order: dict[str, Any]) -> None:
    execution = Execution(job_id=JOB, status="QUEUED", document=apply(2) | order)
    found = OrderReader(DEVICE_ID, NO_KEYS, lambda: NOON)(execution, AgentState())
    assert isinstance(found, Ordered)
    assert (found.document.version, found.orders) == (2, AgentState().orders)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that runs version 1 and takes signed orders alone."""
    made = Device(tmp_path, Power()).pin()
    made.install(1)
    made.boot()
    return made


def send(device: Device, document: dict[str, Any], job_id: str = JOB) -> str:
    """Let somebody create a job, perhaps once more under the same name; returns how it ended."""
    device.cloud.executions[job_id] = ["QUEUED", document]
    device.live()
    return device.cloud.status(job_id)


OF_ANOTHER_FLOW = {"flow_id": "flow_nobody"}


@pytest.mark.parametrize(
    "document",
    [REMOVE | OF_ANOTHER_FLOW, signed(REMOVE, key=LocalKey()), signed(apply(2) | OF_ANOTHER_FLOW, "another"), REMOVE],
    ids=["another flow", "key", "job", "unsigned"],
)
def test_what_nobody_vouches_for_makes_the_device_report_of_no_flow(device: Device, document: dict[str, Any]) -> None:
    assert send(device, document) == "REJECTED"
    told = StatusDetails.from_wire(device.cloud.details[JOB])
    assert (told.runs_version, told.holds_version, told.sequence) == (None, None, 0)


def test_of_an_order_that_came_too_late_the_device_reports_what_it_runs_of_the_flow_that_was_signed(
    device: Device,
) -> None:
    assert send(device, signed(REMOVE, lasts=-SECOND) | OF_ANOTHER_FLOW) == "REJECTED"
    told = StatusDetails.from_wire(device.cloud.details[JOB])
    assert (told.reason, told.runs_version, told.holds_version) == (Reason.ORDER_EXPIRED, 1, 1)
    assert told.sequence > 0


@pytest.mark.parametrize(
    "document",
    [REMOVE, signed(REMOVE, key=LocalKey()), signed(REMOVE, "another"), signed(REMOVE, lasts=-SECOND)],
    ids=["unsigned", "key", "job", "expired"],
)
def test_what_is_refused_changes_and_downloads_nothing_and_the_flow_goes_on(
    device: Device, document: dict[str, Any]
) -> None:
    before = device.state
    starts = [*device.flows.starts]
    device.cloud.executions[JOB] = ["QUEUED", document | {"artifact": apply(2)["artifact"]}]
    device.engine.work()
    assert device.cloud.status() == "REJECTED"
    assert device.cloud.details[JOB]["reason"].startswith("order_")
    assert (device.fetched, device.flows.starts) == ([], starts), "nothing was downloaded, nothing stopped or started"
    assert device.state == before.model_copy(update={"sequence": device.state.sequence})


def test_an_order_of_before_is_refused_under_its_own_name_and_under_another_also_once_the_flow_is_gone(
    device: Device,
) -> None:
    captured = signed(apply(2), "first", issued=1)
    assert send(device, captured, "first") == "SUCCEEDED"
    assert send(device, captured, "first") == "REJECTED"
    assert device.cloud.details["first"]["reason"] == "order_replayed"
    assert send(device, signed(REMOVE, "second", issued=2), "second") == "SUCCEEDED"
    for name, reason in (("first", "order_replayed"), ("third", "order_untrusted")):
        assert send(device, captured, name) == "REJECTED"
        assert device.cloud.details[name]["reason"] == reason
    assert device.version is None
    assert send(device, signed(apply(3), "fourth", issued=3), "fourth") == "SUCCEEDED"


def test_a_job_that_was_begun_goes_on_after_a_power_cut_however_late_it_is(device: Device) -> None:
    cut = iter([True, False])

    def power_cut() -> None:
        if next(cut):
            raise PowerCut

    device.on_fetch = power_cut
    device.cloud.executions[JOB] = ["QUEUED", signed(apply(2), lasts=SECOND)]
    with pytest.raises(PowerCut):
        device.engine.work()
    device.clock = lambda: NOON + timedelta(days=1)
    device.live()
    assert (device.cloud.status(), device.version) == ("SUCCEEDED", 2)
