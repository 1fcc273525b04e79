"""``mqtt_out``: publishes messages by the device's connection, under the device's own output topic."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

MAX_PAYLOAD_BYTES: Final = 128 * 1024  # AWS IoT: the largest MQTT message
MAX_SUFFIX_LENGTH: Final = 100  # AWS IoT: a topic has at most 256 bytes; the longest device id leaves so many
MAX_SUFFIX_LEVELS: Final = 4  # AWS IoT: a topic has at most 7 slashes; four come before the suffix


def _stays_under_the_device(suffix: str) -> str:
    levels = suffix.split("/")
    if not all(levels) or any(level in {".", ".."} for level in levels) or suffix.startswith(("edgeflow/", "$")):
        message = (
            "is the part after edgeflow/devices/{device id}/out/, such as alerts/hall-3; "
            "a device may publish nowhere else, and no level may be empty, . or .."
        )
        raise ValueError(message)
    if len(levels) > MAX_SUFFIX_LEVELS:
        message = f"has more than {MAX_SUFFIX_LEVELS} levels"
        raise ValueError(message)
    return suffix


TopicSuffix = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.:$/-]+$", max_length=MAX_SUFFIX_LENGTH),
    AfterValidator(_stays_under_the_device),
]


class MqttOutSettings(NodeSettings):
    """Where and how messages go.

    Attributes:
        topic: where under the device's output topic; ``{flow id}/{node id}`` when absent.
        qos: 0, at most once; or 1, at least once, and acknowledged. When absent, 0 over the device's own connection,
            and 1 to the broker that a Node-RED publishes to.
        store: keep messages on disk until they are acknowledged. Needs ``qos`` 1.
    """

    topic: TopicSuffix | None = None
    qos: Literal[0, 1] | None = None
    store: bool = False

    @model_validator(mode="after")
    def _what_is_stored_is_acknowledged(self) -> Self:
        if self.store and self.qos != 1:
            message = "store: needs qos 1; only what is acknowledged may be taken off the disk"
            raise ValueError(message)
        return self


class MqttOutKind(NodeKind[MqttOutSettings]):
    """``mqtt_out``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = MqttOutSettings

    @classmethod
    def seconds_to_fail(cls, settings: MqttOutSettings) -> float:
        """Return how long a message of QoS 1 may wait until it is acknowledged; one of QoS 0 is gone at once."""
        return ACKNOWLEDGED_WITHIN_SECONDS if settings.qos == 1 else 0.0

    @classmethod
    def ports(cls, settings: MqttOutSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()
