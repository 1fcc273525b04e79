"""The table's stream, to the tally and to the notifications: one bad record or item holds up no other."""

import json
from itertools import count
from typing import Any, Final

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import write_deployment
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Item, Table, to_attributes
from edgeflow.contract.events import EVENT_SOURCE, STATUS_CHANGED
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.waves import Awaits
from edgeflow.use_cases.rollout.ports import TargetOutcome
from notify_status.app import handler as notify
from tally_wave.app import handler as tally
from tests.support.aws import TABLE_KEYS
from tests.support.history import ENTRY
from tests.support.lambda_events import failed, stream_record
from tests.support.logs import logged
from tests.support.nonsense import ATTRIBUTES, damaged
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import AT, a_deployment, a_target, put_flow

pytestmark = pytest.mark.slow

GOOD, ODD = "dep_good", "dep_odd"
FAILED: Final = TargetOutcome(status=TargetStatus.FAILED, reason="unhealthy")
QUIETLY: Final = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

KEYS_AND_POSITION: Final = (*TABLE_KEYS, "checkpoint")
"""DynamoDB keeps keys whole by itself, and compares values of two types as unequal, which moto cannot."""


def writable(value: dict[str, Any]) -> bool:
    """Tell whether moto can hold a value and add to it: of numbers that is whole ones alone."""
    return "LATER" not in value and not set("E.") & set(value.get("N", "")) and value.get("S") != "\ud800"


WRITABLE: Final = ATTRIBUTES.filter(writable)

numbers = count(1)
"""Of devices and of positions in the stream, which grow over all examples."""


def deployment_item(deployment_id: str, status: DeploymentStatus) -> Item:
    return write_deployment(a_deployment(id=deployment_id, status=status))


@pytest.fixture
def deployments(table: Table, dead_letters: str) -> DeploymentStore:
    """Two deployments at work, each with a wave that somebody waits for."""
    store = DeploymentStore(table)
    put_flow(table)
    for deployment_id in (GOOD, ODD):
        store.create(a_deployment(id=deployment_id, status=DeploymentStatus.RUNNING), entry=ENTRY)
        WaveStore(table).open(
            deployment_id, "00001", total=1_000_000, tolerated=1_000_000, task_token=None, awaits=Awaits.VERDICT
        )
    return store


def settled(table: Table, deployment_id: str) -> dict[str, Any]:
    """Settle a target and return the record of it."""
    device_id = f"dev_{next(numbers)}"
    targets = TargetStore(table)
    targets.add(deployment_id, a_target(device_id), created_at=AT)
    before = table.get(keys.target_key(deployment_id, device_id))
    targets.settle(deployment_id, device_id, FAILED, wave=1, at=AT)
    after = table.get(keys.target_key(deployment_id, device_id))
    assert after is not None
    return stream_record(next(numbers), before, after)


@st.composite
def damages(draw: st.DrawFn, record: dict[str, Any]) -> dict[str, Any]:
    """Draw a copy of a record whose images are damaged; of which kind the item is stays, for the stream is filtered."""
    told = dict(record["dynamodb"])
    for image in draw(st.sets(st.sampled_from(["OldImage", "NewImage"]), min_size=1)):
        told[image] = draw(damaged(told[image], ATTRIBUTES, keep=("kind", "pk", "sk")))
    return record | {"dynamodb": told}


def counted(store: DeploymentStore, table: Table, deployment_id: str) -> tuple[int, int]:
    wave = WaveStore(table).get(deployment_id, "00001")
    assert wave is not None
    counters = store.get(deployment_id).counts, wave.counts
    whole, of_wave = (counts.get(TargetStatus.FAILED, 0) for counts in counters)
    return whole, of_wave


@QUIETLY
@given(data=st.data())
def test_a_target_that_cannot_be_read_keeps_no_other_from_being_counted_once(
    deployments: DeploymentStore, table: Table, data: st.DataObject
) -> None:
    known = counted(deployments, table, GOOD)
    records = [settled(table, GOOD)]
    for deployment_id in data.draw(st.lists(st.sampled_from([GOOD, ODD]), min_size=1, max_size=4)):
        record = settled(table, deployment_id)
        records.append(data.draw(damages(record)) if deployment_id == ODD else record)
    records.append(settled(table, GOOD))
    good = sum(record["dynamodb"]["Keys"]["pk"]["S"] == f"DEP#{GOOD}" for record in records)
    tally({"Records": records}, FakeContext())
    tally({"Records": records[data.draw(st.integers(0, len(records) - 1)) :]}, FakeContext())  # comes again from there
    assert counted(deployments, table, GOOD) == (known[0] + good, known[1] + good)


@pytest.fixture
def odd_items(deployments: DeploymentStore, table: Table) -> list[Item]:
    """The odd deployment, its counters and its wave, as they are before any damage, with something counted."""
    tally({"Records": [settled(table, ODD)]}, FakeContext())
    found = [table.get(key) for key in (keys.deployment_key(ODD), keys.counters_key(ODD), keys.wave_key(ODD, "00001"))]
    return [item for item in found if item is not None]


@QUIETLY
@given(data=st.data(), which=st.sets(st.sampled_from([0, 1, 2]), min_size=1))
def test_a_deployment_or_a_wave_that_is_damaged_holds_up_no_other(
    deployments: DeploymentStore, table: Table, odd_items: list[Item], data: st.DataObject, which: set[int]
) -> None:
    known = counted(deployments, table, GOOD)
    client = boto3.client("dynamodb")
    for item in odd_items:
        table.put(item)
    for position in sorted(which):
        damage = data.draw(damaged(to_attributes(odd_items[position]), WRITABLE, keep=KEYS_AND_POSITION))
        client.put_item(TableName=table.name, Item=damage)
    records = [settled(table, GOOD), settled(table, ODD), settled(table, GOOD)]
    tally({"Records": records}, FakeContext())
    assert counted(deployments, table, GOOD) == (known[0] + 2, known[1] + 2)


@pytest.fixture
def heard(dead_letters: str) -> str:
    """A queue behind a rule for every event of ours."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": [EVENT_SOURCE], "detail-type": [STATUS_CHANGED]}
    events.put_rule(Name="heard", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="heard", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def take(queue_url: str) -> list[dict[str, Any]]:
    """Take all messages off a queue."""
    sqs = boto3.client("sqs")
    taken: list[dict[str, Any]] = []
    while found := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            taken.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return taken


@QUIETLY
@given(data=st.data())
def test_a_deployment_that_cannot_be_read_keeps_no_other_s_status_from_being_told(
    heard: str, dead_letters: str, data: st.DataObject
) -> None:
    def ended(deployment_id: str) -> dict[str, Any]:
        before = deployment_item(deployment_id, DeploymentStatus.RUNNING)
        return stream_record(next(numbers), before, deployment_item(deployment_id, DeploymentStatus.COMPLETED))

    odd = [data.draw(damages(ended(ODD))) for _ in range(data.draw(st.integers(1, 4)))]
    records = [ended(GOOD), *odd, ended(GOOD)]
    assert failed(notify({"Records": records}, FakeContext())) == []
    told = [event["detail"]["id"] for event in take(heard)]
    expected = [f"{GOOD}:{record['dynamodb']['SequenceNumber'].zfill(40)}" for record in (records[0], records[-1])]
    assert [each for each in told if each.startswith(GOOD)] == expected
    assert len(told) + len(take(dead_letters)) <= len(records)


TOKEN: Final = "AQCEAAAAKgAAAAMAAAAA" + "k" * 40
"""A task token; whoever has one can answer the state that waits."""


@pytest.mark.parametrize("damage", [{}, {"strategy": "none"}, {"created_at": 1}])
def test_neither_stream_s_function_logs_a_task_token(
    deployments: DeploymentStore,
    table: Table,
    dead_letters: str,
    caplog: pytest.LogCaptureFixture,
    damage: dict[str, object],
) -> None:
    del deployments, dead_letters
    tokens = {"resume_token": TOKEN, "watch_token": TOKEN, "promoted_token": TOKEN}
    item = {**deployment_item(ODD, DeploymentStatus.RUNNING), **tokens, **damage}
    wave = table.get(keys.wave_key(ODD, "00001"))
    assert wave is not None
    table.put(item)
    table.put({**wave, "task_token": TOKEN})
    tally({"Records": [settled(table, ODD)]}, FakeContext())
    ended = {**item, "status": "completed"}
    notify({"Records": [stream_record(next(numbers), item, ended)]}, FakeContext())
    assert TOKEN not in logged(caplog)
    assert bool(caplog.records) == bool(damage)
