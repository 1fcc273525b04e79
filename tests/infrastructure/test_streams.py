"""The functions behind the table's stream: what wakes them, and how long they try."""

import json

from edgeflow.adapters.deployments import deployment_counters, deployment_items
from edgeflow.adapters.rollout import target_items
from tests.infrastructure.conftest import Template


def test_streams_do_not_retry_for_ever(template: Template) -> None:
    for name, stream in template.events("DynamoDB").items():
        assert stream["BisectBatchOnFunctionError"] is True, name
        assert 0 < stream["MaximumRecordAgeInSeconds"] < 86_400, name
        assert stream["ParallelizationFactor"] == 1, name


def test_no_function_is_woken_by_counters(template: Template) -> None:
    woken_by = {
        kind
        for stream in template.events("DynamoDB").values()
        for told in stream["FilterCriteria"]["Filters"]
        for kind in json.loads(told["Pattern"])["dynamodb"]["NewImage"]["kind"]["S"]
    }
    assert woken_by == {deployment_items.KIND, target_items.KIND}
    assert deployment_counters.KIND not in woken_by
