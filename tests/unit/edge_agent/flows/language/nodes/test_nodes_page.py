"""docs/nodes.md names every node type and each of its settings, and none that does not exist."""

import re
from pathlib import Path

import pytest

from edge_agent.flows.builtin.nodes.base import DEFAULT_TIMEOUT_SECONDS
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.proof import MAX_PROOF_SECONDS
from edge_agent.flows.language.ways import TOLD_SECONDS
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS, NodeSettings
from edgeflow.contract.nodes.change import DeleteRule, MoveRule, ReplaceRule, SetRule
from edgeflow.contract.nodes.switch import Rule

PAGE = Path(__file__).parents[6] / "docs" / "nodes.md"
SECTIONS = {
    title: text for title, _, text in (part.partition("\n") for part in PAGE.read_text(encoding="utf-8").split("\n## "))
}

RULES = {"change": (SetRule, DeleteRule, MoveRule, ReplaceRule), "switch": (Rule,)}


def test_the_page_says_how_long_each_type_needs_to_fail_that_is_not_done_at_once() -> None:
    _, _, after = SECTIONS["# Node types"].partition("\n### How long a flow needs to fail\n")
    texts, _, _ = after.partition("\n### ")
    rows = set(re.findall(r"^\| `(\w+)` \|", texts, flags=re.MULTILINE))
    takes_time = {name for name in NODE_KINDS if "seconds_to_fail" in vars(NODE_KINDS[name])}
    begins_late = {name for name in NODE_KINDS if "seconds_to_begin" in vars(NODE_KINDS[name])}
    assert takes_time <= rows
    assert {name for name in begins_late if f"`{name}`" not in texts} == set()
    for said in (
        f"and {TOLD_SECONDS:g} seconds",
        f"more than {MAX_PROOF_SECONDS / 60:g} minutes",
        f"{ACKNOWLEDGED_WITHIN_SECONDS:g} s with `qos` 1",
        f"| {DEFAULT_TIMEOUT_SECONDS:g} s, unless its type says otherwise |",
    ):
        assert said in texts


def _documented(section: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", SECTIONS[section], flags=re.MULTILINE))


def test_every_node_type_has_a_section_and_no_other_does() -> None:
    assert set(SECTIONS) - {"# Node types"} == set(NODE_KINDS)


def _names(*models: type[NodeSettings]) -> set[str]:
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


@pytest.mark.parametrize("node_type", list(NODE_KINDS))
def test_every_setting_is_documented_and_no_other(node_type: str) -> None:
    assert _documented(node_type) == _names(NODE_KINDS[node_type].settings_type, *RULES.get(node_type, ()))
