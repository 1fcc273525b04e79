"""What the flows of a device listen to by MQTT: many listeners, one subscription for each topic filter."""

import logging
import threading
from collections.abc import Callable

Take = Callable[[str, bytes], None]
"""Takes an MQTT topic and what came there."""

_log = logging.getLogger(__name__)


class Subscriptions:
    """Who listens to what. All methods are thread-safe."""

    def __init__(self, *, subscribe: Callable[[str], None], unsubscribe: Callable[[str], None]) -> None:
        """Ask for a topic filter, or end that, by these two; they do not wait, and do nothing while offline."""
        self._subscribe = subscribe
        self._unsubscribe = unsubscribe
        self._lock = threading.Lock()
        self._listeners: dict[str, tuple[Take, ...]] = {}

    def listen(self, topic_filter: str, take: Take) -> Callable[[], None]:
        """Hand everything that comes to the filter to ``take``, now or once connected; returns what ends that."""
        with self._lock:
            present = self._listeners.get(topic_filter, ())
            self._listeners[topic_filter] = (*present, take)
        if not present:
            self._subscribe(topic_filter)

        def end() -> None:
            with self._lock:
                left = tuple(other for other in self._listeners.get(topic_filter, ()) if other is not take)
                if left:
                    self._listeners[topic_filter] = left
                    return
                known = self._listeners.pop(topic_filter, None)
            if known is not None:
                self._unsubscribe(topic_filter)

        return end

    def renew(self) -> None:
        """Subscribe again to everything; a new connection knows nothing of the one before."""
        with self._lock:
            filters = list(self._listeners)
        for topic_filter in filters:
            self._subscribe(topic_filter)

    def deliver(self, topic: str, payload: bytes) -> None:
        """Hand a message to everybody whose filter it matches, once each."""
        with self._lock:
            takers = [take for each, listeners in self._listeners.items() if matches(each, topic) for take in listeners]
        for take in takers:
            take(topic, payload)


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether a filter with MQTT's wildcards ``+`` (a level) and ``#`` (all further ones) means a topic."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in {"+", levels[index]}:
            return False
    return len(wanted) == len(levels)
