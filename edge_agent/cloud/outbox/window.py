"""How much of what flows publish is under way at once, up to the broker.

All that a connection was given goes before a job's next word, whether it waits in the MQTT client, in the kernel or on
a slow link. Only the broker's answer shows that it has arrived, and a message with QoS 0 gets none. So now and then one
of those goes out with QoS 1: its acknowledgement is one of all that went before it.
"""

import itertools
from typing import Final

from edge_agent.cloud.outbox.message import Outgoing
from edge_agent.flows.publishing import Qos

MAX_MESSAGES: Final = 16
MAX_BYTES: Final = 16 * 1024
"""So much may be under way; a larger message may when nothing else is waited for."""


class Window:
    """What is under way. For one thread."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._under_way: dict[int, tuple[Outgoing, Qos]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def messages(self) -> tuple[Outgoing, ...]:
        """All that is under way, in order."""
        return tuple(message for message, _ in self._under_way.values())

    def has_room_for(self, message: Outgoing) -> bool:
        """Tell whether it may go now."""
        if not any(qos for _, qos in self._under_way.values()):
            return True  # nothing is waited for; less than half of the window is under way
        return len(self._under_way) < MAX_MESSAGES and self._bytes + message.size <= MAX_BYTES

    def enter(self, message: Outgoing) -> tuple[int, Qos]:
        """Note that it goes now; returns its number, and the QoS by which it is to go."""
        number, qos = next(self._numbers), message.qos
        if qos == 0:
            unseen = [message.size]
            for earlier, sent_by in reversed(self._under_way.values()):
                if sent_by == 1:
                    break
                unseen.append(earlier.size)
            if len(unseen) >= MAX_MESSAGES // 2 or sum(unseen) >= MAX_BYTES // 2:
                qos = 1
        self._under_way[number] = (message, qos)
        self._bytes += message.size
        return number, qos

    def arrived(self, number: int) -> Outgoing | None:
        """Note that the broker has acknowledged this one; those without QoS before it have arrived, too."""
        if number not in self._under_way:
            return None  # of an earlier connection
        for earlier, (message, _) in tuple(self._under_way.items()):
            if earlier < number and message.qos == 0:
                self._leave(earlier)
        return self._leave(number)

    def failed(self, number: int) -> Outgoing | None:
        """Note that this one is not under way any more, and has not arrived."""
        return self._leave(number)

    def clear(self) -> tuple[Outgoing, ...]:
        """Note that nothing is under way any more; returns what was, in order."""
        left = self.messages
        self._under_way.clear()
        self._bytes = 0
        return left

    def _leave(self, number: int) -> Outgoing | None:
        message, _ = self._under_way.pop(number, (None, 0))
        if message is not None:
            self._bytes -= message.size
        return message
