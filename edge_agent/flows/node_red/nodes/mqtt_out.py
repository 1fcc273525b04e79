"""``mqtt_out`` is a function that writes JSON, and a node that publishes it to the device's own broker."""

from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.credentials import Credential
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES, MqttOutSettings


def write_mqtt(topic: str | Credential) -> str:
    """Return the script that makes a payload the JSON that is published to this topic."""
    return script("write_mqtt", topic=topic, maxBytes=MAX_PAYLOAD_BYTES)


def translate(draft: Draft, node: Node) -> None:
    """Put the function, the sender to the right of it, and the broker, once for the tab."""
    settings = MqttOutSettings.model_validate(node.config)
    suffix = settings.topic or f"{draft.flow_id}/{node.id}"
    qos = 1 if settings.qos is None else settings.qos  # a broker that passes messages on keeps only those while offline
    topic = draft.hide_text(node, "topic", f"edgeflow/devices/{draft.surroundings.device_id}/out/{suffix}")
    text = write_mqtt(topic)
    sender = draft.name.item(node.id, "sender")
    draft.put(node, items.function(draft.name.item(node.id), title_of(node), text, outputs=1), wires=[[sender]])
    draft.put(node, items.mqtt_out(sender, title_of(node), draft.broker(), qos=qos), wires=[], at=STEP)
    draft.silenced.add(sender)
    draft.may_be_offline.add(sender)


TRANSLATION: Final = Translation(translate, frozenset({"mqtt out", "mqtt-broker"}))
