"""References in flows that Node-RED runs: variables are filled in, secrets are credentials of the tab alone."""

import base64
import dataclasses
import json
from typing import Any, Final

import pytest

from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.builtin.on_behalf import start_fault
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import Secrets
from edge_agent.flows.node_red.check import check_without_node_red
from edge_agent.flows.node_red.draft import Surroundings, Tab
from edge_agent.flows.node_red.health import node_health, unwell_nodes
from edge_agent.flows.node_red.merge import arranged
from edge_agent.flows.node_red.monitor import Failure, TabState
from edge_agent.flows.node_red.translate import translate
from edgeflow.contract.flow import Definition, FlowArtifact, Node, Variable, VariableType
from edgeflow.contract.health_checks import HttpCheck
from edgeflow.contract.reasons import Reason
from tests.unit.edge_agent.device import FLOW, NOON

VERSION = InstalledVersion(version=1, sha256="a" * 64, since=NOON)
DEVICE = Surroundings(
    device_id="dev_001",
    hardware={},
    broker=("mqtt.test", 1884),
    start_fault=start_fault,
    overrides=lambda _: {"host": "plc.hall-3"},
)
HOST = Variable(name="host", type=VariableType.STRING, value="plc.test")
SECRETS = Secrets(
    values={"KEY": "a key/with it", "PASSWORD": "pass word", "PART": "hidden.part"},
    marks={"KEY": "1", "PASSWORD": "2", "PART": "3"},
)
NODES: Final = (
    Node(
        id="ask",
        type="http_request",
        config={
            "url": "https://${host}/x?k=${secret:KEY}",
            "headers": {"X-Key": "${secret:KEY}", "X-Host": "${host}"},
            "username": "operator",
            "password": "${secret:PASSWORD}",
        },
    ),
    Node(id="in", type="mqtt_in", config={"topic": "x/${secret:PART}"}),
    Node(id="out", type="mqtt_out", config={"topic": "x/${secret:PART}"}),
    Node(id="plain", type="http_request", config={"url": "http://${host}/", "headers": {"X": "${host}"}}),
)


def _translate(*nodes: Node, secrets: Secrets = SECRETS) -> Tab:
    definition = Definition(nodes=nodes or NODES, variables=(HOST,))
    check_without_node_red(FlowArtifact(definition=definition), DEVICE.overrides(FLOW), secrets)
    return translate(FLOW, VERSION, definition, DEVICE, secrets)


def _tab_item(tab: Tab) -> dict[str, Any]:
    return tab.items[0]


def test_a_secret_is_in_the_tabs_credentials_and_nowhere_else() -> None:
    tab = _translate()
    both = base64.b64encode(b"operator:pass word").decode()
    credentials = _tab_item(tab)["credentials"]
    assert credentials["edgeflow:ask:url"] == "https://plc.hall-3/x?k=a%20key%2Fwith%20it"
    assert json.loads(credentials["edgeflow:ask:headers+username+password"]) == {
        "X-Key": "a key/with it",
        "X-Host": "plc.hall-3",
        "Authorization": f"Basic {both}",
    }
    assert credentials["edgeflow:in:topic"] == "edgeflow/devices/dev_001/in/x/hidden.part"
    assert credentials["edgeflow:out:topic"] == "edgeflow/devices/dev_001/out/x/hidden.part"
    rest = json.dumps([{key: item[key] for key in item if key != "credentials"} for item in tab.items])
    for value in (*SECRETS.values.values(), "a%20key%2Fwith%20it", both):
        assert value not in rest
    named = {entry["name"] for entry in _tab_item(tab)["env"] if entry["type"] == "cred"}
    assert named == set(credentials)


def test_a_variable_is_the_devices_own_and_no_credential() -> None:
    tab = _translate(NODES[3])
    assert "credentials" not in _tab_item(tab)
    assert 'const url = "http://plc.hall-3/";' in "".join(item.get("func", "") for item in tab.items)
    assert {"name": "host", "type": "str", "value": "plc.hall-3"} in _tab_item(tab)["env"]


def test_another_value_is_another_tab_to_node_red_and_the_same_one_is_not() -> None:
    before = [{key: item[key] for key in item if key != "credentials"} for item in _translate().items]
    family = _tab_item(_translate())["id"].rpartition("_")[0] + "_"
    assert arranged(before, list(_translate().items), family) is None
    changed = dataclasses.replace(SECRETS, marks={**SECRETS.marks, "KEY": "4"})
    edited = arranged(before, list(_translate(secrets=changed).items), family)
    assert edited is not None
    assert [item["type"] for item in edited if "credentials" in item] == ["tab"], "the rest goes on as it is"


def test_what_a_tab_tells_of_itself_shows_no_secret() -> None:
    tab = _translate()
    item_id = next(item_id for item_id, owner in tab.owners.items() if owner.node_id == "ask")
    said = Failure(item_id, "error", "no answer of https://plc.hall-3/x?k=a%20key%2Fwith%20it for pass word")
    state = TabState("r", 1, (said,), (said,), {})
    for told in (node_health(tab, said), *unwell_nodes(tab, state, live=True)):
        assert told.error == "no answer of https://plc.hall-3/x?k=••• for •••"


@pytest.mark.parametrize(
    ("nodes", "reason", "fault"),
    [
        (NODES, Reason.MISSING_SECRET, "secret KEY is not set on this device"),
        (
            (Node(id="n", type="node-red", config={"flows": [{"id": "a", "type": "x", "key": "${secret:KEY}"}]}),),
            Reason.INVALID_ARTIFACT,
            "node n (node-red): flows.0.key: a secret cannot be named here",
        ),
    ],
)
def test_a_flow_is_refused_as_on_the_built_in_runtime(nodes: tuple[Node, ...], reason: Reason, fault: str) -> None:
    check = HttpCheck(type="http", name="up", url="http://${host}/")
    definition = Definition(nodes=nodes, variables=(HOST,), health_checks=(check,))
    with pytest.raises(FlowRejected) as refused:
        check_without_node_red(FlowArtifact(definition=definition))
    assert refused.value.reason is reason
    assert refused.value.faults[0].startswith(fault)
    assert len(set(refused.value.faults)) == len(refused.value.faults)
