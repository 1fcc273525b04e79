"""Tearing a stack down: all that is its own goes, nothing else does, and whatever cuts it off, a second run goes on."""

from collections.abc import Callable
from typing import Any, Final

import boto3
import pytest
from botocore.stub import Stubber

from operations.cli import main
from operations.errors import NotFinished, Refused
from operations.teardown.certificates import targets_of
from operations.teardown.run import teardown
from tests.support.aws import REGION
from tests.support.aws_stack import (
    BUCKET,
    CLAIMS,
    DEVICES,
    NAME,
    TABLE,
    Account,
    Interposed,
    Seconds,
    refuse,
)

STEPS: Final = ("update_certificate", "detach_thing_principal", "detach_policy", "delete_certificate", "delete_thing")


def tear_down(account: Account, clock: Seconds, *, deletes_data: bool = False, confirmed: bool = True) -> list[str]:
    """Return what it says."""
    said: list[str] = []
    teardown(
        account.clients,
        NAME,
        deletes_data=deletes_data,
        confirmed=lambda: confirmed,
        clock=clock,
        say=said.append,
    )
    return said


def interpose(account: Account, service: str, **methods: Callable[..., Any]) -> None:
    client = Interposed(account.clients(service), **methods)
    account._made[service] = client  # noqa: SLF001


@pytest.mark.slow
def test_its_devices_executions_and_resources_go_and_its_data_stays(account: Account, clock: Seconds) -> None:
    for name in ("dev_001", "dev_002"):
        account.device(name)
    states = account.clients("stepfunctions")
    states.start_execution(stateMachineArn=account.machine)
    said = tear_down(account, clock)
    assert account.cloud_formation.status == "DELETE_COMPLETE"
    assert account.things() == set()
    assert account.certificates() == {}
    assert account.iot.list_policies()["policies"] == []
    assert [each["status"] for each in states.list_executions(stateMachineArn=account.machine)["executions"]] == [
        "ABORTED"
    ]
    told = "\n".join(said)
    for kept, command in {
        TABLE: f"aws dynamodb delete-table --table-name {TABLE}",
        BUCKET: f"aws s3api delete-bucket --bucket {BUCKET}",
        account.key: f"aws kms schedule-key-deletion --key-id {account.key} --pending-window-in-days 7",
    }.items():
        assert kept in told
        assert command in told


def test_what_is_not_this_stacks_alone_is_left_and_listed(account: Account, clock: Seconds) -> None:
    account.iot.create_policy(policyName="other", policyDocument="{}")
    foreign_thing, two_policies, no_thing = (
        account.certificate(DEVICES),
        account.certificate(DEVICES, "other"),
        account.certificate(DEVICES),
    )
    account.thing("press", ours=False)
    account.thing("dev_shared")
    account.iot.attach_thing_principal(thingName="press", principal=foreign_thing)
    account.iot.attach_thing_principal(thingName="dev_shared", principal=two_policies)
    account.record("dev_shared")
    claim = account.certificate(CLAIMS)
    account.thing("of_another_stack")
    said = "\n".join(tear_down(account, clock))
    assert account.things() == {"press", "dev_shared", "of_another_stack"}
    assert account.certificates() == dict.fromkeys([foreign_thing, two_policies, no_thing, claim], "ACTIVE")
    assert f"{foreign_thing}: EdgeFlow did not make its thing press" in said
    assert f"{two_policies}: it has other policies: other" in said
    assert f"{no_thing}: it is active and has no thing" in said
    assert f"{claim}: a claim, which is of no use any more" in said
    assert f"dev_shared: a thing with certificates of others: {two_policies}" in said
    assert "of_another_stack" not in said
    assert [each["policyName"] for each in account.iot.list_policies()["policies"]] == ["other"]


def test_a_device_without_a_certificate_is_known_by_the_table(account: Account, clock: Seconds) -> None:
    account.thing("dev_announced")
    for name in ("dev_announced", "dev_never_made"):
        account.record(name)
    tear_down(account, clock)
    assert account.things() == set()


def test_certificates_and_things_that_are_let_go_later_are_waited_for(account: Account, clock: Seconds) -> None:
    account.device("dev_001")
    asked: list[str] = []

    def late(error: str, operation: str) -> Callable[..., Any]:
        def method(real: Callable[..., Any], **request: object) -> Any:  # noqa: ANN401
            asked.append(operation)
            if asked.count(operation) < 3:
                refuse(error, operation)
            return real(**request)

        return method

    interpose(
        account,
        "iot",
        delete_certificate=late("DeleteConflictException", "DeleteCertificate"),
        delete_thing=late("InvalidRequestException", "DeleteThing"),
    )
    said = tear_down(account, clock)
    assert account.things() == set()
    assert account.certificates() == {}
    assert "  waiting for AWS IoT to let go of 1 certificate" in said
    assert clock.slept >= 4 * 5


def test_waiting_for_things_has_an_end(account: Account, clock: Seconds) -> None:
    account.device("dev_001")

    def never(_: Callable[..., Any], **__: object) -> None:
        refuse("DeleteConflictException", "DeleteCertificate")

    interpose(account, "iot", delete_certificate=never)
    with pytest.raises(NotFinished, match=r"has not let go of 1 certificate .* again"):
        tear_down(account, clock)
    assert clock.slept <= 600
    assert account.cloud_formation.deletions == 0


def test_all_pages_of_a_policys_targets_are_read(account: Account) -> None:
    client: Any = boto3.Session(region_name=REGION).client("iot")
    certificate = "arn:aws:iot:us-east-1:123456789012:cert/"
    with Stubber(client) as stubber:
        first, second = f"{certificate}1", f"{certificate}2"
        stubber.add_response(
            "list_targets_for_policy", {"targets": [first], "nextMarker": "m"}, {"policyName": DEVICES}
        )
        request = {"policyName": DEVICES, "marker": "m"}
        stubber.add_response("list_targets_for_policy", {"targets": [second]}, request)
        assert targets_of(client, DEVICES) == [first, second]


def test_a_policy_that_is_detached_late_is_detached_until_its_list_is_empty(account: Account, clock: Seconds) -> None:
    claim = account.certificate(CLAIMS)
    tries: list[str] = []

    def late(real: Callable[..., Any], **request: str) -> None:
        tries.append(request["target"])
        if len(tries) > 2:
            real(**request)

    interpose(account, "iot", detach_policy=late)
    tear_down(account, clock)
    assert tries == [claim] * 3


@pytest.mark.slow
@pytest.mark.parametrize("cut", STEPS)
@pytest.mark.parametrize("after", [True, False])
def test_a_second_run_goes_on_where_the_first_was_cut_off(
    account: Account, clock: Seconds, cut: str, *, after: bool
) -> None:
    for name in ("dev_001", "dev_002"):
        account.device(name)
    plain = account.iot

    def once(real: Callable[..., Any], **request: object) -> None:
        if after:
            real(**request)
        raise KeyboardInterrupt

    interpose(account, "iot", **{cut: once})
    with pytest.raises(KeyboardInterrupt):
        tear_down(account, clock)
    account._made["iot"] = plain  # noqa: SLF001
    said = tear_down(account, clock)
    assert account.things() == set()
    assert account.certificates() == {}
    assert account.cloud_formation.status == "DELETE_COMPLETE"
    assert not any(line.startswith("Left in AWS IoT") for line in said)


def test_a_deletion_under_way_is_waited_for_and_not_ordered_again(account: Account, clock: Seconds) -> None:
    account.cloud_formation.status = "DELETE_IN_PROGRESS"
    account.cloud_formation.looks_until_gone = 5
    tear_down(account, clock)
    assert account.cloud_formation.deletions == 0
    assert account.cloud_formation.status == "DELETE_COMPLETE"


def test_a_deletion_that_fails_says_why_is_mended_and_tried_once_more(account: Account, clock: Seconds) -> None:
    renewed: list[str] = []

    def a_device_enrols(real: Callable[..., Any], **request: object) -> None:
        real(**request)
        if not renewed:
            renewed.append(account.certificate(DEVICES))

    account._made["cloudformation"] = Interposed(account.cloud_formation, delete_stack=a_device_enrols)  # noqa: SLF001
    said = tear_down(account, clock)
    assert account.cloud_formation.deletions == 2
    assert account.cloud_formation.status == "DELETE_COMPLETE"
    assert any(line.startswith(f"  not deleted: DevicePolicy (AWS::IoT::Policy {DEVICES}): ") for line in said)
    assert clock.slept >= 300, "AWS IoT may take five minutes to let a detached policy go"


def test_a_deletion_that_fails_twice_names_what_holds_it(account: Account, clock: Seconds) -> None:
    def keeps(_: Callable[..., Any], **__: object) -> None:
        raise account.iot.exceptions.DeleteConflictException(
            {"Error": {"Code": "DeleteConflictException", "Message": "in use"}}, "DeletePolicy"
        )

    account.cloud_formation.iot = Interposed(account.iot, delete_policy=keeps)
    with pytest.raises(NotFinished, match=r"DevicePolicy \(AWS::IoT::Policy .*in use.*run this again"):
        tear_down(account, clock)
    assert account.cloud_formation.deletions == 2


def test_waiting_for_the_deletion_has_an_end(account: Account, clock: Seconds) -> None:
    account.cloud_formation.looks_until_gone = 10_000
    with pytest.raises(NotFinished, match="still being deleted after an hour"):
        tear_down(account, clock)


def test_executions_that_are_started_for_ever_end_it(account: Account, clock: Seconds) -> None:
    states = account.clients("stepfunctions")
    states.start_execution(stateMachineArn=account.machine)
    interpose(account, "stepfunctions", stop_execution=lambda *_, **__: None)
    with pytest.raises(NotFinished, match="go on being started"):
        tear_down(account, clock)
    assert account.cloud_formation.deletions == 0


def test_data_goes_only_when_that_is_asked_for_with_all_versions(account: Account, clock: Seconds) -> None:
    s3 = account.clients("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=BUCKET, Key="artifacts/one", Body=body)
    s3.delete_object(Bucket=BUCKET, Key="artifacts/one")
    said = tear_down(account, clock, deletes_data=True)
    assert s3.list_buckets()["Buckets"] == []
    assert account.clients("dynamodb").list_tables()["TableNames"] == []
    key = account.clients("kms").describe_key(KeyId=account.key)["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert not any(line.startswith("Kept") for line in said)


def test_data_of_a_stack_that_is_gone_can_be_removed_later(account: Account, clock: Seconds) -> None:
    tear_down(account, clock)
    said = tear_down(account, clock, deletes_data=True)
    assert "deleted already" in said[0]
    assert account.cloud_formation.deletions == 1
    assert account.clients("dynamodb").list_tables()["TableNames"] == []
    tear_down(account, clock, deletes_data=True)


def test_what_is_left_is_listed_by_tags_by_log_groups_and_by_jobs(account: Account, clock: Seconds) -> None:
    account.clients("dynamodb").tag_resource(
        ResourceArn=account.clients("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"],
        Tags=[{"Key": key, "Value": value} for key, value in account.cloud_formation.tags.items()],
    )
    logs = account.clients("logs")
    for group in (f"/aws/lambda/{NAME}-api", f"/aws/lambda/{NAME}-api-of-another-stack"):
        logs.create_log_group(logGroupName=group)
    keys = {"pk": "DEP#dep_01", "sk": "DEPLOYMENT", "gsi1pk": "DEPLOYMENTS", "gsi1sk": "1"}
    account.clients("dynamodb").put_item(TableName=TABLE, Item={name: {"S": value} for name, value in keys.items()})
    account.thing("of_another_stack")
    target = account.iot.describe_thing(thingName="of_another_stack")["thingArn"]
    for job in ("dep_01-w00001-0000", "dep_02-w00001-0000", "firmware"):
        account.iot.create_job(jobId=job, targets=[target], document="{}")
    said = tear_down(account, clock)
    assert f"  /aws/lambda/{NAME}-api" in said
    assert f"  /aws/lambda/{NAME}-api-of-another-stack" not in said
    assert "  dep_01-w00001-0000" in said
    assert "  dep_02-w00001-0000" not in said
    assert any(line.endswith(f":table/{TABLE}") for line in said)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"protected": True}, "update-termination-protection --no-enable-termination-protection"),
        ({"parameters": {"Protected": "true"}}, "Deploy it with Protected=false first"),
        ({"status": "UPDATE_IN_PROGRESS"}, "Wait until that has ended"),
        ({"tags": {}, "resources": {}}, "no stack of EdgeFlow"),
    ],
)
def test_a_stack_that_must_stay_is_refused_with_the_remedy(
    account: Account, clock: Seconds, changes: dict[str, Any], sentence: str
) -> None:
    account.device("dev_001")
    for name, value in changes.items():
        setattr(account.cloud_formation, name, value)
    with pytest.raises(Refused, match=sentence):
        tear_down(account, clock)
    assert account.things() == {"dev_001"}
    assert account.cloud_formation.deletions == 0


def test_a_first_deployment_that_failed_can_go_whatever_it_was_deployed_with(account: Account, clock: Seconds) -> None:
    account.cloud_formation.status = "ROLLBACK_COMPLETE"
    account.cloud_formation.parameters = {"Protected": "true"}
    account.cloud_formation.resources = {}
    tear_down(account, clock)
    assert account.cloud_formation.status == "DELETE_COMPLETE"


def test_nothing_is_done_unless_it_is_confirmed(account: Account, clock: Seconds) -> None:
    account.device("dev_001")
    with pytest.raises(Refused, match=r"Nothing was done"):
        tear_down(account, clock, confirmed=False)
    assert set(account.certificates().values()) == {"ACTIVE"}
    assert account.cloud_formation.deletions == 0


@pytest.mark.parametrize(("typed", "deletions"), [("edgeflow-dev", 1), ("edgeflow", 0), (None, 0)])
def test_the_command_wants_the_name_typed(
    account: Account, monkeypatch: pytest.MonkeyPatch, typed: str | None, deletions: int
) -> None:
    def answer(_: str) -> str:
        if typed is None:
            raise EOFError
        return typed

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("operations.cli.clients_of", lambda _: account.clients)
    assert main(["teardown", NAME]) == (0 if deletions else 1)
    assert account.cloud_formation.deletions == deletions


def test_the_command_says_in_a_sentence_what_aws_refuses(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(_: Callable[..., Any], **__: object) -> None:
        refuse("AccessDeniedException", "DeleteStack", "not authorized to perform cloudformation:DeleteStack")

    account._made["cloudformation"] = Interposed(account.cloud_formation, delete_stack=denied)  # noqa: SLF001
    monkeypatch.setattr("operations.cli.clients_of", lambda _: account.clients)
    assert main(["teardown", NAME, "--yes"]) == 1
    assert "cloudformation:DeleteStack" in capsys.readouterr().err


def test_a_stack_that_never_was_is_refused(account: Account, clock: Seconds) -> None:
    with pytest.raises(Refused, match="There is no stack nowhere"):
        teardown(
            account.clients, "nowhere", deletes_data=False, confirmed=lambda: True, clock=clock, say=lambda _: None
        )
