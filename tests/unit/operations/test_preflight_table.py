"""What preflight says of a table that an update would change: DynamoDB changes one index at a time, and no key."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

import pytest

from localcloud.settings import ROOT
from operations.preflight.findings import Severity
from operations.preflight.table import table
from operations.preflight.template import Place, Template
from tests.support.aws import REGION
from tests.support.aws_stack import NAME, TABLE, Account, Interposed

TEMPLATE: Final = Template(
    (ROOT / "template.yaml").read_text(encoding="utf-8"),
    stack_name=NAME,
    place=Place(partition="aws", region=REGION, account="123456789012"),
    parameters={},
)
Change = Callable[[dict[str, Any]], None]


def without(*names: str) -> Change:
    """Take indexes away, as if an earlier release had none of them."""

    def change(there: dict[str, Any]) -> None:
        indexes = there["GlobalSecondaryIndexes"]
        there["GlobalSecondaryIndexes"] = [each for each in indexes if each["IndexName"] not in names]

    return change


def with_another(there: dict[str, Any]) -> None:
    there["GlobalSecondaryIndexes"].append(deepcopy(there["GlobalSecondaryIndexes"][0]) | {"IndexName": "by_colour"})


def with_other_attributes(there: dict[str, Any]) -> None:
    (index,) = [each for each in there["GlobalSecondaryIndexes"] if each["IndexName"] == "by_fleet"]
    index["Projection"]["NonKeyAttributes"] = ["connected"]


def with_other_keys_of_an_index(there: dict[str, Any]) -> None:
    there["GlobalSecondaryIndexes"][0]["KeySchema"].pop()


def without_local_indexes(there: dict[str, Any]) -> None:
    del there["LocalSecondaryIndexes"]


def with_another_key(there: dict[str, Any]) -> None:
    there["KeySchema"].pop()


def in_the_making(there: dict[str, Any]) -> None:
    there["GlobalSecondaryIndexes"][-1]["IndexStatus"] = "CREATING"


def all_of(*changes: Change) -> Change:
    def change(there: dict[str, Any]) -> None:
        for each in changes:
            each(there)

    return change


@pytest.fixture
def found(account: Account) -> Callable[[Change], list[tuple[Severity, str]]]:
    """Says what is found of the table after a change."""

    def looked(change: Change) -> list[tuple[Severity, str]]:
        def described(real: Callable[..., Any], **request: str) -> dict[str, Any]:
            answer: dict[str, Any] = deepcopy(real(**request))
            change(answer["Table"])
            return answer

        client = Interposed(account.clients("dynamodb"), describe_table=described)
        account._made["dynamodb"] = client  # noqa: SLF001
        return [(each.severity, each.what) for each in table(account.clients, NAME, TEMPLATE)]

    return looked


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(all_of(), id="as in the template"),
        pytest.param(without("by_device"), id="one is to be added"),
        pytest.param(with_another, id="one is to be removed"),
    ],
)
def test_what_an_update_can_do_is_well(found: Callable[[Change], list[tuple[Severity, str]]], change: Change) -> None:
    assert found(change) == [(Severity.WELL, f"{TABLE} can be given what the template says")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("by_device", "by_unfinished"), f"the update of {TABLE} adds by_device, adds by_unfinished"),
        (all_of(without("by_device"), with_another), f"the update of {TABLE} adds by_device, removes by_colour"),
        (with_other_attributes, f"by_fleet of {TABLE} would get another key or other attributes"),
        (with_other_keys_of_an_index, f"by_list of {TABLE} would get another key or other attributes"),
        (without_local_indexes, f"{TABLE} has another key or other local indexes than the template"),
        (with_another_key, f"{TABLE} has another key or other local indexes than the template"),
        (all_of(in_the_making, without("by_list")), f"the index by_device of {TABLE} is CREATING"),
    ],
)
def test_what_aws_would_refuse_or_replace_is_an_error(
    found: Callable[[Change], list[tuple[Severity, str]]], change: Change, told: str
) -> None:
    assert found(change) == [(Severity.ERROR, told)]


def test_an_index_in_the_making_is_in_the_way_of_no_update_that_leaves_indexes_alone(
    found: Callable[[Change], list[tuple[Severity, str]]],
) -> None:
    assert found(in_the_making) == [(Severity.WARNING, f"the index by_device of {TABLE} is CREATING")]


def test_all_that_is_wrong_is_told(found: Callable[[Change], list[tuple[Severity, str]]]) -> None:
    changes = all_of(without_local_indexes, with_other_attributes, in_the_making, without("by_list", "by_unfinished"))
    assert len(found(changes)) == 4


def test_before_the_first_deployment_there_is_nothing_to_change(account: Account) -> None:
    account.cloud_formation.status = "DELETE_COMPLETE"
    (finding,) = table(account.clients, NAME, TEMPLATE)
    assert (finding.severity, finding.what) == (Severity.WELL, "there is none yet, so it is made with all its indexes")
