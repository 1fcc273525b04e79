"""A worker's ends of the links between flows: within it they join at once, to other workers by the agent."""

import json
import logging
from collections.abc import Callable, Iterable

from edge_agent.flows.builtin.links import Links, Take
from edge_agent.flows.builtin.nodes.base import NodeError
from edge_agent.flows.language.messages import Message
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.upward import Upward

_log = logging.getLogger(__name__)


class LinkEnds(Links):
    """See the module."""

    def __init__(self, upward: Upward, heard: Iterable[str], *, limit: int) -> None:
        """Send by ``upward`` what others listen to, by these names of links, up to ``limit`` bytes a message."""
        super().__init__()
        self._upward = upward
        self._heard = frozenset(heard)
        self._limit = limit
        self._open: dict[str, int] = {}

    def heard_elsewhere(self, names: Iterable[str]) -> None:
        """Take the names that others listen to from now on."""
        self._heard = frozenset(names)

    def listen(self, name: str, take: Take) -> Callable[[], None]:
        """See Links.listen."""
        end = super().listen(name, take)
        self._count(name, 1)

        def end_here_and_there() -> None:
            end()
            self._count(name, -1)

        return end_here_and_there

    def send(self, name: str, message: Message) -> int:
        """See Links.send; those elsewhere count as one. Raises NodeError: it is too large for them."""
        here = super().send(name, message)
        if name not in self._heard:
            return here
        told = {"payload": message.payload, "source": message.source, "metadata": dict(message.metadata)}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        if len(body) > self._limit:
            reason = f"A message of {len(body)} bytes as JSON is too large for a link; links take {self._limit}."
            raise NodeError(reason)
        self._upward.say(sayings.LinkSent(name=name), body)
        return here + 1

    def came(self, name: str, body: bytes) -> None:
        """Hand over what came from elsewhere."""
        try:
            told = json.loads(body)
            message = Message(payload=told["payload"], source=str(told["source"]), metadata=dict(told["metadata"]))
        except (ValueError, LookupError, TypeError, RecursionError) as error:  # no fault of the flow that runs here
            _log.warning("what came by the link %s is no message: %s", name, error)
        else:
            super().send(name, message)

    def _count(self, name: str, more: int) -> None:
        with self._lock:
            before = self._open.get(name, 0)
            self._open[name] = before + more
        if (before == 0) is not (before + more == 0):
            self._upward.say(sayings.Listen(name=name, on=before == 0))
