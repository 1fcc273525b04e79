"""What preflight finds in an account, and that it is never at a loss for one thing that it may not look at."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import ANY, Stubber

from benchmarks.cost.idle_stack import idle_stack
from benchmarks.cost.prices import AS_OF
from benchmarks.cost.rollout import rollout
from localcloud.settings import ROOT
from operations.cli import main
from operations.preflight import account, definitions, earlier, layer, names, policies, price, quotas, table
from operations.preflight.environment import Environment, read_environment
from operations.preflight.findings import Finding, Severity
from operations.preflight.run import as_json, as_text, failed, preflight
from operations.preflight.template import Place, Template
from tests.support.aws import REGION
from tests.support.aws_stack import NAME, TABLE, Account, Interposed, refuse

PLACE: Final = Place(partition="aws", region=REGION, account="123456789012")
TEXT: Final = (ROOT / "template.yaml").read_text(encoding="utf-8")
MACHINES: Final = len(list((ROOT / "statemachines").glob("*.asl.json")))


def template(stack_name: str = NAME) -> Template:
    return Template(TEXT, stack_name=stack_name, place=PLACE, parameters={})


def stubbed(service: str, *answers: tuple[str, dict[str, Any], dict[str, Any]]) -> Callable[[str], Any]:
    """Return clients of which one answers this, in order; requests and answers are held to AWS's models."""
    client = boto3.Session(region_name=REGION).client(service)  # type: ignore[call-overload]
    stubber = Stubber(client)
    for operation, answer, request in answers:
        stubber.add_response(operation, answer, request)
    stubber.activate()
    return lambda _: client


def severities(findings: Iterator[Finding]) -> list[Severity]:
    return [each.severity for each in findings]


@pytest.fixture(autouse=True)
def _credentials(aws: None) -> None:
    """Made up ones, for clients that are stubbed."""


def test_the_environment_is_that_of_samconfig() -> None:
    samconfig = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    found = read_environment(samconfig, "prod")
    assert (found.stack_name, found.parameters["Protected"]) == ("edgeflow", "true")


@pytest.mark.slow
def test_the_names_of_this_template_fit_as_long_as_the_documents_say() -> None:
    assert severities(names.names("a" * 36, template("a" * 36))) == [Severity.WELL]
    too_long = list(names.names("a" * 37, template("a" * 37)))
    assert [each.severity for each in too_long] == [Severity.ERROR]
    assert too_long[0].what.startswith("ProvisioningTemplate would be named aaaa")


@pytest.mark.parametrize("name", ["edge_flow", "1edgeflow", "", "edgeflow.dev"])
def test_a_name_that_cloudformation_refuses_is_found(name: str) -> None:
    assert Severity.ERROR in severities(names.names(name, template(name)))


def test_keys_of_the_root_user_are_warned_of(account_: Account) -> None:
    assert severities(account.account(account_.clients, PLACE, "arn:aws:iam::1:root")) == [
        Severity.WARNING,
        Severity.WELL,
    ]


@pytest.mark.parametrize(
    ("status", "severity", "remedy"),
    [
        ("ROLLBACK_COMPLETE", Severity.ERROR, f"make teardown STACK={NAME}"),
        ("DELETE_FAILED", Severity.ERROR, f"make teardown STACK={NAME}"),
        ("UPDATE_IN_PROGRESS", Severity.ERROR, "wait until that has ended"),
        ("UPDATE_COMPLETE", Severity.WELL, ""),
        ("REVIEW_IN_PROGRESS", Severity.WELL, ""),
    ],
)
@pytest.mark.slow
def test_a_stack_in_the_way_is_found(account_: Account, status: str, severity: Severity, remedy: str) -> None:
    account_.cloud_formation.status = status
    (found,) = earlier.earlier(account_.clients, NAME)
    assert (found.severity, found.remedy) == (severity, remedy)


def test_leftovers_of_an_earlier_stack_are_found_by_their_tags(account_: Account) -> None:
    account_.cloud_formation.status = "DELETE_COMPLETE"
    assert severities(earlier.earlier(account_.clients, NAME)) == [Severity.WELL]
    table = account_.clients("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"]
    tags = [{"Key": key, "Value": value} for key, value in account_.cloud_formation.tags.items()]
    account_.clients("dynamodb").tag_resource(ResourceArn=table, Tags=tags)
    (found,) = earlier.earlier(account_.clients, NAME)
    assert found.severity is Severity.WARNING
    assert table in found.what


@pytest.mark.parametrize(("limit", "severity"), [(10, Severity.WARNING), (99, Severity.WARNING), (100, Severity.WELL)])
def test_less_than_a_hundred_functions_at_once_are_warned_of(limit: int, severity: Severity) -> None:
    clients = stubbed("lambda", ("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}}, {}))
    assert severities(quotas.functions_at_once(clients)) == [severity]


def test_quotas_of_jobs_are_found_by_the_name_of_their_service() -> None:
    listed = [
        {"ServiceCode": "iot", "QuotaCode": "L-1", "QuotaName": "Active snapshot jobs", "Value": 99.0},
        {"ServiceCode": "iot", "QuotaCode": "L-2", "QuotaName": "Maximum number of concurrent jobs", "Value": 100.0},
        {"ServiceCode": "iot", "QuotaCode": "L-3", "QuotaName": "Thing groups", "Value": 1.0},
    ]
    clients = stubbed(
        "service-quotas",
        ("list_services", {"Services": [{"ServiceCode": "iot", "ServiceName": "AWS IoT Device Management"}]}, {}),
        ("list_service_quotas", {"Quotas": listed}, {"ServiceCode": "iot"}),
    )
    low, enough = quotas.jobs_at_once(clients)
    assert (low.severity, enough.severity) == (Severity.WARNING, Severity.WELL)
    assert "--service-code iot --quota-code L-1" in low.remedy


def test_a_region_without_quotas_of_jobs_is_said_to_be_one() -> None:
    clients = stubbed("service-quotas", ("list_services", {"Services": []}, {}))
    assert severities(quotas.jobs_at_once(clients)) == [Severity.WARNING]


def test_a_layer_that_is_not_built_or_not_loadable_is_found(tmp_path: Path) -> None:
    assert severities(layer.layer(tmp_path, TEXT)) == [Severity.WARNING]
    module = tmp_path / "EdgeflowLayer/python/package/_core.cpython-313-x86_64-linux-gnu.so"
    module.parent.mkdir(parents=True)
    module.write_bytes(b"no machine code")
    (found,) = layer.layer(tmp_path, TEXT)
    assert found.severity is Severity.ERROR
    assert "package/_core.cpython-311-x86_64-linux-gnu.so: python3.11 on x86_64 has none" in found.what


def test_every_definition_is_validated_with_its_substitutions_made() -> None:
    diagnosed = {"severity": "ERROR", "code": "MISSING_TRANSITION_TARGET", "message": "no such state", "location": "/x"}
    answers = [{"result": "FAIL", "diagnostics": [diagnosed], "truncated": False}]
    answers += [{"result": "OK", "diagnostics": [], "truncated": False}] * (MACHINES - 1)
    request = {"definition": ANY, "type": "STANDARD", "severity": "WARNING"}
    clients = stubbed("stepfunctions", *(("validate_state_machine_definition", each, request) for each in answers))
    sent: list[str] = []

    def noted(real: Callable[..., Any], **asked: str) -> Any:  # noqa: ANN401
        sent.append(asked["definition"])
        return real(**asked)

    client = Interposed(clients("stepfunctions"), validate_state_machine_definition=noted)
    refused, summary = definitions.definitions(lambda _: client, template(), ROOT)
    assert refused.severity is Severity.ERROR
    assert "at /x: no such state (MISSING_TRANSITION_TARGET)" in refused.what
    assert summary.what.endswith(f"in {MACHINES - 1} definitions")
    assert len(sent) == MACHINES
    for text in sent:
        assert "${" not in text
        assert json.loads(text)["StartAt"]


def test_every_policy_of_iam_s3_and_kms_is_read_whole() -> None:
    found = list(policies.policies_of(template()))
    assert len(found) > 20
    text = json.dumps([each.document for each in found])
    assert "Fn::" not in text
    assert '"Ref"' not in text
    assert f"arn:aws:dynamodb:{REGION}:123456789012:table/{NAME}-Table/index/by_list" in text
    for each in found:
        assert each.document["Version"] == "2012-10-17", each.place


@pytest.mark.slow
def test_what_access_analyzer_finds_is_told_by_how_bad_it_is() -> None:
    kinds = ["ERROR", "SECURITY_WARNING", "SUGGESTION"]
    told = [
        {"findingDetails": "d", "findingType": kind, "issueCode": "C", "learnMoreLink": "https://l", "locations": []}
        for kind in kinds
    ]
    number = len(list(policies.policies_of(template())))
    client: Any = boto3.Session(region_name=REGION).client("accessanalyzer")
    stubber = Stubber(client)
    for index in range(number):
        stubber.add_response("validate_policy", {"findings": told if index == 0 else []})
    with stubber:
        found = list(policies.policies(lambda _: client, template()))
        stubber.assert_no_pending_responses()
    assert [each.severity for each in found] == [Severity.ERROR, Severity.WARNING, Severity.WELL]


@pytest.fixture
def account_(aws: None) -> Account:
    return Account()


ENVIRONMENT: Final = Environment(name="dev", stack_name=NAME, region=None, parameters={})


def test_what_may_not_be_looked_at_is_a_finding_and_all_else_is_looked_at(account_: Account) -> None:
    def denied(*_: object, **__: object) -> None:
        refuse("AccessDeniedException", "GetAccountSettings", "not authorized to perform lambda:GetAccountSettings")

    def absent(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://iot.nowhere.amazonaws.com")

    def none(*_: object, **__: object) -> None:
        raise NoCredentialsError

    made = account_._made  # noqa: SLF001
    made["lambda"] = Interposed(account_.clients("lambda"), get_account_settings=denied)
    made["iot"] = Interposed(account_.clients("iot"), describe_endpoint=absent)
    for service in ("service-quotas", "accessanalyzer"):
        made[service] = Interposed(object(), get_paginator=denied)
    made["stepfunctions"] = Interposed(object(), validate_state_machine_definition=denied)
    found = preflight(account_.clients, ENVIRONMENT, ROOT)
    blind = {each.check for each in found if each.what.startswith("could not look")}
    assert blind == {account.CHECK, quotas.LAMBDA, quotas.JOBS, definitions.CHECK, policies.CHECK}
    assert {names.CHECK, earlier.CHECK, table.CHECK, layer.CHECK, price.CHECK} <= {each.check for each in found} - blind
    assert "lambda:GetAccountSettings" in as_text(found)
    assert {entry["check"] for entry in json.loads(as_json(found))} == {each.check for each in found}
    for each in found:
        assert bool(each.why) == bool(each.remedy) == (each.severity is not Severity.WELL), each
    made["sts"] = Interposed(object(), get_caller_identity=none)
    found = preflight(account_.clients, ENVIRONMENT, ROOT)
    assert [each.severity for each in found] == [Severity.ERROR]
    assert failed(found)


def test_the_price_is_what_the_page_reckons() -> None:
    (found,) = price.price((ROOT / "docs" / "costs.md").read_text(encoding="utf-8"))
    assert found.severity is Severity.WELL
    for bill in (idle_stack(), rollout()):
        assert f"${bill.dollars:.2f} for {bill.title}" in found.what
    assert re.search(r"\$\d\.\d\d for 1,000 devices at rest, a month", found.what)
    assert AS_OF in found.what


def test_a_page_without_bills_is_told() -> None:
    assert severities(price.price("# What EdgeFlow costs on AWS\n")) == [Severity.WARNING]


@pytest.mark.parametrize(("severity", "code"), [(Severity.WARNING, 0), (Severity.ERROR, 1)])
def test_the_command_fails_for_errors_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], severity: Severity, code: int
) -> None:
    monkeypatch.setattr("operations.cli.preflight", lambda *_: [Finding("check", severity, "what", "why", "remedy")])
    assert main(["preflight", "--env", "dev", "--region", REGION, "--json"]) == code
    assert json.loads(capsys.readouterr().out)[0]["severity"] == severity


def test_an_environment_that_is_not_there_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", "--env", "staging"]) == 1
    assert "It has dev, local, prod" in capsys.readouterr().err.replace("default, ", "")
