"""Orders as they are signed: whole, and readable by whoever is older or newer."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgeflow.contract.job import Artifact, HealthCheck, JobDocument, Operation, Watch
from edgeflow.contract.order import Order
from edgeflow.contract.signing import ArtifactSignature, SignedOrder, order_message, statement

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
SIGNED = SignedOrder(payload="{}", key="a" * 64, value="AAAA")
URL = "https://example.com/artifact"
ARTIFACTS = st.builds(
    Artifact,
    url=st.just(URL),
    sha256=st.just("ab" * 32),
    size=st.integers(1, 1_000),
    signature=st.none() | st.just(ArtifactSignature(key="c" * 64, value="AAAA")),
)
DOCUMENTS = st.builds(
    JobDocument,
    schema=st.just("edgeflow.job/1"),
    operation=st.sampled_from(Operation),
    deployment_id=st.just("dep_1"),
    flow_id=st.just("flow_1"),
    version=st.integers(1, 10**8),
    artifact=ARTIFACTS,
    health_check=st.none() | st.builds(HealthCheck, window_seconds=st.floats(0, 3_600)),
    watch=st.none() | st.just(Watch(until=NOON)),
    clear_standby=st.booleans(),
    order=st.none() | st.just(SIGNED),
)


def order(document: JobDocument) -> Order:
    return Order.of(document, job_id="dep_1-w00001-0000", devices=("dev_1",), issued=1, expires=NOON)


@given(document=DOCUMENTS)
def test_an_order_says_all_that_its_document_says_but_the_address(document: JobDocument) -> None:
    made = order(document)
    assert URL not in made.payload()
    read = Order.model_validate_json(made.payload())
    assert read == made
    assert read.document(URL) == document.model_copy(update={"order": None})


def test_each_key_of_a_document_is_in_the_order_that_is_signed() -> None:
    of_orders = {"job_id", "devices", "issued", "expires"}
    assert set(Order.model_fields) - of_orders == set(JobDocument.model_fields) - {"order"}


def test_an_agent_of_before_reads_a_document_with_an_order_as_one_without() -> None:
    document = JobDocument(operation=Operation.REMOVE, deployment_id="dep_1", flow_id="flow_1")
    with_order = json.loads(document.model_copy(update={"order": SIGNED}).model_dump_json(by_alias=True))
    known = {key: value for key, value in with_order.items() if key != "order"}
    assert JobDocument.model_validate(known) == document, "what it knows is all there"
    assert JobDocument.model_validate(with_order | {"of_tomorrow": 1}).order == SIGNED


def test_a_cloud_of_tomorrow_may_sign_more() -> None:
    document = JobDocument(operation=Operation.REMOVE, deployment_id="dep_1", flow_id="flow_1")
    more = json.loads(order(document).payload()) | {"of_tomorrow": {"a": 1}}
    assert Order.model_validate_json(json.dumps(more)) == order(document)


@pytest.mark.parametrize("changes", [{"devices": []}, {"devices": ["d"] * 101}, {"issued": -1}, {"expires": "noon"}])
def test_an_order_has_devices_a_number_and_an_end(changes: dict[str, object]) -> None:
    document = JobDocument(operation=Operation.REMOVE, deployment_id="dep_1", flow_id="flow_1")
    with pytest.raises(ValidationError):
        Order.model_validate(json.loads(order(document).payload()) | changes)


@given(payload=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_signed_of_an_order_is_never_what_is_signed_of_a_version(payload: str) -> None:
    message = order_message(payload)
    of_version = statement(flow_id="flow_1", version=1, sha256="ab" * 32, size=1)
    assert message.partition(b"\n")[0] == b"edgeflow.order/1" != of_version.partition(b"\n")[0]
    assert message.endswith(payload.encode())
