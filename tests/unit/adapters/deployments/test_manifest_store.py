"""Lists of targets in the bucket."""

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.domain.errors import NotFound, Unavailable
from edgeflow.use_cases.deployments.ports import Manifest
from tests.unit.adapters.builders import DEP


def test_the_order_asked_for_is_kept(bucket: str) -> None:
    manifests = ManifestStore(boto3.client("s3"), bucket)
    manifests.write(DEP, ["dev_2", "dev_1", "site:dev_3"])
    assert manifests.read(DEP) == ["dev_2", "dev_1", "site:dev_3"]
    stored = boto3.client("s3").get_object(Bucket=bucket, Key=f"manifests/{DEP}.json")
    assert stored["ContentType"] == "application/json"


def test_a_list_that_is_not_there_is_not_found(bucket: str) -> None:
    with pytest.raises(NotFound, match=DEP):
        ManifestStore(boto3.client("s3"), bucket).read(DEP)


def test_exactly_10_000_targets_fit_and_one_more_does_not(bucket: str) -> None:
    manifests = ManifestStore(boto3.client("s3"), bucket)
    devices = [f"dev_{number:05d}" for number in range(10_000)]
    manifests.write(DEP, devices)
    assert manifests.read(DEP) == devices
    with pytest.raises(ValueError, match="at most 10000 targets"):
        manifests.write(DEP, [*devices, "one_more"])


def test_throttling_means_try_again(bucket: str) -> None:
    client = boto3.client("s3")
    manifests = ManifestStore(client, bucket)
    with Stubber(client) as stub:
        stub.add_client_error("put_object", "SlowDown", http_status_code=400)
        stub.add_client_error("get_object", "SlowDown", http_status_code=400)
        with pytest.raises(Unavailable):
            manifests.write(DEP, ["dev_1"])
        with pytest.raises(Unavailable):
            manifests.read(DEP)


def test_with_groups_nothing_is_frozen_yet(bucket: str) -> None:
    manifests = ManifestStore(boto3.client("s3"), bucket)
    manifests.write(DEP, ["dev_2"], group_names=["north", "south"])
    assert manifests.asked(DEP) == Manifest(devices=("dev_2",), groups=("north", "south"))
    with pytest.raises(NotFound, match="not resolved yet"):
        manifests.read(DEP)


def test_the_first_list_frozen_stays_beside_what_was_asked_for(bucket: str) -> None:
    manifests = ManifestStore(boto3.client("s3"), bucket)
    manifests.write(DEP, ["dev_2"], group_names=["north"])
    assert manifests.freeze(DEP, ["dev_2", "dev_1"]) == ["dev_2", "dev_1"]
    assert manifests.freeze(DEP, ["dev_2", "dev_7"]) == ["dev_2", "dev_1"]
    assert manifests.read(DEP) == ["dev_2", "dev_1"]
    assert manifests.asked(DEP) == Manifest(devices=("dev_2",), groups=("north",), targets=("dev_2", "dev_1"))


def test_of_two_that_freeze_at_once_the_second_gets_the_list_of_the_first(bucket: str) -> None:
    s3 = boto3.client("s3")
    first, second = ManifestStore(boto3.client("s3"), bucket), ManifestStore(s3, bucket)
    first.write(DEP, [], group_names=["north"])

    def overtaken(**_: object) -> None:
        s3.meta.events.unregister("before-call.s3.PutObject", overtaken)
        first.freeze(DEP, ["dev_1"])

    s3.meta.events.register("before-call.s3.PutObject", overtaken)  # when the second has read already
    assert second.freeze(DEP, ["dev_2"]) == ["dev_1"]


def test_more_than_10_000_are_not_frozen(bucket: str) -> None:
    manifests = ManifestStore(boto3.client("s3"), bucket)
    manifests.write(DEP, [], group_names=["north"])
    with pytest.raises(ValueError, match="at most 10000 targets"):
        manifests.freeze(DEP, [f"dev_{number:05d}" for number in range(10_001)])
