"""How a flow publishes, whoever runs it and wherever the connection is."""

from collections.abc import Callable
from enum import Enum
from typing import Literal, Protocol

Qos = Literal[0, 1]
"""At most once, without evidence; or at least once, acknowledged."""
Settled = Callable[[str | None], None]
"""Hears what became of messages with QoS 1 to one topic: None when one was acknowledged, else what failed, a clause.

On any thread, and it must return soon. A message that was not acknowledged in time is tried on, and may be later.
"""


class Refusal(Enum):
    """Why a message is not taken."""

    OFFLINE = "offline"
    """The device is not connected; the sender may keep the message and try again."""
    BUSY = "busy"
    """As much waits for the connection as may; the sender may keep the message and try again."""
    STORE_FULL = "store full"
    """As much is kept on disk as may."""
    STORE_UNUSABLE = "store unusable"
    """The disk does not take it."""


class NotPublished(ConnectionError):
    """A message was not taken; the text is a clause that says why."""

    def __init__(self, refusal: Refusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


class Publish(Protocol):
    """Takes a message on its way to the device's MQTT broker, and returns at once."""

    def __call__(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        """Take it. Messages of one topic go out in the order in which they were taken.

        With ``store`` it is on disk when this returns, and goes out by QoS 1, also after a restart; otherwise it is
        lost when the agent ends first. ``settled`` may hear of what others publish to the same topic as well.

        Raises:
            NotPublished: it was not taken.
        """
        ...
