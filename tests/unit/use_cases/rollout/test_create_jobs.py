"""Orders to devices, and jobs for those of them that exist."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.adapters.rollout.iot_jobs import MAX_DOCUMENT_BYTES
from edgeflow.contract.flow import MAX_ARTIFACT_BYTES
from edgeflow.contract.ids import MAX_DEVICE_ID_LENGTH, MAX_VERSION
from edgeflow.contract.job import JobDocument, Operation
from edgeflow.contract.order import Order
from edgeflow.contract.rest.settings import MAX_DURATION
from edgeflow.contract.signing import MAX_SIGNATURE_LENGTH
from edgeflow.domain.clock import milliseconds
from edgeflow.domain.deployments import Artifact, Deployment
from edgeflow.domain.errors import NotFound
from edgeflow.domain.flows import Signature
from edgeflow.domain.jobs import MAX_JOB_TARGETS
from edgeflow.domain.rules import order_lasts
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.create_jobs import CreateJobs
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ORDER_KEY,
    WATCH,
    Cloud,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_aws import MemoryJobs

LASTS = timedelta(hours=2)
VERIFIES: Final = load_pem_public_key(ORDER_KEY.pem.encode())


def signed_order(document: JobDocument) -> Order:
    """Return the order of a document, whose signature holds."""
    assert document.order is not None
    assert document.order.key == ORDER_KEY.name
    assert isinstance(VERIFIES, EllipticCurvePublicKey)
    message = b"edgeflow.order/1\n" + document.order.payload.encode()
    VERIFIES.verify(base64.b64decode(document.order.value), message, ECDSA(SHA256()))  # raises where it does not hold
    return Order.model_validate_json(document.order.payload)


def creating(world: World) -> CreateJobs:
    return CreateJobs(MemoryJobs(world), ORDER_KEY, 30, WATCH, lambda: MOMENT)


def deployment(world: World, strategy: Strategy = Strategy.ROLLING, **changes: object) -> Deployment:
    return replace(world.deployments[DEPLOYMENT], strategy=strategy, **changes)  # type: ignore[arg-type]


def test_devices_that_are_gone_are_told_of_and_the_others_get_their_job() -> None:
    world = running_world(3)
    world.registered.remove("dev_002")
    create = creating(world)
    document = create.deploy(deployment(world), 1)
    gone: list[str] = []
    for _ in range(2):
        create.create(wave_job(1), ["dev_001", "dev_002", "dev_003"], document, lasts=LASTS, gone=gone.append)
    assert gone == ["dev_002", "dev_002"]
    assert list(world.jobs[wave_job(1)]) == ["dev_001", "dev_003"]


def test_where_all_are_gone_there_is_no_job() -> None:
    world = running_world(1)
    world.registered.clear()
    gone: list[str] = []
    create = creating(world)
    create.create(wave_job(1), ["dev_001"], create.remove(deployment(world)), lasts=LASTS, gone=gone.append)
    assert (gone, world.jobs) == (["dev_001"], {})


def test_something_else_that_is_missing_is_no_device_s_fault() -> None:
    class Lost(MemoryJobs):
        """Misses something, and has a thing for every device."""

        def missing(self, device_ids: Iterable[str]) -> list[str]:
            assert list(device_ids) == ["dev_001"]
            return []

    world = running_world(1)
    world.registered.clear()
    create = CreateJobs(Lost(world), ORDER_KEY, 30, WATCH, lambda: MOMENT)
    with pytest.raises(NotFound):
        create.create(wave_job(1), ["dev_001"], create.remove(deployment(world)), lasts=LASTS, gone=pytest.fail)


def test_the_order_is_signed_for_the_devices_that_get_the_job_and_no_other() -> None:
    world = running_world(3)
    world.registered.remove("dev_002")
    create = creating(world)
    document = create.deploy(deployment(world), 1)
    create.create(wave_job(1), ["dev_001", "dev_002", "dev_003"], document, lasts=LASTS, gone=world.registered.discard)
    order = signed_order(world.documents[wave_job(1)])
    assert (order.job_id, order.devices) == (wave_job(1), ("dev_001", "dev_003"))
    assert (order.issued, order.expires) == (milliseconds(MOMENT), MOMENT + LASTS)
    assert order.document(document.artifact.url if document.artifact else None) == document


def test_a_hundred_devices_of_the_longest_names_fit_into_a_job() -> None:
    world = running_world(1)
    devices = [f"{number:03d}{'d' * (MAX_DEVICE_ID_LENGTH - 3)}" for number in range(MAX_JOB_TARGETS)]
    world.registered |= set(devices)
    artifact = Artifact(
        version=MAX_VERSION,
        sha256="f" * 64,
        size=MAX_ARTIFACT_BYTES,
        signature=Signature(key="a" * 64, value="A" * MAX_SIGNATURE_LENGTH),
    )
    made = deployment(world, artifact=artifact, id=f"dep_{'d' * 36}", flow_id=f"flow_{'f' * 40}")
    create = creating(world)
    document = create.deploy(made, 1)
    assert document.artifact is not None
    document = document.model_copy(update={"artifact": document.artifact.model_copy(update={"url": "u" * 512})})
    create.create("j" * 64, devices, document, lasts=LASTS, gone=pytest.fail)
    text = world.documents["j" * 64].model_dump_json(by_alias=True, exclude_none=True)
    assert len(text.encode()) < MAX_DOCUMENT_BYTES
    assert signed_order(world.documents["j" * 64]).devices == tuple(devices)


@given(
    timeout=st.integers(1, int(MAX_DURATION.total_seconds())),
    late=st.timedeltas(timedelta(), timedelta(days=1)),
    strategy=st.sampled_from(Strategy),
)
def test_no_order_expires_before_its_job_is_over(timeout: int, late: timedelta, strategy: Strategy) -> None:
    world = running_world(2, batch_size=2, strategy=strategy)
    made = world.deployments[DEPLOYMENT]
    world.deployments[DEPLOYMENT] = replace(made, rules=replace(made.rules, timeout_seconds=timeout))
    cloud = Cloud(world)
    cloud.plan(DEPLOYMENT)
    asked_at, cloud.now = cloud.now, cloud.now + late  # a message may wait in its queue
    cloud.dispatch(DEPLOYMENT, 1, "token-1", asked_at=asked_at)
    cloud.report("dev_001", "FAILED", job_id=wave_job(1))
    cloud.report("dev_002", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    cloud.return_devices(DEPLOYMENT, 1, "token-2", asked_at=asked_at)
    orders = [signed_order(world.documents[job]) for job in (wave_job(1), return_job(1))]
    for order in orders:
        assert order.expires >= asked_at + timedelta(seconds=timeout)
        assert order.expires - cloud.now == order_lasts(world.deployments[DEPLOYMENT].rules)
    assert orders[0].issued <= orders[1].issued


@pytest.mark.parametrize(
    ("strategy", "wave", "operation", "with_artifact"),
    [
        (Strategy.ROLLING, 1, Operation.APPLY, True),
        (Strategy.CANARY, 2, Operation.APPLY, True),
        (Strategy.BLUE_GREEN, 1, Operation.STAGE, True),
        (Strategy.BLUE_GREEN, 2, Operation.ACTIVATE, False),
    ],
)
def test_each_strategy_orders_what_its_wave_is_for(
    strategy: Strategy, wave: int, operation: Operation, *, with_artifact: bool
) -> None:
    world = running_world(1)
    order = creating(world).deploy(deployment(world, strategy), wave)
    assert (order.operation, order.version, order.artifact is not None) == (operation, 2, with_artifact)
    assert order.health_check is not None
    assert order.health_check.window_seconds == 30
    assert order.watch is not None
    assert timedelta(seconds=order.watch.every_seconds) == WATCH


def test_the_way_back_checks_no_health_and_switches_only_where_the_other_slot_has_the_version() -> None:
    world = running_world(1)
    create, before = creating(world), world.versions[FLOW, 1]
    back = create.give_back(deployment(world), before)
    assert (back.operation, back.version, back.health_check, back.clear_standby) == (Operation.APPLY, 1, None, False)
    switched = create.give_back(deployment(world, Strategy.BLUE_GREEN), before)
    assert (switched.operation, switched.clear_standby) == (Operation.ACTIVATE, True)
    assert switched.artifact is not None, "for a device that has lost that slot"
    removed = create.give_back(deployment(world, Strategy.BLUE_GREEN, artifact=None), before)
    assert (removed.operation, removed.clear_standby) == (Operation.APPLY, False)
