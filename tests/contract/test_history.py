"""The contract of histories: every type is told in docs/api.md, and what is kept stays readable."""

import re
from pathlib import Path

import pytest

from edgeflow.contract.history.details import Details
from edgeflow.contract.history.events import DeploymentEvent, FlowEvent

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ENVELOPE = {
    "sequence": 1,
    "at": "2026-02-21T12:00:00.000Z",
    "actor": {"kind": "caller", "name": "alice", "subject": "sub-1"},
    "status": "running",
    "status_reason": "started by alice",
}


def documented(start: str, end: str) -> dict[str, str]:
    """Return each type in the table between these words, with its line."""
    table = DOCS.partition(start)[2].partition(end)[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return {name: line for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}


DEPLOYMENT_TABLE = documented("Of a deployment:", "Counts are")
FLOW_TABLE = documented("Of a flow, all by the caller:", "## Lists")


@pytest.mark.parametrize(("table", "models"), [(DEPLOYMENT_TABLE, DeploymentEvent), (FLOW_TABLE, FlowEvent)])
def test_every_type_and_key_is_told_and_no_other_type(
    table: dict[str, str], models: type[DeploymentEvent | FlowEvent]
) -> None:
    assert table.keys() == models.details_by_type.keys()
    for name, model in models.details_by_type.items():
        assert [key for key in model.model_fields if f"`{key}`" not in table[name]] == [], name


def test_types_are_told_apart_by_their_names() -> None:
    for event in (DeploymentEvent, FlowEvent):
        models = list(event.details_by_type.values())
        assert all(issubclass(model, Details) for model in models)
        assert len(models) == len(set(models))


def test_details_are_read_by_their_type_where_others_have_the_same_keys() -> None:
    told = ENVELOPE | {"type": "resumed", "details": {}}
    event = DeploymentEvent.model_validate(told)
    assert type(event.details) is DeploymentEvent.details_by_type["resumed"]
    assert event.model_dump(mode="json") == told


def test_an_event_of_a_later_release_can_be_read() -> None:
    paused = {"type": "paused", "details": {"cause": "operator", "until": "tomorrow"}}
    assert DeploymentEvent.model_validate(ENVELOPE | paused).details.model_dump() == {"cause": "operator"}
    novel = {"type": "handed_over", "details": {"to": "somebody"}}
    assert DeploymentEvent.model_validate(ENVELOPE | novel).type == "handed_over"
