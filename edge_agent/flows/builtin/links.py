"""Links between the flows of one device: what goes in at ``link_out`` comes out at every ``link_in`` of that name."""

import threading
from collections.abc import Callable

from edge_agent.flows.language.messages import Message

Take = Callable[[Message], None]


class Links:
    """Who listens to which name. All methods are thread-safe; a listener must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, tuple[Take, ...]] = {}

    def listen(self, name: str, take: Take) -> Callable[[], None]:
        """Hand every message sent to this name to ``take``, on the sender's thread; returns what ends that."""
        with self._lock:
            self._listeners[name] = (*self._listeners.get(name, ()), take)

        def end() -> None:
            with self._lock:
                left = tuple(other for other in self._listeners.get(name, ()) if other is not take)
                if left:
                    self._listeners[name] = left
                else:
                    self._listeners.pop(name, None)

        return end

    def send(self, name: str, message: Message) -> int:
        """Hand a message to all that listen to the name; returns how many they are."""
        listeners = self._listeners.get(name, ())
        for take in listeners:
            take(message)
        return len(listeners)
