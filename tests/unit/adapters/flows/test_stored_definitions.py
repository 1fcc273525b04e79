"""Definitions at rest, also those that older releases wrote."""

import json

import pytest

from edgeflow.adapters.flows.stored_definitions import read_artifact, read_definition
from edgeflow.contract.flow import Definition, FlowArtifact, Node


def test_a_definition_reads_as_what_was_written() -> None:
    definition = Definition(nodes=(Node(id="n1", type="debug", config={"a": [1, None]}, x=5),))
    assert read_definition(definition.model_dump_json()) == definition
    assert read_artifact(FlowArtifact(definition=definition).canonical_bytes()) == definition


@pytest.mark.parametrize("place", ["null", "1e999", "-Infinity"])
def test_a_place_that_no_editor_has_is_the_origin(place: str) -> None:
    read = read_definition(f'{{"nodes": [{{"id": "n1", "type": "debug", "x": {place}, "y": 7}}]}}')
    assert (read.nodes[0].x, read.nodes[0].y) == (0.0, 7.0)


def test_no_bound_of_requests_keeps_a_stored_definition_from_being_read() -> None:
    nodes = [{"id": "n" * 200, "type": "Odd Type", "name": "x" * 500, "x": 1e300} for _ in range(1_500)]
    assert len(read_definition(json.dumps({"nodes": nodes})).nodes) == 1_500


@pytest.mark.parametrize(
    "config", ['{"a": 1e999}', '{"a": [NaN]}', '{"a": "\\ud800"}', "5"], ids=["infinite", "nan", "surrogate", "no map"]
)
def test_a_definition_that_json_cannot_say_is_unreadable(config: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_definition(f'{{"nodes": [{{"id": "n1", "type": "debug", "config": {config}}}]}}')
