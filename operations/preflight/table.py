"""The indexes of the table that is there, beside those of the template: DynamoDB changes one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from operations.clients import Clients
from operations.preflight.findings import Finding, error, warning, well
from operations.preflight.template import Template
from operations.stack import GONE, find

CHECK: Final = "table"
_ACTIVE: Final = "ACTIVE"
_LOGICAL_ID: Final = "Table"
_UPDATING: Final = 'docs/aws.md, "Updating", says how'


def table(clients: Clients, stack_name: str, template: Template) -> Iterator[Finding]:
    """Say whether an update can give the table what the template says."""
    stack = find(clients, stack_name)
    name = stack.physical_id(_LOGICAL_ID) if stack is not None and stack.status != GONE else None
    if name is None:
        yield well(CHECK, "there is none yet, so it is made with all its indexes")
        return
    there = clients("dynamodb").describe_table(TableName=name)["Table"]
    wanted = template.resolved(dict(template.of_kind("AWS::DynamoDB::Table"))[_LOGICAL_ID])
    faults = [*_replaced(name, there, wanted), *_indexes(name, there, wanted)]
    yield from faults or [well(CHECK, f"{name} can be given what the template says")]


def _replaced(name: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what only another table could have."""
    if _keys(there) != _keys(wanted) or _shapes(there, "Local") != _shapes(wanted, "Local"):
        yield error(
            CHECK,
            f"{name} has another key or other local indexes than the template",
            why="CloudFormation would make a new, empty table in its place",
            remedy="leave KeySchema and LocalSecondaryIndexes as they are; a stack of another name can have others",
        )


def _indexes(name: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    old, new = _shapes(there, "Global"), _shapes(wanted, "Global")
    changed = sorted(index for index in old.keys() & new.keys() if old[index] != new[index])
    if changed:
        yield error(
            CHECK,
            f"{', '.join(changed)} of {name} would get another key or other attributes",
            why="DynamoDB changes neither in an index that is there",
            remedy=f"give the index another name, and add it before the old one is removed; {_UPDATING}",
        )
    moves = [f"adds {index}" for index in sorted(new.keys() - old.keys())]
    moves += [f"removes {index}" for index in sorted(old.keys() - new.keys())]
    if len(moves) > 1:
        yield error(
            CHECK,
            f"the update of {name} {', '.join(moves)}",
            why="DynamoDB adds or removes one index in an update, and CloudFormation takes the whole update back",
            remedy=f"update once for each, with a template that has one change more than the last; {_UPDATING}",
        )
    yield from _in_the_making(name, there, moves)


def _in_the_making(name: str, there: Mapping[str, Any], moves: Sequence[str]) -> Iterator[Finding]:
    """Find indexes that DynamoDB is at work on: they are in the way of other changes, and of nothing else."""
    for index in there.get("GlobalSecondaryIndexes", []):
        if index["IndexStatus"] == _ACTIVE:
            continue
        what = f"the index {index['IndexName']} of {name} is {index['IndexStatus']}"
        remedy = f"wait until `aws dynamodb describe-table --table-name {name}` says {_ACTIVE}"
        if moves:
            why = "DynamoDB changes one index at a time, and an update that changes another one goes back"
            yield error(CHECK, what, why=why, remedy=remedy)
        else:
            yield warning(CHECK, what, why="lists that are read by it fail until then", remedy=remedy)


def _shapes(described: Mapping[str, Any], kind: str) -> dict[str, tuple[Any, ...]]:
    """Return keys and projection of each index of a kind, ``Global`` or ``Local``, by its name."""
    return {
        index["IndexName"]: (
            _keys(index),
            index["Projection"]["ProjectionType"],
            sorted(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in described.get(f"{kind}SecondaryIndexes", [])
    }


def _keys(described: Mapping[str, Any]) -> dict[str, str]:
    return {each["KeyType"]: each["AttributeName"] for each in described["KeySchema"]}
