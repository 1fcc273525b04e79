"""What the agent tells a worker at its start. It is pickled: the agent is to be trusted, so is what is in its settings.

All that follows are frames of these kinds: ``message`` (``id`` of the subscription, ``topic``), ``published`` (``id``,
``error``, ``refusal``), ``settled`` (``topic``, ``error``), ``answer`` (``id``, ``answer``), ``muted`` (``value``),
``heard`` (``names`` that others listen to), and ``link`` (``name``), ``stop``. The process that keeps the GPIO lines
hears ``do`` (``worker``, ``id``, ``name``, ``call``), ``forget`` (``worker``) and ``stop``.
"""

import pickle
from dataclasses import dataclass, field
from typing import Final, Self

from edge_agent.flows.surroundings import FlowSurroundings

ARTIFACT_ROOM: Final = 1024 * 1024
"""Of the first frame that a worker gets: its order, with an artifact of at most 256 KiB."""
MAX_MQTT_BYTES: Final = 128 * 1024
"""AWS IoT takes no more."""
_ROOM: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker may take.

    Attributes:
        memory: bytes, over what the fork server has. The agent ends who has more; the system refuses what would be
            ``ROOM_FOR_THREADS`` beyond that.
        silence: seconds in which nothing is heard of a worker that is taken to hang.
        niceness: added to the agent's own: the process of the jobs goes first.
    """

    memory: int = 96 * 1024 * 1024
    silence: float = 15.0
    niceness: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run, and where.

    Attributes:
        artifact: the flow's artifact, as JSON.
        surroundings: the device as the flow sees it.
        limits: what the worker may take.
        keeps_lines: have the GPIO lines of the device open for others, and run no flow.
        only_check: say whether the flow could run here, and run nothing.
        muted: whether the flow only stands by.
        heard: names of links that other workers listen to.
        log_level: what is logged from this level on is told to the agent.
    """

    artifact: bytes
    surroundings: FlowSurroundings
    limits: Limits = field(default_factory=Limits)
    keeps_lines: bool = False
    only_check: bool = False
    muted: bool = False
    heard: tuple[str, ...] = ()
    log_level: int = 20

    @property
    def max_body(self) -> int:
        """Bytes that a frame may carry: a message as JSON, in which control characters and quotes take more room."""
        return 2 * self.surroundings.message_limit + MAX_MQTT_BYTES + _ROOM

    def dump(self) -> bytes:
        """Return it as bytes."""
        return pickle.dumps(self)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what :meth:`dump` wrote. For a worker alone: what it reads comes from the agent."""
        order = pickle.loads(data)  # noqa: S301  see the module
        if not isinstance(order, cls):
            message = f"the first frame is no order but a {type(order).__name__}"
            raise TypeError(message)
        return order
