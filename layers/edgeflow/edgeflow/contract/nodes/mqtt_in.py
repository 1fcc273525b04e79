"""``mqtt_in``: sends on what comes to the device by MQTT, under the device's own input topic."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, StringConstraints

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.mqtt_out import MAX_SUFFIX_LENGTH, MAX_SUFFIX_LEVELS

MAX_DEPTH: Final = 64
"""Levels of JSON that are read; nobody means more, and a message of brackets alone must not end the agent."""


def _is_a_filter(suffix: str) -> str:
    levels = suffix.split("/")
    well_formed = all(
        level == "+" or (level == "#" and index == len(levels) - 1) or (level and not {"+", "#"} & set(level))
        for index, level in enumerate(levels)
    )
    if not well_formed or suffix.startswith(("edgeflow/", "$")):
        message = (
            "is the part after edgeflow/devices/{device id}/in/, such as orders/+/new or orders/#; "
            "no level may be empty, + and # stand for whole levels, # only at the end"
        )
        raise ValueError(message)
    if len(levels) > MAX_SUFFIX_LEVELS:
        message = f"has more than {MAX_SUFFIX_LEVELS} levels"
        raise ValueError(message)
    return suffix


TopicFilter = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.:$/+#-]+$", max_length=MAX_SUFFIX_LENGTH),
    AfterValidator(_is_a_filter),
]


class MqttInSettings(NodeSettings):
    """Which topics under the device's input topic are meant (all, when absent), and how payloads are read."""

    topic: TopicFilter = "#"
    format: Literal["json", "text"] = "json"


class MqttInKind(NodeKind[MqttInSettings]):
    """``mqtt_in``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = MqttInSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: MqttInSettings, *, switched: bool) -> None:
        """Return None: messages from outside decide."""
