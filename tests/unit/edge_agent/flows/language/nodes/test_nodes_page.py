"""docs/nodes.md names every node type and each of its settings, and none that does not exist."""

import re
from pathlib import Path

import pytest

from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.nodes.base import NodeSettings
from edge_agent.flows.language.nodes.change import DeleteRule, MoveRule, ReplaceRule, SetRule
from edge_agent.flows.language.nodes.switch import Rule

PAGE = Path(__file__).parents[6] / "docs" / "nodes.md"
SECTIONS = {
    title: text for title, _, text in (part.partition("\n") for part in PAGE.read_text(encoding="utf-8").split("\n## "))
}

RULES = {"change": (SetRule, DeleteRule, MoveRule, ReplaceRule), "switch": (Rule,)}


def _documented(section: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", SECTIONS[section], flags=re.MULTILINE))


def test_every_node_type_has_a_section_and_no_other_does() -> None:
    assert set(SECTIONS) - {"# Node types"} == set(NODE_KINDS)


def _names(*models: type[NodeSettings]) -> set[str]:
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


@pytest.mark.parametrize("node_type", list(NODE_KINDS))
def test_every_setting_is_documented_and_no_other(node_type: str) -> None:
    assert _documented(node_type) == _names(NODE_KINDS[node_type].settings_type, *RULES.get(node_type, ()))
