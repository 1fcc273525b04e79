"""Node types that installed packages bring, by a package that is really on the path."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.nodes import ENTRY_POINTS as GROUP
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import Node
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.nodes.registry import NodeTypes
from edge_agent.flows.language.rejected import FlowRejected
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.flows.builtin.bench import Bench, artifact, chain, node

Types = NodeTypes[Node[Any]]

PACKAGE: Final = """
from typing import ClassVar
from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Emit, Node, NodeSettings, Schedule

class Settings(NodeSettings):
    factor: int = 2

class Multiply(Node[Settings]):
    settings_type: ClassVar[type[NodeSettings]] = Settings

    def start(self, emit: Emit, schedule: Schedule) -> None:
        self._emit = emit

    def receive(self, message: Message) -> None:
        self._emit(Message(payload=message.payload * self.settings.factor, source=self.environment.node_id))

NOT_A_NODE = 7
"""
ENTRY_POINTS: Final = """[edgeflow.nodes]
acme-multiply = acme_nodes:Multiply
acme-broken = acme_nodes:Gone
acme-odd = acme_nodes:NOT_A_NODE
debug = acme_nodes:Multiply
Bad_Name = acme_nodes:Multiply
"""


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Types:
    """The agent's types, with a package of somebody's beside."""
    (tmp_path / "acme_nodes.py").write_text(PACKAGE, encoding="utf-8")
    info = tmp_path / "acme_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-nodes\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    made = NodeTypes[Node[Any]](Node, NODE_TYPES.built_in, brought_by=GROUP)
    for module in ("edge_agent.flows.builtin.flow", "edge_agent.flows.builtin.check"):
        monkeypatch.setattr(f"{module}.NODE_TYPES", made)
    return made


def test_a_package_s_type_runs_like_our_own(types: Types) -> None:
    definition = chain(node("in", "inject", payload=21), node("twice", "acme-multiply"), node("out", "debug"))
    check_for_builtin(artifact(definition))
    with Bench(definition) as bench:
        debug = bench.flow.node("out")
        assert debug is not None
        assert [message.payload for message in debug.messages] == [42]  # type: ignore[attr-defined]
    assert issubclass(types["acme-multiply"], Node)


def test_its_settings_are_checked_before_it_runs(types: Types) -> None:
    with pytest.raises(FlowRejected) as rejected:
        check_for_builtin(artifact({"nodes": [node("a", "acme-multiply", factor="many")]}))
    assert rejected.value.message.startswith("node a (acme-multiply): factor: ")
    assert set(types) - set(NODE_TYPES.built_in) == {"acme-multiply", "acme-broken", "acme-odd"}


@pytest.mark.parametrize(("name", "why"), [("acme-broken", "AttributeError"), ("acme-odd", "no class derived from")])
def test_a_type_that_cannot_be_loaded_is_refused_with_the_reason(types: Types, name: str, why: str) -> None:
    with pytest.raises(FlowRejected) as rejected:
        check_for_builtin(artifact({"nodes": [node("a", name)]}))
    assert rejected.value.reason is Reason.UNKNOWN_NODE_TYPE
    assert why in rejected.value.message
    assert name not in types
    assert types.fault(name) is not None


def test_a_package_cannot_take_the_place_of_our_own(types: Types) -> None:
    assert types["debug"] is NODE_TYPES["debug"]
    assert "Bad_Name" not in set(types)


def test_every_type_is_of_the_kind_that_flows_are_checked_by() -> None:
    assert set(NODE_TYPES.built_in) == set(NODE_KINDS)
    for name, kind in NODE_KINDS.built_in.items():
        assert issubclass(NODE_TYPES[name], NODE_KINDS[name]), kind


@pytest.mark.slow
def test_what_no_flow_needs_is_not_loaded() -> None:
    script = (
        "import sys; import edge_agent.agent; from edge_agent.flows.builtin.nodes import NODE_TYPES; list(NODE_TYPES);"
        "print([name for name in sys.modules if name.startswith('edge') and '.nodes.' in name])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603  our own words
    assert sorted(ast.literal_eval(said.stdout)) == [
        "edge_agent.flows.builtin.nodes.base",
        "edge_agent.flows.language.nodes.registry",
        "edgeflow.contract.nodes.base",
        "edgeflow.contract.nodes.dht",
        "edgeflow.contract.nodes.kind",
        "edgeflow.contract.nodes.kinds",
    ]
