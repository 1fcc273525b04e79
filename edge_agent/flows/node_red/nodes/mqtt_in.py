"""``mqtt_in`` is Node-RED's own on the device's broker, and a function that reads what came."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.credentials import Credential
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.mqtt_in import MAX_DEPTH, MqttInSettings


def read_mqtt(prefix: str, *, as_json: bool) -> str:
    """Return the script that reads payloads, as JSON or as text, of topics below this prefix."""
    return script("read_mqtt", prefix=prefix, asJson=as_json, maxDepth=MAX_DEPTH)


def translate(draft: Draft, node: Node) -> None:
    """Put the listener, the function to the right of it, and the broker, once for the tab."""
    settings = MqttInSettings.model_validate(node.config)
    prefix = f"edgeflow/devices/{draft.surroundings.device_id}/in/"
    reader, listener = draft.name.item(node.id), draft.name.item(node.id, "listener")
    topic = draft.hide_text(node, "topic", prefix + settings.topic)
    shown = topic.property() if isinstance(topic, Credential) else topic
    item = items.mqtt_in(listener, title_of(node), shown, draft.broker())
    draft.put(node, item, wires=[[reader]])
    text = read_mqtt(prefix, as_json=settings.format == "json")
    draft.put(node, items.function(reader, title_of(node), text, outputs=1), wires=draft.wires_of(node, 1), at=STEP)
    draft.may_be_offline.add(listener)


TRANSLATION: Final = Translation(translate, frozenset({"mqtt in", "mqtt-broker"}))
