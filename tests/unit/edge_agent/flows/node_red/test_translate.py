"""What a flow becomes in Node-RED, and which flows are refused before."""

import re
from typing import Any

import pytest

from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.builtin.on_behalf import start_fault
from edge_agent.flows.language.proof import NO_PROOF, Proof
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.node_red.check import check_without_node_red
from edge_agent.flows.node_red.draft import Surroundings, Tab
from edge_agent.flows.node_red.merge import arranged
from edge_agent.flows.node_red.monitor import TabState
from edge_agent.flows.node_red.names import TabName, family
from edge_agent.flows.node_red.native import is_muted, native_items
from edge_agent.flows.node_red.nodes import TRANSLATIONS
from edge_agent.flows.node_red.translate import required_types, translate
from edgeflow.contract.flow import Connection, Definition, FlowArtifact, Node, Variable, VariableType
from edgeflow.contract.health_checks import EmittedCheck, HttpCheck
from edgeflow.contract.nodes.node_red import NativeSettings
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Slot
from localcloud.settings import ROOT
from tests.support.node_red_flows import function, inject, link
from tests.unit.edge_agent.device import FLOW, NOON

VERSION = InstalledVersion(version=1, sha256="a" * 64, since=NOON)
DEVICE = Surroundings(
    device_id="dev_001", hardware={"dht_model": "DHT22"}, broker=("mqtt.test", 1884), start_fault=start_fault
)


def _translate(*nodes: Node, connections: tuple[Connection, ...] = (), variables: tuple[Variable, ...] = ()) -> Tab:
    definition = Definition(nodes=nodes, connections=connections, variables=variables)
    check_without_node_red(FlowArtifact(definition=definition))
    return translate(FLOW, VERSION, definition, DEVICE)


def _of(tab: Tab, kind: str, node_id: str) -> dict[str, Any]:
    (found,) = (
        item
        for item in tab.items
        if item["type"] == kind and item["id"] in tab.owners and tab.owners[item["id"]].node_id == node_id
    )
    return found


REQUIRED: dict[str, dict[str, Any]] = {
    "change": {"rules": [{"action": "set", "value": 1}]},
    "expression": {"expression": "$"},
    "http_request": {"url": "http://127.0.0.1:8080/"},
    "template": {"template": "{{ payload }}"},
}
"""Settings of types that have no default for each."""


@pytest.mark.parametrize("node_type", sorted(set(TRANSLATIONS)))
def test_every_type_that_has_a_translation_is_translated_with_its_defaults(node_type: str) -> None:
    threshold = Variable(name="threshold", type=VariableType.NUMBER, value=3)
    tab = _translate(Node(id="n1", type=node_type, config=REQUIRED.get(node_type, {})), variables=(threshold,))
    assert tab.faults == {}
    types = {item["type"] for item in tab.items} - {"tab"}
    assert types <= required_types(Definition(nodes=(Node(id="n1", type=node_type),)))


def test_the_page_says_of_every_type_what_it_becomes() -> None:
    page = (ROOT / "docs" / "node-red.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [name for name in TRANSLATIONS if not any(f"`{name}`" in row for row in rows)] == []


def test_wires_lead_where_the_connections_do() -> None:
    rules = [{"operator": ">", "value": 3, "port": 2}]
    tab = _translate(
        Node(id="in", type="inject"),
        Node(id="sw", type="switch", config={"rules": rules, "otherwise": 0}),
        Node(id="out", type="mqtt_out"),
        Node(id="log", type="debug"),
        connections=(
            Connection(source="in", target="sw"),
            Connection(source="sw", target="out", port=2),
            Connection(source="sw", target="log", port=0),
            Connection(source="sw", target="log", port=2),
        ),
    )
    switch, out, log = _of(tab, "function", "sw"), _of(tab, "function", "out"), _of(tab, "debug", "log")
    assert _of(tab, "inject", "in")["wires"] == [[switch["id"]]]
    assert switch["wires"] == [[log["id"]], [], [out["id"], log["id"]]]
    assert out["wires"] == [[_of(tab, "mqtt out", "out")["id"]]]


def test_a_flow_needs_as_long_to_fail_as_on_the_built_in_runtime() -> None:
    asks = Node(id="ask", type="http_request", config={"url": "https://${host}/", "timeout": "60s"})
    own = Node(id="own", type="node-red", config={"flows": [inject("a")]})
    tab = _translate(
        Node(id="in", type="inject", config={"interval": "30s"}),
        asks,
        own,
        connections=(Connection(source="in", target="ask"),),
        variables=(Variable(name="host", type=VariableType.STRING, value="plant.test"),),
    )
    assert tab.proof == Proof(started=62, switched=92)
    assert _translate(own).proof == NO_PROOF, "native nodes are not looked into"


def test_an_inject_sends_its_json_when_it_is_to() -> None:
    node = Node(id="in", type="inject", config={"payload": {"a": [1, "ü"]}, "interval": "1m30s", "once": False})
    item = _of(_translate(node), "inject", "in")
    assert (item["payload"], item["payloadType"]) == ('{"a": [1, "ü"]}', "json")
    assert (item["repeat"], item["once"]) == ("90", False)


def test_messages_are_published_under_the_device_and_by_its_broker_and_muted_in_standby() -> None:
    tab = _translate(Node(id="a", type="mqtt_out"), Node(id="b", type="mqtt_out", config={"topic": "alarms"}))
    (broker,) = (item for item in tab.items if item["type"] == "mqtt-broker")
    assert (broker["broker"], broker["port"]) == ("mqtt.test", "1884")
    assert '"edgeflow/devices/dev_001/out/flow_1/a"' in _of(tab, "function", "a")["func"]
    assert '"edgeflow/devices/dev_001/out/alarms"' in _of(tab, "function", "b")["func"]
    assert {item["type"] for item in tab.deployed(muted=True) if item.get("d")} == {"mqtt out"}
    assert not any("d" in item for item in tab.deployed(muted=False))


@pytest.mark.parametrize(("config", "qos"), [({}, "1"), ({"qos": 0}, "0"), ({"qos": 1}, "1")])
def test_messages_are_published_by_the_qos_of_the_settings(config: dict[str, Any], qos: str) -> None:
    tab = _translate(Node(id="a", type="mqtt_out", config=config))
    assert _of(tab, "mqtt out", "a")["qos"] == qos


def test_messages_that_are_to_be_stored_are_refused_with_a_remedy() -> None:
    node = Node(id="a", type="mqtt_out", config={"qos": 1, "store": True})
    with pytest.raises(FlowRejected, match=r"node a \(mqtt_out\): store: .* have the broker"):
        check_without_node_red(FlowArtifact(definition=Definition(nodes=(node,))))


def test_links_have_the_name_that_they_are_given_or_stay_within_their_flow() -> None:
    def ends(flow_id: str, **config: str) -> set[str]:
        nodes = (Node(id="from", type="link_in", config=config), Node(id="to", type="link_out", config=config))
        return set(translate(flow_id, VERSION, Definition(nodes=nodes, connections=()), DEVICE).link_ends.values())

    assert ends("flow_1", link="hall") == ends("flow_2", link="hall") == {"hall"}
    (mine,), (yours,) = ends("flow_1"), ends("flow_2")
    assert mine != yours


def test_a_simulated_sensor_says_so() -> None:
    tab = _translate(Node(id="hall", type="dht", name="Hall"))
    assert _of(tab, "function", "hall")["name"] == "Hall: DHT22 (simulated)"


def test_a_node_that_cannot_work_on_this_device_is_left_out_with_its_reason() -> None:
    tab = _translate(Node(id="hall", type="dht", config={"model": "DHT11"}), Node(id="hot", type="switch"))
    assert re.match("The node needs a DHT11 sensor", tab.faults["hall"])
    assert re.match("The flow has no variable 'threshold'", tab.faults["hot"])
    assert tab.owners == {}


def test_a_variable_that_a_rule_or_an_expression_cannot_have_is_said_of_its_node() -> None:
    rules = [{"action": "set", "variable": "nope"}]
    reserved = Variable(name="__evaluate_entry", type=VariableType.NUMBER, value=1)
    nodes = (
        Node(id="set", type="change", config={"rules": rules}),
        Node(id="e", type="expression", config={"expression": "1"}),
    )
    tab = _translate(*nodes, variables=(reserved,))
    assert re.match("The flow has no variable 'nope'", tab.faults["set"])
    assert re.match("The variable '__evaluate_entry' has a name that is reserved", tab.faults["e"])


def test_keys_of_a_script_s_constants_are_keys_in_javascript_too() -> None:
    rules = [{"action": "set", "value": {"__proto__": {"a": "\"'\\"}}}]
    script = _of(_translate(Node(id="set", type="change", config={"rules": rules})), "function", "set")["func"]
    assert script.startswith("const rules = JSON.parse(")


def test_variables_are_the_environment_of_the_tab() -> None:
    variables = (
        Variable(name="a", type=VariableType.NUMBER, value=3),
        Variable(name="b", type=VariableType.STRING, value="x"),
        Variable(name="c", type=VariableType.JSON, value={"k": True}),
    )
    tab = _translate(Node(id="log", type="debug"), variables=variables).items[0]
    assert tab["env"] == [
        {"name": "a", "type": "num", "value": "3"},
        {"name": "b", "type": "str", "value": "x"},
        {"name": "c", "type": "json", "value": '{"k": true}'},
    ]


# --- Ids ----------------------------------------------------------------------------------------------------------


def test_ids_tell_device_flow_slot_version_and_artifact_apart() -> None:
    others = [
        TabName.of("dev_002", FLOW, VERSION),
        TabName.of("dev_001", "flow_2", VERSION),
        TabName.of("dev_001", FLOW, VERSION.model_copy(update={"slot": Slot.GREEN})),
        TabName.of("dev_001", FLOW, VERSION.model_copy(update={"version": 2})),
        TabName.of("dev_001", FLOW, VERSION.model_copy(update={"sha256": "b" * 64})),
    ]
    first = TabName.of("dev_001", FLOW, VERSION)
    assert len({first, *others}) == 6
    assert first == TabName.of("dev_001", FLOW, VERSION.model_copy(update={"since": NOON.replace(year=2030)}))
    assert [each.tab_id.startswith(family("dev_001")) for each in others] == [False, True, True, True, True]


# --- Native -------------------------------------------------------------------------------------------------------


def test_references_are_rewritten_and_what_only_looks_like_one_is_not() -> None:
    flows: list[dict[str, Any]] = [
        {"id": "z", "type": "tab"},
        {"id": "b", "type": "mqtt-broker", "name": "b"},
        {"id": "s", "type": "subflow", "in": [{"wires": [{"id": "i"}]}], "out": [{"wires": [{"id": "i", "port": 0}]}]},
        function("i", "", z="s"),
        {"id": "g", "type": "group", "z": "z", "nodes": ["1", "c"]},
        inject("1", "m", payload="1", z="z", g="g"),
        {
            "id": "m",
            "type": "mqtt in",
            "z": "z",
            "broker": "b",
            "topic": "b1",
            "label": "b",
            "x": 1,
            "y": 1,
            "wires": [["u"]],
        },
        {"id": "c", "type": "catch", "z": "z", "scope": ["1", "m"], "x": 1, "y": 1, "wires": [["lo"]]},
        link("lo", "out", ["li"], z="z"),
        link("li", "in", ["lo"], z="z"),
        {"id": "u", "type": "subflow:s", "z": "z", "x": 1, "y": 1, "wires": [[]]},
    ]
    items = {item["id"]: item for item in native_items(NativeSettings(flows=flows), "TAB", "new_{}".format)}
    assert set(items) == {f"new_{item['id']}" for item in flows} - {"new_z"}
    assert items["new_1"]["wires"] == [["new_m"]]
    assert (items["new_1"]["z"], items["new_1"]["g"], items["new_1"]["payload"]) == ("TAB", "new_g", "1")
    assert (items["new_m"]["broker"], items["new_m"]["topic"], items["new_m"]["label"]) == ("new_b", "b1", "b")
    assert "z" not in items["new_b"]
    assert items["new_b"]["name"] == "b"
    assert items["new_g"]["nodes"] == ["new_1", "new_c"]
    assert items["new_c"]["scope"] == ["new_1", "new_m"]
    assert (items["new_lo"]["links"], items["new_li"]["links"]) == (["new_li"], ["new_lo"])
    assert items["new_u"]["type"] == "subflow:new_s"
    assert items["new_s"]["in"] == [{"wires": [{"id": "new_i"}]}]
    assert items["new_s"]["out"] == [{"wires": [{"id": "new_i", "port": 0}]}]
    assert items["new_i"]["z"] == "new_s"


def test_nodes_of_a_disabled_tab_stay_disabled() -> None:
    flows = [{"id": "z", "type": "tab", "disabled": True}, inject("1", z="z")]
    (item,) = native_items(NativeSettings(flows=flows), "TAB", str)
    assert item["d"] is True


@pytest.mark.parametrize(
    ("item", "muted"),
    [
        ({"type": "mqtt out", "wires": []}, True),
        ({"type": "http request", "wires": [["x"]]}, True),
        ({"type": "file", "wires": [[]]}, True),
        ({"type": "exec", "wires": [[], [], []]}, True),
        ({"type": "link call", "wires": [[]]}, True),
        ({"type": "some-motor", "wires": []}, True),
        ({"type": "some-relay", "wires": [[]]}, False),
        ({"type": "debug", "wires": []}, False),
        ({"type": "link out", "wires": []}, False),
        ({"type": "function", "wires": [[]]}, False),
        ({"type": "subflow:s", "wires": []}, False),
        ({"type": "group"}, False),
    ],
)
def test_what_acts_on_the_world_is_muted(item: dict[str, Any], muted: bool) -> None:  # noqa: FBT001  a case's outcome
    assert is_muted({"id": "n", "x": 1, "y": 1} | item) is muted
    assert is_muted({"id": "n", "x": 1, "y": 1} | item, frozenset({item["type"]}))


@pytest.mark.parametrize(
    ("nodes", "reason", "fault"),
    [
        ([Node(id="n", type="teleport")], Reason.UNKNOWN_NODE_TYPE, "there is no translation to Node-RED of teleport"),
        ([], Reason.INVALID_ARTIFACT, "the flow has no nodes"),
        ([Node(id="n", type="node-red")], Reason.INVALID_ARTIFACT, "node n (node-red): flows: Field required"),
        ([Node(id="n", type="switch", config={"a": 1})], Reason.INVALID_ARTIFACT, "node n (switch): a:"),
        ([{"id": ""}], Reason.INVALID_ARTIFACT, "flows: item 0 has no id"),
        ([{"id": "a"}], Reason.INVALID_ARTIFACT, "flows: item 0 has no type"),
        ([{"id": "a", "type": "t", "wires": ["b"]}], Reason.INVALID_ARTIFACT, "the wires of item a are not lists of"),
        ([inject("a"), inject("a")], Reason.INVALID_ARTIFACT, "flows: 2 items have the id a"),
        ([inject("a", "b")], Reason.INVALID_ARTIFACT, "flows: inject a leads to b, which is not among them"),
        ([link("a", "out", ["b"])], Reason.INVALID_ARTIFACT, "flows: link out a leads to b, which is not among them"),
    ],
)
def test_a_flow_that_makes_no_sense_is_refused(nodes: list[Any], reason: Reason, fault: str) -> None:
    if nodes and isinstance(nodes[0], dict):
        nodes = [Node(id="n", type="node-red", config={"flows": nodes})]
    with pytest.raises(FlowRejected) as refused:
        check_without_node_red(FlowArtifact(definition=Definition(nodes=tuple(nodes))))
    assert refused.value.reason is reason
    assert fault in refused.value.message


def test_a_native_node_is_connected_to_nothing() -> None:
    nodes = (Node(id="n", type="node-red", config={"flows": [inject("a")]}), Node(id="log", type="debug"))
    wired = Definition(nodes=nodes, connections=(Connection(source="n", target="log"),))
    with pytest.raises(FlowRejected, match="connection n to log: node-red n takes and sends no messages"):
        check_without_node_red(FlowArtifact(definition=wired))


# --- The full set -------------------------------------------------------------------------------------------------

OURS = family("dev_001")
TAB = {"id": f"{OURS}1", "type": "tab", "label": "a"}
NODE = {"id": f"{OURS}1_n", "type": "debug", "z": f"{OURS}1", "x": 1}
FOREIGN = {"id": "f", "type": "tab"}
OTHERS = {"id": f"{family('dev_002')}1", "type": "tab"}


def test_ours_are_put_beside_the_others_and_taken_away_again() -> None:
    present = [FOREIGN, OTHERS]
    with_ours = arranged(present, [TAB, NODE], OURS)
    assert with_ours == [FOREIGN, OTHERS, TAB, NODE]
    assert arranged(with_ours, [TAB, NODE], OURS) is None
    assert arranged(with_ours, [], OURS) == present


@pytest.mark.parametrize(
    ("now", "as_asked"),
    [
        (NODE | {"added by the editor": 1}, True),
        (NODE | {"d": False}, True),
        (NODE | {"d": True}, False),
        (NODE | {"x": 2}, False),
    ],
)
def test_an_item_is_replaced_when_it_is_not_as_asked(now: dict[str, Any], as_asked: bool) -> None:  # noqa: FBT001  as above
    assert arranged([TAB, now, FOREIGN], [TAB, NODE], OURS) == (None if as_asked else [TAB, NODE, FOREIGN])


def test_credentials_that_node_red_keeps_to_itself_are_no_difference() -> None:
    assert arranged([TAB, NODE], [TAB, NODE | {"credentials": {"password": "x"}}], OURS) is None


def test_what_somebody_put_on_a_tab_of_ours_goes_with_it() -> None:
    guest = {"id": "guest", "type": "debug", "z": TAB["id"]}
    assert arranged([TAB, NODE, guest, FOREIGN], [TAB, NODE], OURS) is None
    assert arranged([TAB, NODE, guest, FOREIGN], [], OURS) == [FOREIGN]


# --- What a tab tells ---------------------------------------------------------------------------------------------


def _state(run: str, *failed: str, count: int | None = None) -> TabState:
    told = [{"id": name, "kind": "error", "text": "no"} for name in failed]
    read = TabState.read(
        {"run": run, "count": len(failed) if count is None else count, "failures": told, "unwell": {}, "sent": {}}
    )
    assert read is not None
    return read


def test_each_failure_is_told_once_also_across_a_restart_of_the_tab() -> None:
    first, second, anew = _state("r1", "a"), _state("r1", "a", "b", "c"), _state("r2", "d")
    assert [each.item_id for each in first.failures_after(None)] == ["a"]
    assert [each.item_id for each in second.failures_after(first)] == ["b", "c"]
    assert second.failures_after(second) == ()
    assert [each.item_id for each in anew.failures_after(second)] == ["d"]
    assert len(_state("r1", *"abc", count=900).failures_after(first)) == 3


def test_a_tab_that_has_not_started_tells_nothing() -> None:
    assert TabState.read(None) is None
    assert TabState.read({"run": 1}) is None


def test_what_a_native_node_sends_cannot_be_watched_by_a_health_check() -> None:
    natives = Node(id="hall", type="node-red", config={"flows": [inject("a")]})
    watched = EmittedCheck(name="alive", type="emitted", node="hall")
    twice = HttpCheck(name="alive", type="http", url="http://127.0.0.1/")
    definition = Definition(nodes=(natives,), health_checks=(watched, twice))
    with pytest.raises(FlowRejected) as refused:
        check_without_node_red(FlowArtifact(definition=definition))
    assert refused.value.faults == (
        "2 health checks have the name alive",
        (
            "health check alive: what node-red hall sends cannot be counted; watch one of the other nodes, or ask by a "
            "check of type http or command"
        ),
    )


@pytest.mark.parametrize("node_type", ["file", "gpio_in", "gpio_out"])
def test_a_type_that_cannot_be_translated_is_refused_with_what_to_do_instead(node_type: str) -> None:
    definition = Definition(nodes=(Node(id="n1", type=node_type),))
    with pytest.raises(FlowRejected) as refused:
        check_without_node_red(FlowArtifact(definition=definition))
    assert refused.value.reason is Reason.UNKNOWN_NODE_TYPE
    assert refused.value.faults[0].startswith(f"{node_type}: put ")
    assert refused.value.faults[0].endswith("into a node of type node-red")
