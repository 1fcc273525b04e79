"""The list of node types that the API serves is the one that the models and the pages make, and is right."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edgeflow.adapters.flows.node_types import NodeTypeFile
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.nodes.kinds import KINDS
from edgeflow.contract.rest.node_types import NodeType
from edgeflow.domain.node_settings import setting_faults
from node_types.catalogue import PLACE, written
from tests.support.node_settings import settings_of

ROOT = Path(__file__).parents[2]
NODE_TYPES = {found.type: found for found in NodeTypeFile().all().node_types}


def _takes(node_type: str, config: dict[str, Any]) -> bool:
    found, _ = setting_faults(Definition(nodes=(Node(id="n", type=node_type, config=config),)))
    return not found


def _allows(node_type: NodeType, config: dict[str, Any]) -> bool:
    return Draft202012Validator(node_type.settings).is_valid(config)


def test_the_list_is_current() -> None:
    assert (ROOT / PLACE).read_text(encoding="utf-8") == written(ROOT), "make node-types writes it anew"


def test_every_type_is_there() -> None:
    assert set(NODE_TYPES) == set(KINDS)


@pytest.mark.parametrize("node_type", NODE_TYPES.values(), ids=lambda found: found.type)
def test_every_example_is_right(node_type: NodeType) -> None:
    Draft202012Validator.check_schema(node_type.settings)
    assert node_type.examples
    for example in node_type.examples:
        assert _takes(node_type.type, example)
        assert _allows(node_type, example)


@pytest.mark.parametrize("node_type", NODE_TYPES.values(), ids=lambda found: found.type)
def test_a_default_is_written_as_an_author_would(node_type: NodeType) -> None:
    required = set(node_type.settings.get("required", ()))
    for name, place in node_type.settings["properties"].items():
        assert place["description"]
        if name not in required and "default" in place:
            assert _allows(node_type, node_type.examples[0] | {name: place["default"]}), name


@pytest.mark.parametrize("node_type", NODE_TYPES.values(), ids=lambda found: found.type)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.slow
def test_the_schema_allows_whatever_publishing_takes(node_type: NodeType, data: st.DataObject) -> None:
    config = json.loads(json.dumps(data.draw(settings_of(node_type.type))))
    if _takes(node_type.type, config):
        assert _allows(node_type, config)


@pytest.mark.parametrize("node_type", NODE_TYPES.values(), ids=lambda found: found.type)
def test_the_schema_refuses_what_publishing_refuses_by_its_shape(node_type: NodeType) -> None:
    example = node_type.examples[0]
    wrongs: list[dict[str, Any]] = [{"unknown": 1}, *({name: {"": []}} for name in node_type.settings["properties"])]
    for wrong in wrongs:
        if not _takes(node_type.type, example | wrong):
            assert not _allows(node_type, example | wrong), wrong
