"""The reminder that a function sends itself."""

import json
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from edgeflow.adapters.reports.reports_queue import MAX_DELAY_SECONDS, SqsReportsQueue
from edgeflow.domain.absences import Absence
from ingest_reports.reports import MESSAGE, AbsenceMessage

ABSENCE = Absence(device_id="dev_001", connection=3, at_ms=1_000)


@pytest.mark.parametrize(
    ("after", "delay"),
    [
        pytest.param(timedelta(), 0, id="at_once"),
        pytest.param(timedelta(seconds=2.2), 3, id="rounded_up"),
        pytest.param(timedelta(hours=3), MAX_DELAY_SECONDS, id="longer_than_sqs_waits"),
    ],
)
def test_it_comes_back_when_the_time_is_over_and_says_what_to_look_at(after: timedelta, delay: int) -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        url = client.create_queue(QueueName="reports")["QueueUrl"]
        sent: list[dict[str, object]] = []
        client.meta.events.register("provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(params))
        SqsReportsQueue(client, queue_url=url).look_again(ABSENCE, after=after)
    (message,) = sent
    assert message["DelaySeconds"] == delay
    read = MESSAGE.validate_python(json.loads(str(message["MessageBody"])))
    assert isinstance(read, AbsenceMessage)
    assert read.absence() == ABSENCE
