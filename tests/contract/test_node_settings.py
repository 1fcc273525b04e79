"""The cloud and a device say the same of a node's settings; what is left to the device is listed here."""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import Secrets
from edge_agent.flows.node_red.check import check_without_node_red
from edgeflow.contract.flow import Definition, FlowArtifact, Node, Variable, VariableType
from edgeflow.contract.nodes.kinds import KINDS, NATIVE_TYPE, kind_of
from edgeflow.contract.references import reference_faults
from edgeflow.domain.node_settings import setting_faults
from tests.support.node_settings import settings_of

LEFT_TO_THE_DEVICE: Final[Mapping[str, str]] = {
    "expression": "expression: is no JSONata",
    "template": "template: is no template",
    NATIVE_TYPE: "flows: ([0-9]+ items have the id |.* leads to )",
}
"""How faults begin that only a device finds, by type: the first two need its libraries; of an export it also looks at
what its items have to do with each other."""

VARIABLES: Final = (
    Variable(name="host", type=VariableType.STRING, value="hall"),
    Variable(name="topic", type=VariableType.STRING, value="a/b"),
    Variable(name="threshold", type=VariableType.NUMBER, value=1),
)
OVERRIDES: Final = st.fixed_dictionaries(
    {}, optional={"host": st.sampled_from(["h:1", "a b", ""]), "topic": st.sampled_from(["b", "a//b", "x" * 200])}
)
SECRETS: Final = st.sampled_from([{}, {"KEY": "k"}, {"KEY": "a\nb"}])


def _definition(node_type: str, config: dict[str, Any]) -> Definition:
    return Definition(nodes=(Node(id="n", type=node_type, config=config),), variables=VARIABLES)


def _on_a_device(definition: Definition, overrides: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
    """Return why a device refuses a flow of the one node: what is wrong with its settings, or which secret it lacks."""
    native = definition.nodes[0].type == NATIVE_TYPE
    check = check_without_node_red if native else check_for_builtin
    try:
        check(FlowArtifact(definition=definition), overrides, Secrets(values=secrets))
    except FlowRejected as rejected:
        return list(rejected.faults)
    return []


def _in_the_cloud(definition: Definition) -> list[str]:
    found, _ = setting_faults(definition)
    return [fault.message for fault in found] + [fault for _, fault in reference_faults(definition)]


@pytest.mark.parametrize("node_type", list(KINDS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.slow
def test_the_cloud_and_a_device_say_the_same_of_settings(node_type: str, data: st.DataObject) -> None:
    config = data.draw(settings_of(node_type))
    definition = _definition(node_type, json.loads(json.dumps(config)))
    before = copy.deepcopy(definition)
    in_the_cloud = _in_the_cloud(definition)
    assert definition == before

    on_devices = _on_a_device(definition, data.draw(OVERRIDES), data.draw(SECRETS))
    if in_the_cloud:
        assert on_devices, "a device takes what the cloud refuses"
    if "${" not in json.dumps(config):
        left = LEFT_TO_THE_DEVICE.get(node_type, "nothing")
        everywhere = [fault for fault in on_devices if not re.match(rf"node n \({node_type}\): {left}", fault)]
        assert bool(everywhere) == bool(in_the_cloud), (on_devices, in_the_cloud)


def test_a_device_checks_by_the_models_of_the_contract() -> None:
    read_by_the_device = {"expression", "template"}
    assert {*NODE_KINDS, NATIVE_TYPE} == set(KINDS)
    for name in NODE_KINDS:
        ours, of_the_device = kind_of(name).settings_type, NODE_TYPES[name].settings_type
        assert issubclass(of_the_device, ours)
        assert (of_the_device is not ours) == (name in read_by_the_device)


@pytest.mark.parametrize(
    ("node_type", "config"),
    [
        ("http_request", {"url": "http://${host}/${topic}", "headers": {"X-Key": "${secret:KEY}"}}),
        ("http_request", {"url": "https://h/", "username": "${secret:USER}", "password": "${secret:PASSWORD}"}),
        ("mqtt_out", {"topic": "${topic}/alerts"}),
        ("mqtt_in", {"topic": "${secret:TOPIC}/#"}),
        ("acme-multiply", {"factor": "whatever the package takes"}),
    ],
)
def test_what_only_a_device_knows_is_left_to_it(node_type: str, config: dict[str, Any]) -> None:
    assert _in_the_cloud(_definition(node_type, config)) == []
