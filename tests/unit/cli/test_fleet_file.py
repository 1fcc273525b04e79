"""The file of a fleet: what it says, and how its faults are told."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.fleet_file import DeployCanary, DeployRolling, read_fleet_file, schema
from edgeflow.client import InvalidArgument
from tests.support.product_page import CREATE_FLOW

FLOW = json.loads(CREATE_FLOW)
DEPLOY = "flows:\n  A:\n    deploy:\n      - "
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a fleet's file, beside a flow in `flow.json`."""
    (tmp_path / "flow.json").write_text(json.dumps(FLOW), encoding="utf-8")

    def file(text: str) -> Path:
        path = tmp_path / "fleet.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return file


def _refused(path: Path) -> str:
    with pytest.raises(InvalidArgument) as refused:
        read_fleet_file(path)
    return str(refused.value).replace(str(path), "fleet.yaml")


def test_flows_are_read_from_their_files_and_from_the_file_itself(write: Write) -> None:
    first, second = read_fleet_file(
        write(
            """
flows:
  Temperature Alert:
    file: flow.json
    deploy:
      - groups: [factory]
        strategy: canary
        config: {canary_delay: 10m}
      - devices: [dev_001, dev_002]
        strategy: rolling
        version: 1
  Inline:
    tags: [one, one]
    definition:
      nodes: [{id: n1, type: debug}]
"""
        )
    )
    assert (first.name, first.description) == ("Temperature Alert", FLOW["description"])
    assert first.definition is not None
    assert [node.id for node in first.definition.nodes] == ["n1", "n2", "n3"]
    canary, rolling = first.deploy
    assert isinstance(canary, DeployCanary)
    assert (canary.groups, canary.config.canary_delay.total_seconds(), canary.version) == (("factory",), 600, None)
    assert isinstance(rolling, DeployRolling)
    assert (rolling.devices, rolling.version) == (("dev_001", "dev_002"), 1)
    assert (second.description, second.tags, second.deploy) == (None, ("one",), ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flows: {A: {tags: [x], tags: [y]}}", "fleet.yaml:1: 'tags' is there twice"),
        ("flows:\n  A:\n    1: x", "fleet.yaml:3: a key is a text"),
        ("flows:\n  A:\n    tags: [x", "fleet.yaml:3: "),
        ("", "fleet.yaml:1: the document: "),
        ("flows: {}", "fleet.yaml:1: /flows: "),
        ("flows:\n  A:\n    tag: [x]", "fleet.yaml:3: /flows/A/tag: "),
        ("flows:\n  A:\n    deploy:\n      - strategy: rolling", "fleet.yaml:4: /flows/A/deploy/0: name at least one"),
        (
            DEPLOY + "{strategy: rolling, devices: [d]}\n      - {strategy: canary, devices: [d]}",
            "fleet.yaml:5: /flows/A/deploy/1/devices: d is named twice",
        ),
        (
            DEPLOY + "strategy: rolling\n        devices: [d]\n        config:\n          batch_size: x",
            "fleet.yaml:7: /flows/A/deploy/0/config/batch_size: ",
        ),
        (
            DEPLOY + "strategy: rolling\n        devices: [d]\n        config: {canary_delay: 1m}",
            "fleet.yaml:6: /flows/A/deploy/0/config/canary_delay: ",
        ),
        ("flows:\n  A:\n    deploy:\n      - {strategy: fast, devices: [d]}", "fleet.yaml:4: /flows/A/deploy/0"),
        (
            "flows:\n  A:\n    definition:\n      nodes:\n        - {id: a, type: dht}\n        - {id: a, type: dht}",
            "fleet.yaml:6: /flows/A/definition/nodes/1",
        ),
        ("flows:\n  B:\n    file: flow.json", "fleet.yaml:3: /flows/B/file: the flow in flow.json is named"),
        (
            "flows:\n  Temperature Alert:\n    file: flow.json\n    tags: [x]",
            "fleet.yaml:4: /flows/Temperature Alert/tags",
        ),
        (
            "a: &a [x]\n" + "".join(f"{n}: &{n} [*{p},*{p},*{p},*{p}]\n" for p, n in pairwise("abcdefghijkl")),
            "200000",
        ),
        ("flows: &f {A: *f}", "200000"),
        ("flows: !!python/name:os.system x", "fleet.yaml:1: could not determine a constructor"),
        ("flows: {A: {description: !!binary aGk=}}", "what JSON cannot"),
        ("flows: {A: {definition: {nodes: [{id: n, type: t, x: .nan}]}}}", "what JSON cannot"),
    ],
)
def test_each_fault_is_told_with_its_line(write: Write, text: str, told: str) -> None:
    assert told in _refused(write(text))


def test_several_faults_are_told_at_once(write: Write) -> None:
    told = _refused(write("flows:\n  A:\n    tag: [x]\n  B:\n    deploy: 1"))
    assert "fleet.yaml:3: /flows/A/tag" in told
    assert "fleet.yaml:5: /flows/B/deploy" in told


def test_dates_and_anchors_are_what_they_look_like(write: Write) -> None:
    (one, two) = read_fleet_file(
        write("flows:\n  A: &a\n    description: 2026-01-01\n    tags: [x]\n  B:\n    <<: *a\n    tags: [y]")
    )
    assert (one.description, two.description, two.tags) == ("2026-01-01", "2026-01-01", ("y",))


def test_a_file_that_is_not_there_is_a_sentence(write: Write) -> None:
    with pytest.raises(CommandFailed, match=r"missing\.json cannot be read: No such file"):
        read_fleet_file(write("flows: {A: {file: missing.json}}"))


def test_the_schema_takes_what_is_read(write: Write) -> None:
    document = {"flows": {"A": {"deploy": [{"strategy": "rolling", "devices": ["d"], "config": {"batch_size": 2}}]}}}
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(document, schema())
    assert read_fleet_file(write(json.dumps(document)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"flows": {"A": {"tag": ["x"]}}}, schema())


def test_a_slug_is_one_flow_s_and_may_stand_in_the_flow_s_own_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "flow.json").write_text(json.dumps(FLOW | {"slug": "line-3"}), encoding="utf-8")
    (flow,) = read_fleet_file(write("flows:\n  Temperature Alert:\n    file: flow.json\n"))
    assert flow.slug == "line-3"
    told = _refused(write("flows:\n  Temperature Alert:\n    file: flow.json\n  B:\n    slug: line-3\n"))
    assert "fleet.yaml:5: /flows/B: the slug line-3 is another flow's of this file, too" in told
    assert "fleet.yaml:3: /flows/Temperature Alert: the slug line-3" in told
    twice = _refused(write("flows:\n  Temperature Alert:\n    file: flow.json\n    slug: line-4\n"))
    assert "/flows/Temperature Alert/slug: file says this already" in twice
    assert "/flows/B/slug" in _refused(write("flows:\n  B:\n    slug: Line 3\n"))
