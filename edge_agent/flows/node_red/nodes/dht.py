"""``dht`` is a timer and a function that sends a reading: a simulated one, for there is no driver in Node-RED."""

import hashlib
import math
from typing import Final

from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.draft import STEP, Draft, Translation, title_of
from edge_agent.flows.node_red.scripts import script
from edgeflow.contract.flow import Node
from edgeflow.contract.nodes.dht import SWING_SECONDS, DhtModel, DhtSettings

SIMULATED: Final = "simulated"
"""What the names of nodes say that measure nothing."""


def read_dht(device_id: str, model: DhtModel, unit: str) -> str:
    """Return the script that sends a reading on the curve of ``SimulatedSensor``."""
    seed = hashlib.sha256(device_id.encode()).digest()
    phases = [int.from_bytes(seed[start : start + 4]) / 2**32 * math.tau for start in (0, 4)]
    scale = 1 if model is DhtModel.DHT11 else 10
    return script("read_dht", phases=[*phases], scale=scale, turnSeconds=SWING_SECONDS, unit=unit)


def translate(draft: Draft, node: Node) -> None:
    """Put the timer, and the function to the right of it."""
    settings = DhtSettings.model_validate(node.config)
    surroundings = draft.surroundings
    model = DhtModel(settings.model or surroundings.hardware.get("dht_model") or DhtModel.DHT22)
    reader = draft.name.item(node.id)
    every = settings.interval.total_seconds()
    title = f"{title_of(node)}: time to read"
    timer = items.inject(draft.name.item(node.id, "timer"), title, "null", once=True, repeat=every)
    draft.put(node, timer, wires=[[reader]])
    title = f"{title_of(node)}: {model.value} ({SIMULATED})"
    text = read_dht(surroundings.device_id, model, settings.unit)
    draft.put(node, items.function(reader, title, text, outputs=1), wires=draft.wires_of(node, 1), at=STEP)


TRANSLATION: Final = Translation(translate, frozenset({"inject"}))
