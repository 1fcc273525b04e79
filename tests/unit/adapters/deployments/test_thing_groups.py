"""Thing groups of AWS IoT: which exist, and who is in them."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.deployments.thing_groups import AwsThingGroups
from edgeflow.domain.errors import NotFound, Unavailable

RECURSIVE = {"thingGroupName": "plant", "recursive": True, "maxResults": 250}


def groups_of(client: Any, **groups: list[str]) -> AwsThingGroups:  # noqa: ANN401  moto's client
    for name, things in groups.items():
        client.create_thing_group(thingGroupName=name)
        for thing in things:
            client.create_thing(thingName=thing)
            client.add_thing_to_thing_group(thingGroupName=name, thingName=thing)
    return AwsThingGroups(client)


@pytest.mark.slow
def test_those_that_do_not_exist_are_named_in_order(aws: None) -> None:
    groups = groups_of(boto3.client("iot"), plant=[])
    assert groups.unknown(["west", "plant", "east"]) == ["west", "east"]


def test_members_are_listed(aws: None) -> None:
    groups = groups_of(boto3.client("iot"), plant=["dev_2", "dev_1"], office=["dev_3"])
    assert set(groups.members("plant")) == {"dev_1", "dev_2"}


def test_members_of_a_group_that_does_not_exist(aws: None) -> None:
    with pytest.raises(NotFound, match="plant"):
        list(AwsThingGroups(boto3.client("iot")).members("plant"))


def test_groups_below_are_asked_for_page_after_page(aws: None) -> None:
    client = boto3.client("iot")
    with Stubber(client) as stub:
        stub.add_response("list_things_in_thing_group", {"things": ["dev_1"], "nextToken": "more"}, RECURSIVE)
        stub.add_response(
            "list_things_in_thing_group", {"things": [], "nextToken": "end"}, RECURSIVE | {"nextToken": "more"}
        )
        stub.add_response("list_things_in_thing_group", {"things": ["dev_2"]}, RECURSIVE | {"nextToken": "end"})
        assert list(AwsThingGroups(client).members("plant")) == ["dev_1", "dev_2"]
        stub.assert_no_pending_responses()


def test_throttling_means_try_again(aws: None) -> None:
    client = boto3.client("iot")
    groups = AwsThingGroups(client)
    with Stubber(client) as stub:
        stub.add_client_error("describe_thing_group", "ThrottlingException", http_status_code=400)
        stub.add_client_error("list_things_in_thing_group", "ThrottlingException", http_status_code=400)
        with pytest.raises(Unavailable):
            groups.unknown(["plant"])
        with pytest.raises(Unavailable):
            list(groups.members("plant"))
